package import EngineProtocol

/// The connection to the engine: what is known of it, and outstanding requests.
package struct Connection: Sendable {
  /// Seconds without an answer after which the screen shows that the engine is silent.
  package static let patience = 3.0

  /// The state received from the engine.
  package internal(set) var model = DashboardModel()
  /// Commands that were sent and not yet answered.
  package internal(set) var pending = PendingCommands(first: CommandID(1))
  /// Requests for points at full resolution.
  var details = DetailRequests()
  /// Seconds for which the engine has not answered.
  package internal(set) var silence = 0.0
  /// Whether a lost engine was replaced by one that has not reported the run yet.
  var isResuming = false
  /// Whether the engine has sent everything that happened before the dashboard connected.
  private(set) var isCaughtUp = false

  /// Processes events and a snapshot.
  /// - Returns: whether they happened before the dashboard connected, and so are not news.
  mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot) -> Bool {
    // The first snapshot with lanes follows all earlier events. Events of the start are not news either.
    let isHistory = !isCaughtUp || batch.events.contains { if case .started = $0 { true } else { false } }
    model.consume(batch, snapshot, isHistory: isHistory, isOwn: pending.isOwn)
    return isHistory
  }

  /// Updates the outstanding commands with the lanes' state.
  mutating func settle(_ snapshot: Snapshot) {
    pending.settle(in: model)
    if !isCaughtUp, !isResuming { isCaughtUp = !snapshot.lanes.isEmpty }
  }

  /// Forgets commands that will not be answered any more.
  /// - Parameter firstCommand: the first ID for the next engine; nil if there is none yet.
  mutating func forgetCommands(firstCommand: CommandID? = nil) {
    pending = PendingCommands(first: firstCommand ?? pending.next)
    details = DetailRequests()
  }

  /// Requests everything again from the engine that replaces a lost one.
  mutating func restart(firstCommand: CommandID) {
    isResuming = true
    isCaughtUp = false
    model.restart()
    forgetCommands(firstCommand: firstCommand)
  }
}

extension Dashboard {
  // MARK: Outstanding answers

  /// Sets the ID of the first command to the engine; later ones follow it.
  package mutating func connect(firstCommand id: CommandID) { connection.forgetCommands(firstCommand: id) }

  /// Whether news is expected soon: lanes are training, or an answer is outstanding.
  package var expectsNews: Bool {
    if model.loss != nil { return false }
    if isEngineSilent || model.snapshot.download != nil { return true }
    if mode == .live, !connection.isCaughtUp { return true }
    return connection.isResuming || model.isBusy && !isRecording || awaitsAnswer || connection.pending.awaitsWork
  }

  /// Whether a command is outstanding.
  package var awaitsAnswer: Bool { connection.pending.awaitsAnswer || live.editor.isAwaitingAnswer }

  // MARK: Silent or lost engine

  /// Whether the engine has not answered for too long.
  var isEngineSilent: Bool { connection.silence >= Connection.patience && model.loss == nil }
  /// Whether there is an engine that trains the shown run.
  var hasEngine: Bool { model.loss == nil && !isRecording }
  /// Whether there is an engine, or one recorded run with its checkpoints, that answers questions about lanes.
  var answersQuestions: Bool { isRecording ? model.run?.id.isEmpty == false : model.loss == nil && !isEngineSilent }

  /// Updates how long the engine has not answered, in seconds; 0 if no answer is outstanding.
  package mutating func hear(silence: Double) {
    let wasSilent = isEngineSilent
    // The screen shows whole seconds.
    let isNews = silence.rounded(.down) != connection.silence.rounded(.down)
    connection.silence = silence
    if isEngineSilent != wasSilent || isEngineSilent && isNews { schedule.isDue = true }
    // An open question about the training is no longer valid.
    guard isEngineSilent != wasSilent else { return }
    if !isEngineSilent { messages.dismiss() }
    if overlay?.isAboutEngine == true { overlay = nil }
  }

  /// Handles the normal end of the engine, after everything it sent was processed.
  package mutating func engineHasEnded() -> [Effect] {
    guard model.loss == nil else { return [] }
    connection.model.engineHasEnded()
    forgetEngine()
    return takeEffects()
  }

