import EngineProtocol

// What cannot be done now, and why: keys, commands, hints and the help all ask here.

extension Dashboard {
  /// For how long an engine may be silent before the screen says so, in seconds.
  package static let patience = 3.0

  /// Whether the engine was asked and has not answered for too long.
  var isEngineSilent: Bool { engineSilence >= Self.patience && model.loss == nil }

  /// Takes in for how long the engine has not answered what it was asked, in seconds; 0 where it owes no answer.
  package mutating func hear(silence: Double) {
    let wasSilent = isEngineSilent
    // The screen counts in seconds.
    let isNews = silence.rounded(.down) != engineSilence.rounded(.down)
    engineSilence = silence
    if isEngineSilent != wasSilent || isEngineSilent && isNews { needsRedraw = true }
    // Whether lanes train, and what can be done about it, is another question now.
    guard isEngineSilent != wasSilent else { return }
    if !isEngineSilent { toast = nil }
    if case .confirmation = overlay { overlay = nil }
  }

  /// Why an action cannot be done now, and what to do instead; nil where it can.
  func obstacle(to action: Action) -> String? {
    if action == .resumeRun {
      if isRecording { return recordingObstacle }
      return model.loss == nil ? "the engine is there: nothing to resume" : nil
    }
    guard action.needsEngine else { return nil }
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
  func isUseful(_ action: Action) -> Bool {
    guard ActionTable.definition(of: action).context.contains(context), obstacle(to: action) == nil else {
      return false
    }
    if case .launcher(let launcher) = mode { return isUseful(action, in: launcher) }
    let hasOpenLanes = model.lanes.contains { !$0.state.hasEnded }
    switch action {
    case .pause, .pauseLane, .resume, .step, .epoch, .stop, .stopAll, .edit, .set, .increase, .decrease,
      .increaseMore, .decreaseMore:
      return hasOpenLanes
    case .undo: return hasOpenLanes && editor.canUndo
    case .redo: return hasOpenLanes && editor.canRedo
    case .checkpoint: return hasOpenLanes && isRecorded
    case .checkpoints, .rewind, .fork: return !model.lanes.allSatisfy(\.checkpoints.isEmpty)
    case .lane, .previousLane: return model.lanes.count > 1
    case .zoomIn, .cursorLeft, .cursorRight: return lastStep > 0 && screen != .journal
    case .zoomOut, .zoomAll: return chart.window != nil && screen != .journal
    case .logScale: return screen == .lanes || screen == .compare
    case .last where screen == .journal: return journalPosition != .end
    default: return true
    }
  }

  private func isUseful(_ action: Action, in launcher: LauncherModel) -> Bool {
    switch action {
    case .start: return launcher.catalog != nil && launcher.missing == nil
    case .download: return launcher.missing?.downloadBytes != nil && model.snapshot.download == nil
    case .toggle: if case .lane = launcher.field { return launcher.side == .form } else { return false }
    default: return true
    }
  }
}
