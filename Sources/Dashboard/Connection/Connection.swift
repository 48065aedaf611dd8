package import EngineProtocol

/// What is known of the engine, and what was asked of it.
package struct Connection: Sendable {
  /// For how long an engine may be silent before the screen says so, in seconds.
  package static let patience = 3.0

  /// What the engine has told.
  package internal(set) var model = DashboardModel()
  /// The commands that were sent and are not answered yet.
  package internal(set) var pending = PendingCommands(first: CommandID(1))
  /// The points that were asked for, to be shown as they were measured.
  var details = DetailRequests()
  /// For how long the engine has not answered what it was asked, in seconds.
  package internal(set) var silence = 0.0
  /// Whether an engine was put in the place of a lost one, and has not told of the run yet.
  var isResuming = false
  /// Whether the engine has told all that happened before one came.
  private(set) var isCaughtUp = false

  /// Takes in what the engine has told.
  /// - Returns: whether that happened before one came: it is no news.
  mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot) -> Bool {
    // The first snapshot with lanes comes behind all that happened before. What comes with the start is no news either.
    let isHistory = !isCaughtUp || batch.events.contains { if case .started = $0 { true } else { false } }
    model.consume(batch, snapshot, isHistory: isHistory, isOwn: pending.isOwn)
    return isHistory
  }

  /// Takes in how the lanes stand after the events.
  mutating func settle(_ snapshot: Snapshot) {
    pending.settle(in: model)
    if !isCaughtUp, !isResuming { isCaughtUp = !snapshot.lanes.isEmpty }
  }

  /// Forgets the commands whose answers will not come any more.
  /// - Parameter firstCommand: the ID of the first one that another engine is sent; nil where there is none yet.
  mutating func forgetCommands(firstCommand: CommandID? = nil) {
    pending = PendingCommands(first: firstCommand ?? pending.next)
    details = DetailRequests()
  }

  /// Asks all of the engine that follows a lost one.
  mutating func restart(firstCommand: CommandID) {
    isResuming = true
    isCaughtUp = false
    model.restart()
    forgetCommands(firstCommand: firstCommand)
  }
}

extension Dashboard {
  // MARK: What is awaited

  /// Takes in which ID the first command to the engine bears; those of the others follow it.
  package mutating func connect(firstCommand id: CommandID) { connection.forgetCommands(firstCommand: id) }

  /// Whether the engine has something to tell soon: it trains, or owes an answer.
  package var expectsNews: Bool {
    if model.loss != nil { return false }
    if isEngineSilent || model.snapshot.download != nil { return true }
    if mode == .live, !connection.isCaughtUp { return true }
    return connection.isResuming || model.isBusy && !isRecording || awaitsAnswer || connection.pending.awaitsWork
  }

  /// Whether a command was sent that the engine has not answered.
  package var awaitsAnswer: Bool { connection.pending.awaitsAnswer || live.editor.isAwaitingAnswer }

  // MARK: An engine that is silent or gone

  /// Whether the engine was asked and has not answered for too long.
  var isEngineSilent: Bool { connection.silence >= Connection.patience && model.loss == nil }
  /// Whether there is an engine that trains what is shown.
  var hasEngine: Bool { model.loss == nil && !isRecording }

  /// Takes in for how long the engine has not answered what it was asked, in seconds; 0 where it owes no answer.
  package mutating func hear(silence: Double) {
    let wasSilent = isEngineSilent
    // The screen counts in seconds.
    let isNews = silence.rounded(.down) != connection.silence.rounded(.down)
    connection.silence = silence
    if isEngineSilent != wasSilent || isEngineSilent && isNews { schedule.isDue = true }
    // Whether lanes train, and what can be done about it, is another question now.
    guard isEngineSilent != wasSilent else { return }
    if !isEngineSilent { messages.dismiss() }
    if overlay?.isAboutEngine == true { overlay = nil }
  }

  /// Takes in that the engine has ended as it should, after all that it has told.
  package mutating func engineHasEnded() -> [Effect] {
    guard model.loss == nil else { return [] }
    connection.model.engineHasEnded()
    forgetEngine()
    return takeEffects()
  }

