package import EngineProtocol
import TerminalUI

/// A sweep as the screen has it: the newest state, and what the user has chosen of it, which all views share.
package struct SweepModel: Sendable {
  /// The newest state.
  package private(set) var snapshot: SweepSnapshot
  /// How fast it is trained.
  package private(set) var pace: SweepPace
  /// Which trials are shown.
  package private(set) var filter = TrialFilter.all
  /// The column by which trials are sorted.
  package private(set) var column = TrialColumn.objective
  /// Whether the largest values go first.
  package private(set) var isDescending: Bool
  /// The indices of the shown trials in the snapshot, sorted.
  package private(set) var visible: [Int] = []
  /// The number of the selected trial; nil if none is shown.
  package private(set) var selected: Int?
  /// The numbers of the marked trials, in the order in which they were marked.
  package private(set) var marked: [Int] = []
  /// The index of the parameter against which the objective is drawn.
  package private(set) var parameter = 0
  /// The index of the parameter that colours the points; nil for none.
  package private(set) var colorParameter: Int?
  // The parameters whose axis has not the scale that suits their values.
  private var otherScales: Set<Int> = []

  /// A sweep, sorted by the objective, best first.
  package init(_ snapshot: SweepSnapshot) {
    self.snapshot = snapshot
    pace = snapshot.pace
    isDescending = snapshot.objective.isMaximized
    // Words need the fewest colours.
    colorParameter =
      snapshot.parameters.indices.first { index in
        if case .categories = snapshot.parameters[index].scale { index > 0 } else { false }
      } ?? (snapshot.parameters.count > 1 ? 1 : nil)
    arrange()
    selectRow(0)
  }

  /// Takes a newer state.
  mutating func update(_ snapshot: SweepSnapshot) {
    self.snapshot = snapshot
    pace = snapshot.pace
    arrange()
    if selected == nil { selectRow(0) }
  }

  // MARK: Selection

  /// The selected trial.
  package var trial: SweepSnapshot.Trial? { selected.flatMap { snapshot.trial($0) } }

  /// The row of the selected trial; 0 if it is not shown.
  package var row: Int { visible.firstIndex { snapshot.trials[$0].number == selected } ?? 0 }

  /// Selects the trial in a row, or in the nearest one.
  mutating func selectRow(_ row: Int) {
    guard !visible.isEmpty else { return selected = nil }
    selected = snapshot.trials[visible[max(0, min(visible.count - 1, row))]].number
  }

  /// Selects a trial.
  /// - Returns: whether it is shown.
  @discardableResult
  mutating func select(_ number: Int) -> Bool {
    guard visible.contains(number - 1) else { return false }
    selected = number
    return true
  }

  /// Marks a trial, or removes its mark.
  mutating func toggleMark(_ number: Int) {
    if let place = marked.firstIndex(of: number) { marked.remove(at: place) } else { marked.append(number) }
  }

  /// Removes all marks.
  mutating func unmarkAll() { marked = [] }

  // MARK: Parameters

  /// Draws the objective against a parameter.
  mutating func choose(parameter: Int) {
    if snapshot.parameters.indices.contains(parameter) { self.parameter = parameter }
  }

  /// Draws it against the next or the previous parameter.
  mutating func turnParameter(_ direction: Int) {
    let count = snapshot.parameters.count
    if count > 0 { parameter = (parameter + direction + count) % count }
  }

  /// Colours by a parameter; nil for the next one, and after the last one none.
  mutating func color(by parameter: Int?) {
    let next = parameter ?? (colorParameter.map { $0 + 1 } ?? 0)
    colorParameter = snapshot.parameters.indices.contains(next) ? next : nil
  }

  /// Changes the scale of the shown parameter's axis between linear and logarithmic.
  mutating func toggleScale() { otherScales.formSymmetricDifference([parameter]) }

  /// Whether a parameter's axis has not the scale that suits its values.
  func hasOtherScale(_ parameter: Int) -> Bool { otherScales.contains(parameter) }

  // MARK: Order

  /// Shows the trials that a filter accepts.
  /// - Throws: `TrialFilter.Mistake`.
  mutating func filter(by text: String) throws {
    filter = try TrialFilter(text, in: snapshot)
    arrange()
    if !visible.contains(where: { snapshot.trials[$0].number == selected }) { selectRow(0) }
  }

  /// Sorts by a column; by the same one again in the opposite order.
  mutating func sort(by column: TrialColumn) {
    isDescending = column == self.column ? !isDescending : column.isDescendingAtFirst(in: snapshot)
    self.column = column
    arrange()
  }

  /// Sorts by the next or the previous column.
  mutating func turnColumn(_ direction: Int) {
    let columns = TrialColumn.all(of: snapshot)
    let place = columns.firstIndex(of: column) ?? 0
    sort(by: columns[(place + direction + columns.count) % columns.count])
  }

  // Trials without a value go last in either order, and equal ones are ordered by number.
  private mutating func arrange() {
    let shown = snapshot.trials.indices.filter { filter.accepts(snapshot.trials[$0], in: snapshot) }
    let isDescending = isDescending
    func sorted<Key: Comparable>(_ keys: [Key?]) -> [Int] {
      zip(shown, keys).sorted { first, second in
        switch (first.1, second.1) {
        case (let a?, let b?) where a != b: isDescending ? a > b : a < b
        case (nil, _?): false
        case (_?, nil): true
        default: first.0 < second.0
        }
      }.map(\.0)
    }
    let trials = shown.map { snapshot.trials[$0] }
    let numbers = column.isNumeric ? trials.map { column.number(of: $0) } : []
    // A parameter with words for values.
    let isTextual = numbers.allSatisfy { $0 == nil }
    visible = isTextual ? sorted(trials.map { column.text(of: $0, in: snapshot) }) : sorted(numbers)
  }
}
