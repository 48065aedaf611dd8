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
