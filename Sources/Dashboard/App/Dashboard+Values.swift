import EngineProtocol

// Hyperparameters: choosing, stepping, typing, taking back.

extension Dashboard {
  /// The lanes that a change speaks to and that have `hyperparameter` and still train.
  func changeable(_ hyperparameter: Hyperparameter, in focus: Focus) -> [LaneModel] {
    model.lanes.enumerated().filter { index, lane in
      focus.contains(index) && !lane.state.hasEnded && lane.value(of: hyperparameter) != nil
    }.map(\.element)
  }

  /// The hyperparameters of the lanes in focus, in the order of their declaration.
  var hyperparameters: [Hyperparameter] {
    let lanes = shown.lanes.enumerated().filter { focus.contains($0.offset) }.map(\.element)
    return Hyperparameter.allCases.filter { key in lanes.contains { $0.value(of: key) != nil } }
  }

  /// Chooses the first hyperparameter where the lanes in focus don't have the chosen one.
  mutating func chooseExistingHyperparameter() {
    let keys = hyperparameters
    if !keys.contains(hyperparameter), let first = keys.first { hyperparameter = first }
  }

  /// Chooses the hyperparameter `rows` places on, as far as the list goes.
  mutating func moveHyperparameter(by rows: Int) {
    let keys = hyperparameters
    guard let place = keys.firstIndex(of: hyperparameter) else { return chooseExistingHyperparameter() }
    let distance = min(max(-keys.count, rows), keys.count)
    hyperparameter = keys[min(max(0, place + distance), keys.count - 1)]
  }

  /// Chooses a hyperparameter by its name.
  mutating func select(_ name: String) {
    guard let key = Hyperparameter(rawValue: name), hyperparameters.contains(key) else {
      let names = hyperparameters.map(\.rawValue).joined(separator: ", ")
      return say("expected a hyperparameter (\(names)), found “\(name)”", .warning)
    }
    hyperparameter = key
  }

  /// Moves the chosen hyperparameter of the lanes in focus a step; each lane from its own value.
  mutating func step(_ direction: Int, _ size: StepSize) {
    let lanes = changeable(hyperparameter, in: focus)
    guard !lanes.isEmpty else { return sayUnchangeable() }
    var isAtEnd = true
    for lane in lanes {
      let knob = Knob(lane.name, hyperparameter)
      guard let old = editor.value(of: knob, in: lane) else { continue }
      let new = hyperparameter.step(old, direction: direction, size: size)
      if new == old { continue }
      isAtEnd = false
      editor.draft(new, of: [knob], now: now)
    }
    if isAtEnd { say("\(hyperparameter.specification.title): \(hyperparameter.expectation)", .warning) }
  }

  /// Begins to type the chosen hyperparameter's value.
  mutating func edit(_ name: String?) {
    if let name { select(name) }
    let lanes = changeable(hyperparameter, in: focus)
    guard let lane = lanes.first else { return sayUnchangeable() }
    var old: [String] = []
    for lane in lanes {
      let value = editor.value(of: Knob(lane.name, hyperparameter), in: lane).map { "\($0)" } ?? ""
      if !old.contains(value) { old.append(value) }
    }
    let place = lanes.count == 1 ? lane.name : "\(lanes.count) lanes"
    var entry = LineEntry(
      .value(hyperparameter),
      prompt: "\(hyperparameter.specification.title) of \(place) [\(old.joined(separator: " "))] ")
    entry.completions = completions(of: entry)
    overlay = .entry(entry)
  }

  /// `:set [LANE.]KEY VALUE`, or with `=` between key and value.
  mutating func set(_ argument: String?) {
    guard let argument else { return beginCommand("set ") }
    let parts = argument.split(maxSplits: 1, omittingEmptySubsequences: true) { $0 == " " || $0 == "=" }
      .map { $0.filter { $0 != " " } }
    guard parts.count == 2 else {
      return say("set: expected [LANE.]KEY VALUE, found “\(argument)”", .warning)
    }
    // A lane's name may have dots of its own.
    let name = parts[0].split(separator: ".").last.map(String.init) ?? parts[0]
    let lane = parts[0].count > name.count ? String(parts[0].dropLast(name.count + 1)) : nil
    guard let key = Hyperparameter(rawValue: name) else {
      let names = hyperparameters.map(\.rawValue).joined(separator: ", ")
      return say("set: expected a hyperparameter (\(names)), found “\(name)”", .warning)
    }
    var target = Focus.all
    if let lane {
      guard let index = model.index(of: lane) else { return say(unknownLane(lane), .warning) }
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
    guard !lanes.isEmpty else { return say("no lane that trains has \(key.rawValue)", .warning) }
    let others = lanes.filter { editor.value(of: Knob($0.name, key), in: $0) != value }
    guard !others.isEmpty else { return say("\(key.specification.title) is \(value) already: unchanged") }
    let commands = editor.set(key, to: value, lanes: others.map(\.name), of: model.lanes.count)
    for command in commands { effects.append(.send(command)) }
  }

  /// Takes the last change back.
  mutating func undo() {
    if editor.dropDrafts() { return say("change dropped") }
    let commands = editor.undo()
    if commands.isEmpty { return say("nothing to undo") }
    for command in commands { effects.append(.send(command)) }
  }

  /// Does again what was taken back last.
  mutating func redo() {
    let commands = editor.redo()
    if commands.isEmpty { return say("nothing to redo") }
    for command in commands { effects.append(.send(command)) }
  }

  private mutating func sayUnchangeable() {
    let title = hyperparameter.specification.title
    if model.lanes.isEmpty { return say("the lanes are not ready yet") }
    if model.lanes.allSatisfy({ $0.state.hasEnded }) { return say("every lane has ended") }
    say("\(title) is not a hyperparameter of this lane")
  }
}
