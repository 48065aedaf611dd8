import EngineProtocol

// Hyperparameters: selecting, stepping, typing, undoing.

extension Dashboard {
  /// Runs a change of hyperparameters that sends commands.
  mutating func edit<Result>(_ change: (inout KnobEditor, (EngineCommand) -> CommandID) -> Result) -> Result {
    var editor = live.editor
    defer { live.editor = editor }
    return change(&editor) { send($0) }
  }

  /// The lanes in focus that have `hyperparameter` and are still training.
  func changeable(_ hyperparameter: Hyperparameter, in focus: Focus) -> [LaneModel] {
    model.lanes.enumerated().filter { index, lane in
      focus.contains(index) && !lane.state.hasEnded && lane.value(of: hyperparameter) != nil
    }.map(\.element)
  }

  /// The hyperparameters of the lanes in focus, in display order.
  var hyperparameters: [Hyperparameter] {
    let lanes = shown.lanes.enumerated().filter { live.focus.contains($0.offset) }.map(\.element)
    return Hyperparameter.allCases.filter { key in lanes.contains { $0.value(of: key) != nil } }
  }

  /// Selects the first hyperparameter if the lanes in focus lack the selected one.
  mutating func chooseExistingHyperparameter() {
    let keys = hyperparameters
    if !keys.contains(live.hyperparameter), let first = keys.first { live.hyperparameter = first }
  }

  /// Moves the selection by `rows` hyperparameters, within the list.
  mutating func moveHyperparameter(by rows: Int) {
    let keys = hyperparameters
    guard let place = keys.firstIndex(of: live.hyperparameter) else { return chooseExistingHyperparameter() }
    let distance = min(max(-keys.count, rows), keys.count)
    live.hyperparameter = keys[min(max(0, place + distance), keys.count - 1)]
  }

  /// Selects a hyperparameter by name.
  /// - Returns: whether it exists.
  @discardableResult
  mutating func select(_ name: String) -> Bool {
    guard let key = Hyperparameter(rawValue: name), hyperparameters.contains(key) else {
      say(unknownHyperparameter(name), .warning)
      return false
    }
    live.hyperparameter = key
    return true
  }

  private func unknownHyperparameter(_ name: String) -> String {
    Self.unknown("hyperparameter", name, among: hyperparameters.map(\.rawValue))
  }

  /// The message about an unknown lane.
  func unknownLane(_ name: String) -> String { Self.unknown("lane", name, among: model.lanes.map(\.name)) }

  // Suggests the most similar name, otherwise lists all. A long list would push what was found off the screen.
  private static func unknown(_ kind: String, _ name: String, among names: [String]) -> String {
    if let near = NearestName.of(name, among: names) {
      return "no \(kind) “\(name)”; did you mean “\(near)”?"
    }
    return "expected a \(kind) (\(names.joined(separator: ", "))), found “\(name)”"
  }

  /// Changes the selected hyperparameter of the lanes in focus by one step, each lane from its own value.
  mutating func step(_ direction: Int, _ size: StepSize) {
    let hyperparameter = live.hyperparameter
    let lanes = changeable(hyperparameter, in: live.focus)
    guard !lanes.isEmpty else { return sayUnchangeable() }
    var isAtEnd = true
    for lane in lanes {
      let knob = Knob(lane.name, hyperparameter)
      guard let old = live.editor.value(of: knob, in: lane) else { continue }
      let new = hyperparameter.step(old, direction: direction, size: size)
      if new == old { continue }
      isAtEnd = false
      live.editor.draft(new, of: [knob], now: now)
    }
    if isAtEnd { say("\(hyperparameter.specification.title): \(hyperparameter.expectation)", .warning) }
  }

  /// Starts editing the selected hyperparameter's value.
  mutating func edit(_ name: String?) {
    if let name, !select(name) { return }
    let hyperparameter = live.hyperparameter
    let lanes = changeable(hyperparameter, in: live.focus)
    guard let lane = lanes.first else { return sayUnchangeable() }
    var old: [String] = []
    for lane in lanes {
      let value = live.editor.value(of: Knob(lane.name, hyperparameter), in: lane).map { "\($0)" } ?? ""
      if !old.contains(value) { old.append(value) }
    }
    let place = lanes.count == 1 ? lane.name : "\(lanes.count) lanes"
    open(
      LineEntry(
        .value(hyperparameter),
        prompt: "\(hyperparameter.specification.title) of \(place) [\(old.joined(separator: " "))] ",
        completions: completions(of: "", for: .value(hyperparameter))))
  }

  /// `:set [LANE.]KEY VALUE`, or `KEY=VALUE`.
  mutating func set(_ argument: String?) {
    guard let argument else { return beginCommand("set ") }
    let parts = argument.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "=" }
      .map { $0.filter { $0 != " " } }
    guard parts.count == 2 else {
      return say("set: expected [LANE.]KEY VALUE, found “\(argument)”", .warning)
    }
    // A lane's name may contain dots.
    let name = parts[0].split(separator: ".").last.map(String.init) ?? parts[0]
    let lane = parts[0].count > name.count ? String(parts[0].dropLast(name.count + 1)) : nil
    guard let key = Hyperparameter(rawValue: name) else { return say("set: \(unknownHyperparameter(name))", .warning) }
    var target = Focus.all
    if let lane {
      guard let index = model.index(of: lane) else { return say("set: \(unknownLane(lane))", .warning) }
      target = .lane(index)
    }
    do {
      try set(key, to: key.parse(parts[1]), in: target)
    } catch {
      say("\(error)", .warning)
    }
  }

  /// Sends a value to the lanes that have the hyperparameter.
  mutating func set(_ key: Hyperparameter, to value: HyperparameterValue, in target: Focus) {
    let lanes = changeable(key, in: target)
    guard !lanes.isEmpty else { return say("no training lane has \(key.rawValue)", .warning) }
    let others = lanes.filter { live.editor.value(of: Knob($0.name, key), in: $0) != value }
    guard !others.isEmpty else { return say("\(key.specification.title) is already \(value): unchanged") }
    let count = model.lanes.count
    edit { editor, send in editor.set(key, to: value, lanes: others.map(\.name), of: count, send: send) }
  }

  /// Makes the change that the health watch offers.
  mutating func acceptOffer() {
    guard let offer = model.offer, let index = model.index(of: offer.finding.lane) else {
      return say("the health watch offers no change")
    }
    connection.model.declineOffer()
    set(offer.setting.hyperparameter, to: offer.setting.value, in: .lane(index))
  }

  /// Dismisses the change that the health watch offers.
  mutating func declineOffer() {
    if model.offer == nil { return say("the health watch offers no change") }
    connection.model.declineOffer()
  }

  /// Undoes the last change.
  mutating func undo() {
    if live.editor.dropDrafts() { return say("change dropped") }
    if !edit({ editor, send in editor.undo(send: send) }) { say("nothing to undo") }
  }

  /// Redoes the change that was undone last.
  mutating func redo() {
    if !edit({ editor, send in editor.redo(send: send) }) { say("nothing to redo") }
  }

  private mutating func sayUnchangeable() {
    let title = live.hyperparameter.specification.title
    if model.lanes.isEmpty { return say("the lanes are not ready yet") }
    if model.lanes.allSatisfy({ $0.state.hasEnded }) { return say("every lane has ended") }
    say("\(title) is not a hyperparameter of this lane")
  }
}