  /// Forgets outstanding requests to an engine that is gone.
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

  /// Requests an engine that resumes the run.
  mutating func resumeRun() {
    effects.append(.resumeRun)
    say("resuming the run")
  }

  /// Handles a new engine that resumes the run: everything is requested again from the beginning, and the view stays.
  /// - Parameter firstCommand: the ID of the first command to it.
  package mutating func didResume(firstCommand: CommandID = CommandID(1)) {
    connection.restart(firstCommand: firstCommand)
    forgetChanges()
    live.frozen = nil
    messages.dismiss()
    schedule.isDue = true
  }

  /// Handles that no engine could resume the run.
  package mutating func didNotResume(_ reason: String) { say("cannot resume: \(reason)", .bad) }

  // MARK: Availability of actions, for keys, commands, hints and help

  /// Returns why an action is currently unavailable, and what to do instead; nil if it is available.
  func obstacle(to action: Action) -> String? {
    if action == .resumeRun {
      if isRecording { return recordingObstacle }
      return model.loss == nil ? "the engine is running: nothing to resume" : nil
    }
    let definition = ActionTable.definition(of: action)
    guard definition.needsEngine else { return nil }
    if isRecording { return definition.asksLanes && answersQuestions ? nil : recordingObstacle }
    if model.loss != nil {
      let keys = [Action.resumeRun, .quit].map { keyMap.keys(for: $0).first?.label ?? ":\($0.rawValue)" }
      return "the engine is gone: \(keys[0]) resumes the run, \(keys[1]) quits"
    }
    return isEngineSilent ? "the engine does not answer: nothing was sent" : nil
  }

  private var recordingObstacle: String {
    guard let id = model.run?.id, !id.isEmpty else {
      return "these are recordings: signflip resume RUN opens one to continue, rewind or fork"
    }
    return "this is a recording: signflip resume \(id) opens the run to continue, rewind or fork"
  }

  /// Returns whether an action has an effect on the current screen; only such actions have hints.
  func isUseful(_ action: Action, _ context: ViewContext) -> Bool {
    let definition = ActionTable.definition(of: action)
    guard definition.context.contains(self.context), obstacle(to: action) == nil else { return false }
    if mode == .live, let answer = live.view.isUseful(action, context) { return answer }
    return definition.isUseful(self)
  }

  /// Whether there are lanes that train or can continue.
  var hasOpenLanes: Bool { model.lanes.contains { !$0.state.hasEnded } }
  /// Whether a lane has checkpoints.
  var hasCheckpoints: Bool { !model.lanes.allSatisfy(\.checkpoints.isEmpty) }
  /// Whether the run has a directory for checkpoints.
  var isRecorded: Bool { model.run?.directory != nil }
}

extension Snapshot {
  /// Returns whether it differs from an earlier one only in figures that change with every step.
  func isProgress(of former: Snapshot) -> Bool {
    phase == former.phase && clients == former.clients && storage?.problem == former.storage?.problem
      && deployment == former.deployment
      && lanes.count == former.lanes.count
      && zip(lanes, former.lanes).allSatisfy { lane, other in
        lane.name == other.name && lane.branch == other.branch && lane.state.isSameNews(as: other.state)
          && lane.best == other.best && lane.epochs == other.epochs && lane.testAccuracy == other.testAccuracy
      }
  }
}

extension LaneSnapshot.State {
  // Short validations start and end many times a minute, so they count as progress.
  fileprivate func isSameNews(as other: LaneSnapshot.State) -> Bool { self == other || isWorking && other.isWorking }
}

/// Why there is no engine any more.
package enum EngineLoss: Hashable, Sendable {
  /// It has died; the text says what is known.
  case died(String)
  /// It ended normally during training, because another client suspended the run.
  case suspended
  /// It ended normally after everything was done.
  case done

  /// The event for display, in one line.
  package var words: String {
    switch self {
    case .died(let reason): reason
    case .suspended: "the run was suspended"
    case .done: "the engine has ended"
    }
  }
}
