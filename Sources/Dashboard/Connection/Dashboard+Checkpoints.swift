import EngineProtocol
import TerminalUI
import TrainingMetrics

// Checkpoints: listing, writing, rewinding, forking.

extension Dashboard {
  /// Opens the list of checkpoints of a lane: the named one, otherwise the one in focus, otherwise the only one that
  /// has failed. The checkpoint at the charts' cursor is selected.
  mutating func listCheckpoints(_ name: String?) {
    guard !model.lanes.isEmpty else { return say("the lanes are not ready yet") }
    var lane: LaneModel?
    let failed = model.lanes.filter(\.hasFailed)
    if let name {
      guard let index = model.index(of: name) else { return say(unknownLane(name), .warning) }
      lane = model.lanes[index]
    } else if case .lane(let index) = live.focus, model.lanes.indices.contains(index) {
      lane = model.lanes[index]
    } else if failed.count == 1, !failed[0].checkpoints.isEmpty {
      lane = failed[0]
    }
    let selected = live.view.moment(viewContext)
    if name == nil, let selected, let index = model.index(of: selected.lane) { lane = model.lanes[index] }
    let chosen = (selected?.step ?? live.chart.cursor).flatMap { step in
      (lane.map { [$0] } ?? model.lanes).compactMap { $0.checkpoint(atOrBefore: step) }.max { $0.step < $1.step }
    }
    open(CheckpointList(lane: lane?.name, chosen: chosen))
  }

  /// `:checkpoint [LANE]`: writes checkpoints of the named lane, otherwise of those in focus.
  mutating func writeCheckpoint(_ name: String?) {
    guard !model.lanes.isEmpty else { return say("the lanes are not ready yet") }
    if let name, model.index(of: name) == nil { return say(unknownLane(name), .warning) }
    var selection = LaneSelection.all
    if let name {
      selection = .lane(name)
    } else if case .lane(let index) = live.focus, model.lanes.indices.contains(index) {
      selection = .lane(model.lanes[index].name)
    }
    send(.checkpoint(selection))
  }

  /// `:rewind [LANE] STEP`: asks for confirmation.
  mutating func rewind(_ argument: String?) {
    guard let argument else { return beginCommand("rewind \(suggestedCheckpoint)") }
    guard let (checkpoint, rest) = readCheckpoint(argument, of: .rewind) else { return }
    guard rest.isEmpty else {
      return say("rewind: expected [LANE] STEP, found “\(argument)”", .warning)
    }
    open(Question.rewind(checkpoint, list: nil))
  }

  /// `:fork [LANE] STEP [KEY=VALUE ...]`.
  mutating func fork(_ argument: String?) {
    guard let argument else { return beginCommand("fork \(suggestedCheckpoint)") }
    guard let (checkpoint, rest) = readCheckpoint(argument, of: .fork) else { return }
    do {
      try fork(checkpoint, changing: rest)
    } catch {
      say("fork: \(error)", .warning)
    }
  }

  /// Opens the entry of a fork's changes.
  mutating func beginFork(of checkpoint: Checkpoint) {
    let step = NumberFormat.grouped(checkpoint.step)
    open(LineEntry(.fork(checkpoint), prompt: "fork \(checkpoint.lane) @\(step) with "))
  }

