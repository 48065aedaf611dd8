package import TerminalUI

/// The layout of the live screen, a pure function of its size and of what there is to show.
///
/// No terminal is too small: parts are left out, the least important first, down to one line of state.
package struct LiveLayout: Hashable, Sendable {
  /// How the lanes are shown.
  package enum Form: Hashable, Sendable {
    /// One panel per lane.
    case panels
    /// One line per lane, and one combined chart if there is room.
    case compact
  }

  /// How the lanes are shown.
  package let form: Form
  /// The state of the run, always present.
  package let status: Rect
  /// The tabs and the data set's location; empty if there is no room.
  package let tabs: Rect
  /// The view.
  package let body: Rect
  /// The differences between lanes.
  package let gap: Rect
  /// The hyperparameters.
  package let knobs: Rect
  /// The newest lines of the journal, beside the hyperparameters; empty if there is no room.
  package let journal: Rect
  /// Hints, messages and entries.
  package let footer: Rect

  /// - Parameters:
  ///   - laneCount: number of lanes.
  ///   - knobCount: number of hyperparameters of the lanes.
  ///   - showsJournal: whether to show the journal's newest lines beside the hyperparameters.
  ///   - showsResults: whether results, one row per lane, replace the hyperparameters.
  init(
    width: Int, height: Int, laneCount: Int, knobCount: Int, showsJournal: Bool = true, showsResults: Bool = false,
    isMaximised: Bool = false
  ) {
    let screen = Rect(x: 0, y: 0, width: width, height: height)
    // Panels only if at least two lanes fit, so that they can be compared.
    let places = max(1, width / 36) * max(1, (height - 5) / 13)
    form = width >= 36 && height >= 18 && places >= min(2, laneCount) ? .panels : .compact
    // A maximised part also takes the rows of the boxes below it.
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

  /// Returns the number of columns and rows of panels; the remaining lanes are on further pages.
  static func grid(_ body: Rect, laneCount: Int) -> (columns: Int, rows: Int) {
    let columns = max(1, min(laneCount, body.width / 36))
    let rows = max(1, min((laneCount + columns - 1) / columns, body.height / 13))
    // Four lanes in three columns would leave two gaps.
    let even = min(columns, max(1, (laneCount + rows - 1) / rows))
    return (even, rows)
  }
}

/// The rows of a lane's panel, a pure function of its inner height and its charts.
struct LanePanelLayout: Hashable {
  /// A chart with its heading.
  struct Chart: Hashable {
    /// The row of the heading; beyond the panel if there is no room for it.
    let heading: Int
    /// Rows of the chart, below its heading; 0 if only the heading is shown.
    let rows: Int
  }

  /// The charts from top to bottom.
  let charts: [Chart]
  /// The first row of the details: flips, norms, bytes.
  let details: Int
  /// Rows of the details.
  let detailRows: Int

  /// - Parameters:
  ///   - sizes: the relative heights of the charts.
  ///   - isMaximised: whether the charts get most rows, and the details few.
  init(height: Int, sizes: [Int], isMaximised: Bool = false) {
    // In order of priority: headings, the first chart, a few rows of details, further charts; the rest is shared.
    let room = max(0, height - sizes.count)
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
    let rows = Self.shares(of: room - detailRows, sizes)
    var charts: [Chart] = []
    var row = 0
    for count in rows {
      charts.append(Chart(heading: row, rows: count))
      row += 1 + count
    }
    self.charts = charts
    details = row
    self.detailRows = detailRows
  }

  // As many charts as have three rows share them.
  private static func shares(of rows: Int, _ sizes: [Int]) -> [Int] {
    let shown = max(1, min(sizes.count, rows / 3))
    let total = sizes.prefix(shown).reduce(0, +)
    var shares: [Int] = []
    var (taken, size) = (0, 0)
    for place in sizes.indices {
      guard place < shown else {
        shares.append(0)
        continue
      }
      size += sizes[place]
      let end = (rows * size + total / 2) / max(1, total)
      shares.append(end - taken)
      taken = end
    }
    return shares
  }
}