  /// What was asked of the engine that is gone, and awaited of it, is no more.
  mutating func forgetEngine() {
    forgetChanges()
    connection.forgetCommands()
    connection.isResuming = false
    messages.dismiss()
    schedule.isDue = true
    if model.run == nil, let loss = model.loss { backToLauncher(loss.words) }
    if overlay?.isAboutEngine == true { overlay = nil }
  }

  private mutating func forgetChanges() {
    live.editor = KnobEditor()
    messages.forgetChange()
  }

  // MARK: Resuming the run

  /// Asks for an engine that goes on with the run.
  mutating func resumeRun() {
    effects.append(.resumeRun)
    say("resuming the run")
  }

  /// Takes in that another engine goes on with the run: all is asked of it from the beginning, and looked at as before.
  /// - Parameter firstCommand: the ID of the first command that it is sent.
  package mutating func didResume(firstCommand: CommandID = CommandID(1)) {
    connection.restart(firstCommand: firstCommand)
    forgetChanges()
    live.frozen = nil
    messages.dismiss()
    schedule.isDue = true
  }

  /// Takes in that no engine could be found to go on with the run.
  package mutating func didNotResume(_ reason: String) { say("cannot resume: \(reason)", .bad) }

  // MARK: What cannot be done now, and why: keys, commands, hints and the help all ask here

  /// Why an action cannot be done now, and what to do instead; nil where it can.
  func obstacle(to action: Action) -> String? {
    if action == .resumeRun {
      if isRecording { return recordingObstacle }
      return model.loss == nil ? "the engine is there: nothing to resume" : nil
    }
    guard ActionTable.definition(of: action).needsEngine else { return nil }
    if isRecording { return recordingObstacle }
    if model.loss != nil {
      let keys = [Action.resumeRun, .quit].map { keyMap.keys(for: $0).first?.label ?? ":\($0.rawValue)" }
      return "the engine is gone: \(keys[0]) resumes the run, \(keys[1]) leaves"
    }
    return isEngineSilent ? "the engine does not answer: nothing was sent" : nil
  }

  private var recordingObstacle: String {
    guard let id = model.run?.id, !id.isEmpty else {
      return "these are recordings: signflip resume RUN opens one to go on with, rewind or fork"
    }
    return "this is a recording: signflip resume \(id) opens the run to go on with, rewind or fork"
  }

  /// Whether an action does something on this screen as it is: what does not is not hinted at.
  func isUseful(_ action: Action, _ context: ViewContext) -> Bool {
    let definition = ActionTable.definition(of: action)
    guard definition.context.contains(self.context), obstacle(to: action) == nil else { return false }
    if !isInLauncher, let answer = live.view.isUseful(action, context) { return answer }
    return definition.isUseful(self)
  }

  /// Whether lanes train, or may go on.
  var hasOpenLanes: Bool { model.lanes.contains { !$0.state.hasEnded } }
  /// Whether a lane has checkpoints to go back to.
  var hasCheckpoints: Bool { !model.lanes.allSatisfy(\.checkpoints.isEmpty) }
  /// Whether the run has a directory for checkpoints.
  var isRecorded: Bool { model.run?.directory != nil }
}

extension Snapshot {
  /// Whether it differs from an earlier one only in figures that move with every step.
  func isProgress(of former: Snapshot) -> Bool {
    phase == former.phase && clients == former.clients && storage?.problem == former.storage?.problem
      && lanes.count == former.lanes.count
      && zip(lanes, former.lanes).allSatisfy { lane, other in
        lane.name == other.name && lane.branch == other.branch && lane.state.isSameNews(as: other.state)
          && lane.best == other.best && lane.epochs == other.epochs && lane.testAccuracy == other.testAccuracy
      }
  }
}

extension LaneSnapshot.State {
  // Short validations come and go many times a minute: that is progress.
  fileprivate func isSameNews(as other: LaneSnapshot.State) -> Bool { self == other || isWorking && other.isWorking }
}

/// Why there is no engine any more.
package enum EngineLoss: Hashable, Sendable {
  /// It has died; the words say what is known.
  case died(String)
  /// It ended as it should, in the midst of the training: suspended from elsewhere.
  case suspended
  /// It ended as it should when all was done.
  case done

  /// What happened, in a line.
  package var words: String {
    switch self {
    case .died(let reason): reason
    case .suspended: "the run was suspended"
    case .done: "the engine has ended"
    }
  }
}
