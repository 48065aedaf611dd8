package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// A run told in sentences, which takes typed commands: the dashboard without a screen.
///
/// A line is one sentence. There is no redraw and no escape sequence.
package struct PlainSession: Sendable {
  /// The dashboard, whose state and actions are the same as with a screen.
  package private(set) var dashboard: Dashboard
  /// Why the session has ended; nil while it goes on.
  package private(set) var end: DashboardEnd?

  private var narrator = Narrator()
  // Whether what happened before the connection is told too.
  private let tellsHistory: Bool
  private var wasCaughtUp = false
  private var wasSilent = false
  private var offer: Offer?
  private var sends: [(EngineCommand, CommandID)] = []

  /// A session that tells a run.
  /// - Parameter tellsHistory: whether it tells what happened before it connected; otherwise it begins with the state.
  package init(dashboard: Dashboard, tellsHistory: Bool) {
    self.dashboard = dashboard
    self.tellsHistory = tellsHistory
  }

  // Commands that need no screen. The others are named in an answer.
  private static let actions: [Action] = [
    .pause, .resume, .step, .epoch, .stop, .stopAll, .checkpoints, .checkpoint, .rewind, .fork, .set, .undo, .redo,
    .accept, .decline, .lane, .allLanes, .help, .quit,
  ]

  /// Returns the commands to send to the engine since the last call.
  package mutating func takeCommands() -> [(EngineCommand, CommandID)] {
    defer { sends = [] }
    return sends
  }

  // MARK: The engine's news

  /// Processes what is new from the engine.
  /// - Returns: the sentences about it.
  package mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot, silence: Double, now: Double) -> [String] {
    dashboard.hear(silence: silence)
    var lines = narrator.sentences(for: snapshot)
    carryOut(dashboard.consume(batch, snapshot, now: now))
    carryOut(dashboard.tick(now: now))
    let isCaughtUp = dashboard.connection.isCaughtUp || dashboard.model.isFinished
    if tellsHistory || wasCaughtUp {
      for event in batch.events { lines += narrator.sentences(for: event) { dashboard.connection.pending.isOwn($0) } }
    } else if isCaughtUp {
      if let run = dashboard.model.run { lines += narrator.sentences(for: .started(run)) }
      lines += narrator.status(of: dashboard.model)
    }
    wasCaughtUp = wasCaughtUp || isCaughtUp
    if dashboard.model.offer != offer {
      offer = dashboard.model.offer
      if let sentence = narrator.offer(in: dashboard.model) { lines.append(sentence) }
    }
    if dashboard.isEngineSilent != wasSilent {
      wasSilent.toggle()
      lines.append(
        wasSilent
          ? "The engine has not answered for \(Int(silence)) seconds; nothing is sent." : "The engine answers again.")
    }
    if case .died = dashboard.model.loss, end == nil { end = dashboard.ending(leavingTraining: false) }
    if dashboard.model.isFinished, end == nil { end = .finished }
    // A recording has nothing more to tell.
    if dashboard.isRecording, batch.events.isEmpty, end == nil { end = .finished }
    return lines
  }

  /// Processes the normal end of the engine.
  package mutating func engineHasEnded() -> [String] {
    carryOut(dashboard.engineHasEnded())
    end = end ?? dashboard.ending(leavingTraining: false)
    return end == .suspended ? ["The run was suspended."] : []
  }

  /// Leaves without stopping anything, as Ctrl-C does.
  package mutating func leave() { end = dashboard.ending(leavingTraining: dashboard.canLeave) }

  private mutating func carryOut(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .send(let command, let id): sends.append((command, id))
      case .end(let reason): end = reason
      case .copy, .copyScreen, .typed, .learned, .chartsChosen, .save, .setMouse, .redraw, .resumeRun, .sweep: break
      }
    }
  }

  // MARK: Typed lines

  /// Carries out a typed line.
  /// - Returns: the answer; empty if the engine's answer follows.
  package mutating func take(_ line: String, now: Double) -> [String] {
    var words = line.split(separator: " ").map(String.init)
    if words.first?.hasPrefix(":") == true { words[0].removeFirst() }
    words.removeAll(where: \.isEmpty)
    guard let word = words.first?.lowercased() else { return [] }
    if let question = dashboard.overlay as? Question {
      return answer(question, with: words.joined(separator: " "), now)
    }
    if word == "status" {
      return narrator.status(of: dashboard.model) + [narrator.offer(in: dashboard.model)].compactMap(\.self)
    }
    words[0] = word
    do {
      let invocation = try CommandParser.parse(words.joined(separator: " "), in: .live)
      guard Self.actions.contains(invocation.action) else {
        return ["\(invocation.action.rawValue) needs the screen. Type help for the commands of this mode."]
      }
      return perform(invocation, now: now)
    } catch {
      let names = Self.actions.map(\.rawValue) + ["status"]
      let near = NearestName.question(word, among: names)
      return ["Expected a command, found “\(word)”\(near.isEmpty ? "; help lists the commands." : near)"]
    }
  }

  private mutating func perform(_ invocation: Invocation, now: Double) -> [String] {
    switch invocation.action {
    case .help: return help(invocation.argument)
    case .checkpoints: return checkpoints(invocation.argument)
    // On the screen one key does both.
    case .pause where dashboard.model.isPaused: return ["All lanes are paused already; resume lets them go on."]
    default: break
    }
    dashboard.messages.dismiss()
    dashboard.perform(invocation)
    carryOut(dashboard.takeEffects())
    return answer(to: invocation)
  }

  // What the dashboard says or asks.
  private mutating func answer(to invocation: Invocation) -> [String] {
    if let question = dashboard.overlay as? Question { return [ask(question)] }
    if dashboard.overlay != nil {
      // The entry of what is missing.
      dashboard.overlay = nil
      let definition = ActionTable.definition(of: invocation.action)
      return ["\(definition.name): expected \(definition.argument ?? "an argument"), found nothing."]
    }
    if invocation.action == .lane || invocation.action == .allLanes, dashboard.toast == nil {
      let names = dashboard.model.lanes.enumerated().filter { dashboard.live.focus.contains($0.offset) }.map(
        \.element.name)
      return ["Commands apply to \(names.joined(separator: ", "))."]
    }
    guard let toast = dashboard.toast else { return [] }
    dashboard.messages.dismiss()
    // The name of a lane or of a hyperparameter keeps its spelling.
    let isName = toast.text.prefix { $0.isLetter }.contains(where: \.isUppercase) || toast.text.contains(": ")
    return [(isName ? toast.text : toast.text.prefix(1).uppercased() + toast.text.dropFirst()) + "."]
  }

  // MARK: Questions

  private func ask(_ question: Question) -> String {
    let answers = question.choices.map(\.title)
    let list = answers.dropLast().joined(separator: ", ") + " or " + (answers.last ?? "")
    return "\(question.question) \(question.explanation) Type: \(list)."
  }

  private mutating func answer(_ question: Question, with text: String, _ now: Double) -> [String] {
    let text = text.lowercased()
    let choice =
      question.choices.first { $0.title == text || $0.answer.rawValue == text || $0.keys.first?.label == text }
      ?? question.choices.first { $0.title.hasPrefix(text) }
    guard let choice, let key = choice.keys.first else {
      return ["Expected an answer, found “\(text)”. " + ask(question)]
    }
    dashboard.messages.dismiss()
    carryOut(dashboard.handle(.key(key), now: now))
    return choice.answer == .no ? ["Nothing is changed."] : []
  }

  // MARK: Lists

  private func help(_ word: String?) -> [String] {
    let definitions = Self.actions.map(ActionTable.definition(of:)).filter { definition in
      word.map { "\(definition.name) \(definition.help)".lowercased().contains($0.lowercased()) } ?? true
    }
    if let word, definitions.isEmpty { return ["No command matches “\(word)”."] }
    let lines = definitions.map { "\($0.usage.dropFirst()): \(help(of: $0))" }
    return word == nil ? ["Type a command and enter."] + lines + ["status: Tell the state of every lane."] : lines
  }

  // Where the table's help speaks of the screen.
  private func help(of definition: ActionDefinition) -> String {
    switch definition.action {
    case .pause: "Pause all lanes between two batches."
    case .stop: "Stop a lane and test its best weights; asks first."
    case .checkpoints: "List the checkpoints of a lane or of all."
    case .checkpoint: "Write a checkpoint of the lane, or of all."
    case .lane: "Choose the lane that commands apply to; the next one without a name."
    case .allLanes: "Let commands apply to all lanes."
    case .help: "List the commands, or those with these words."
    case .quit: "Leave; asks whether the training goes on or stops."
    default: definition.help
    }
  }

  private func checkpoints(_ name: String?) -> [String] {
    if let name, dashboard.model.index(of: name) == nil { return [dashboard.unknownLane(name) + "."] }
    let lanes = dashboard.model.lanes.filter { name == nil || $0.name == name }
    let lines = lanes.compactMap { lane -> String? in
      guard !lane.checkpoints.isEmpty else { return nil }
      let steps = lane.checkpoints.map { checkpoint in
        let accuracy = checkpoint.validationAccuracy.map { ", \(NumberFormat.percent($0))" } ?? ""
        return "\(NumberFormat.grouped(checkpoint.step)) (\(checkpoint.reason.title)\(accuracy))"
      }
      return "\(lane.name) has checkpoints at steps \(steps.joined(separator: "; "))."
    }
    return lines.isEmpty ? ["There are no checkpoints."] : lines
  }
}
