package import TerminalUI

/// Which parts of the live screen stand where: a pure function of the size and of how much there is to show.
///
/// Nothing says that a terminal is too small: parts go, the least important first, down to one line of state.
package struct LiveLayout: Hashable, Sendable {
  /// How the lanes are shown.
  package enum Form: Hashable, Sendable {
    /// A panel each.
    case panels
    /// A line each, and one merged chart where there is room.
    case compact
  }

  /// How the lanes are shown.
  package let form: Form
  /// The state of the run, always there.
  package let status: Rect
  /// The screens' names and the data set's origin; empty where there is no room.
  package let tabs: Rect
  /// The screen itself.
  package let body: Rect
  /// The lanes' differences.
  package let gap: Rect
  /// The hyperparameters.
  package let knobs: Rect
  /// The newest lines of the journal, beside the hyperparameters; empty where there is no room.
  package let journal: Rect
  /// The hints, messages and entries.
  package let footer: Rect

  /// - Parameters:
  ///   - laneCount: how many lanes there are.
  ///   - knobCount: how many hyperparameters the lanes have.
  ///   - showsJournal: whether the journal's newest lines are wanted beside the hyperparameters.
  ///   - showsResults: whether a row of results a lane takes the hyperparameters' place.
  init(
    width: Int, height: Int, laneCount: Int, knobCount: Int, showsJournal: Bool = true, showsResults: Bool = false,
    isMaximised: Bool = false
  ) {
    let screen = Rect(x: 0, y: 0, width: width, height: height)
    // Panels only where at least two lanes can be compared.
    let places = max(1, width / 36) * max(1, (height - 5) / 13)
    form = width >= 36 && height >= 18 && places >= min(2, laneCount) ? .panels : .compact
    // What is maximised takes the rows of the boxes below it.
    let gapLines =
      isMaximised ? min(1, laneCount - 1) : max(0, min(laneCount - 1, height >= 40 ? 3 : height >= 30 ? 2 : 1))
    var top = 1
    var bottom = height
    func take(_ rows: Int) -> Rect {
      bottom -= rows
      return Rect(x: 0, y: bottom, width: width, height: rows)
    }
    status = screen.row(0)
    switch form {
    case .panels:
      tabs = screen.row(1)
      top = 2
      footer = take(1)
      let boxed = height >= 34 && width >= 76 && !isMaximised
      if boxed {
        let journalWidth = width >= 150 && showsJournal ? min(76, width * 2 / 5) : 0
        let blocks = max(1, KnobTable.blocks(width: width - journalWidth - 4, laneCount: laneCount))
        let rows = showsResults ? laneCount : (max(1, knobCount) + blocks - 1) / blocks
        let area = take(min(rows + 3, height / 4))
        knobs = Rect(x: 0, y: area.y, width: width - journalWidth, height: area.height)
        journal = Rect(x: width - journalWidth, y: area.y, width: journalWidth, height: area.height)
      } else {
        knobs = take(height >= 22 ? 2 : 1)
        journal = Rect(x: 0, y: 0, width: 0, height: 0)
      }
      gap = take(gapLines)
    case .compact:
      let hasTabs = height >= 12 && width >= 44
      tabs = Rect(x: 0, y: 1, width: width, height: hasTabs ? 1 : 0)
      top = hasTabs ? 2 : 1
      footer = height >= 5 ? take(1) : Rect(x: 0, y: height, width: width, height: 0)
      knobs = height >= 3 + laneCount ? take(1) : Rect(x: 0, y: bottom, width: width, height: 0)
      gap = height >= 8 && laneCount > 1 ? take(1) : Rect(x: 0, y: bottom, width: width, height: 0)
      journal = Rect(x: 0, y: 0, width: 0, height: 0)
    }
    body = Rect(x: 0, y: top, width: width, height: bottom - top)
  }

  /// How many panels stand side by side and above each other for so many lanes; the rest is on further pages.
  static func grid(_ body: Rect, laneCount: Int) -> (columns: Int, rows: Int) {
    let columns = max(1, min(laneCount, body.width / 36))
    let rows = max(1, min((laneCount + columns - 1) / columns, body.height / 13))
    // Four lanes in three columns would leave two holes.
    let even = min(columns, max(1, (laneCount + rows - 1) / rows))
    return (even, rows)
  }
}

/// Which rows of a lane's panel hold what: a pure function of its inner height.
struct LanePanelLayout: Hashable {
  /// Rows of the loss chart, below its heading in row 0.
  let lossRows: Int
  /// The row of the accuracy's heading.
  let accuracyHeading: Int
  /// Rows of the accuracy chart, below its heading.
  let accuracyRows: Int
  /// The first row of the details: flips, norms, sizes.
  let details: Int
  /// Rows of the details.
  let detailRows: Int

  /// - Parameter isMaximised: whether the charts get what rows the panel has; the details are few then.
  init(height: Int, isMaximised: Bool = false) {
    // Headings first, then a loss chart, then details of a few rows, then an accuracy chart; what is left is shared.
    let room = max(0, height - 2)
    let detailRows =
      switch room {
      case ..<7: 0
      case ..<16 where isMaximised: 0
      case ..<24 where isMaximised: 3
      case ..<40 where isMaximised: 4
      case _ where isMaximised: 7
      case ..<12: 3
      case ..<16: 4
      case ..<22: 5
      case ..<30: 7
      default: min(16, room / 3)
      }
    let charts = room - detailRows
    lossRows = charts < 6 ? charts : (charts * 11 + 10) / 20
    accuracyHeading = 1 + lossRows
    accuracyRows = charts - lossRows
    details = accuracyHeading + 1 + accuracyRows
    self.detailRows = detailRows
  }
}
