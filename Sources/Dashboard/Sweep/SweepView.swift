package import TerminalUI

/// A screen of a sweep, in a file of its own. `SweepViews` lists the screens; tabs, keys, `:` commands and clicks are derived
/// from that list.
///
/// What the user has selected, sorted, filtered and marked is in the `SweepModel`, which all screens share.
package protocol SweepView: Sendable {
  /// Its title, key and help.
  static var tab: ViewTab { get }

  /// The view in its initial state.
  init()

  /// Draws the view.
  mutating func draw(in area: Rect, _ sweep: SweepModel, on painter: inout Painter)
  /// Moves the selection, or scrolls.
  mutating func scroll(_ move: ListMove, _ sweep: inout SweepModel)
  /// Chooses the next or the previous column or parameter.
  mutating func turn(_ direction: Int, _ sweep: inout SweepModel)
  /// Handles a click on an element, by the number with which it was registered as `HitMap.Target.place`.
  mutating func press(_ place: Int, _ sweep: inout SweepModel)
  /// What the keys for the next column choose here, for the hints; nil if they do nothing.
  var turnTitle: String? { get }
  /// The number of rows in a page.
  var pageHeight: Int { get }
}

extension SweepView {
  package mutating func scroll(_ move: ListMove, _ sweep: inout SweepModel) {
    switch move {
    case .first: sweep.selectRow(0)
    case .last: sweep.selectRow(.max)
    default: sweep.selectRow(sweep.row + move.rows(page: pageHeight))
    }
  }
  package mutating func turn(_ direction: Int, _ sweep: inout SweepModel) {}
  package mutating func press(_ place: Int, _ sweep: inout SweepModel) { sweep.select(place) }
  package var turnTitle: String? { nil }
  package var pageHeight: Int { 10 }
}

/// The screens of a sweep.
package enum SweepViews {
  /// Every screen, in tab order. The first one is shown initially.
  package static let all: [any SweepView.Type] = [
    TrialsView.self, SettingsView.self, ParametersView.self, ParallelView.self, CurvesView.self, ProgressView.self,
  ]
}