  /// Forks a lane from a checkpoint.
  /// - Parameter words: the changes, each `KEY=VALUE`.
  /// - Throws: a mistake with what was found.
  mutating func fork(_ checkpoint: Checkpoint, changing words: [String]) throws {
    var settings: [HyperparameterSetting] = []
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw CommandParser.Mistake(description: "expected KEY=VALUE, found “\(word)”")
      }
      let lane = model.index(of: checkpoint.lane).map { model.lanes[$0] }
      let known = Hyperparameter.allCases.filter { lane?.snapshot == nil || lane?.value(of: $0) != nil }
      guard let key = Hyperparameter(rawValue: parts[0]), known.contains(key) else {
        let names = known.map(\.rawValue).joined(separator: ", ")
        // A long list would cut off what was found.
        throw CommandParser.Mistake(description: "found “\(parts[0])”, expected one of \(names)")
      }
      settings.removeAll { $0.hyperparameter == key }
      settings.append(HyperparameterSetting(key, try key.parse(parts[1])))
    }
    send(
      .fork(
        ForkRequest(lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step, settings: settings)))
    say("forking \(checkpoint.lane) at step \(NumberFormat.grouped(checkpoint.step))")
  }

  // MARK: Notes

  /// `:note [TEXT]`: writes a note on the selected moment: that of the view, otherwise the charts' cursor or the newest
  /// step of the lane in focus, otherwise of the first binary lane.
  mutating func writeNote(_ text: String?) {
    guard !model.lanes.isEmpty else { return say("the lanes are not ready yet") }
    let lane = model.lanes[viewContext.chosenLane]
    let step = live.chart.cursor.map { min($0, lane.step) } ?? lane.step
    let moment = live.view.moment(viewContext) ?? Moment(lane: lane.name, step: step)
    if let text { return sendNote(text, moment) }
    open(LineEntry(.note(moment), prompt: "note on \(moment.lane) @\(NumberFormat.grouped(moment.step)) "))
  }

  /// Sends a note to the engine.
  mutating func sendNote(_ text: String, _ moment: Moment) {
    if text.isEmpty { return }
    send(.note(NoteRequest(lane: moment.lane, branch: moment.branch, step: moment.step, text: text)))
  }

  // The suggested lane and step: the newest checkpoint at or before the charts' cursor, otherwise of all.
  private var suggestedCheckpoint: String {
    if let selected = live.view.moment(viewContext), let index = model.index(of: selected.lane) {
      let checkpoint = model.lanes[index].checkpoint(atOrBefore: selected.step)
      return checkpoint.map { "\($0.lane) \($0.step)" } ?? "\(selected.lane) "
    }
    let lane =
      if case .lane(let index) = live.focus, model.lanes.indices.contains(index) { model.lanes[index] } else {
        model.lanes.count == 1 ? model.lanes[0] : nil as LaneModel?
      }
    guard let lane else { return "" }
    guard let cursor = live.chart.cursor, let checkpoint = lane.checkpoint(atOrBefore: cursor) else {
      return "\(lane.name) "
    }
    return "\(lane.name) \(checkpoint.step)"
  }

  // The checkpoint named by `[LANE] STEP`, and the remaining words; nil after reporting a mistake.
  private mutating func readCheckpoint(_ argument: String, of action: Action) -> (Checkpoint, rest: [String])? {
    let name = action.rawValue
    let usage = "\(name): expected \(ActionTable.definition(of: action).argument ?? ""), found “\(argument)”"
    var words = argument.split(separator: " ").map(String.init)
    func step(_ word: String?) -> Int? { word.flatMap { Int($0.filter { $0 != "," }) } }
    var lane: LaneModel?
    // A lane's name may be a number: if a step follows, the first word is the lane.
    if let first = words.first, step(first) == nil || (words.count > 1 && step(words[1]) != nil) {
      guard let index = model.index(of: first) else {
        say("\(name): \(unknownLane(first))", .warning)
        return nil
      }
      lane = model.lanes[index]
      words.removeFirst()
    } else if case .lane(let index) = live.focus, model.lanes.indices.contains(index) {
      lane = model.lanes[index]
    } else if model.lanes.count == 1 {
      lane = model.lanes[0]
    }
    guard let wanted = step(words.first) else {
      say(usage, .warning)
      return nil
    }
    guard let lane else {
      let names = model.lanes.map(\.name).joined(separator: ", ")
      say("\(name): expected a lane (\(names)) before the step", .warning)
      return nil
    }
    guard let checkpoint = lane.checkpoint(at: wanted) else {
      let nearest = lane.checkpoint(atOrBefore: wanted).map {
        "; the one before is at \(NumberFormat.grouped($0.step))"
      }
      say(
        "\(name): \(lane.name) has no checkpoint at step \(NumberFormat.grouped(wanted))\(nearest ?? "")", .warning)
      return nil
    }
    return (checkpoint, Array(words.dropFirst()))
  }
}
