import EngineProtocol
import TerminalUI
import TrainingMetrics

// Reactions to events beyond updating the model.

extension Dashboard {
  /// Reacts to an event.
  /// - Parameter isHistory: whether it happened before the dashboard connected, and so is not news.
  mutating func react(to event: EngineEvent, isHistory: Bool) {
    switch event {
    case .catalog(let catalog, _):
      connection.pending.didDescribeCatalog()
      launcher.update(catalog)
    case .downloadEnded(let id, let result):
      connection.pending.didEnd(id)
      didDownload(result)
    case .started:
      connection.pending.didStart()
      messages.dismiss()
      if connection.isResuming {
        connection.isResuming = false
        say("the run goes on", .good)
      } else {
        overlay = nil
        live.focus = .all
        if let notes = model.run?.notes, let first = notes.first {
          let count = notes.count == 1 ? "" : "\(notes.count) notes on the data set are in the journal; the first: "
          say(count.isEmpty ? "data set: \(first)" : count + first, .warning)
        }
      }
      chooseExistingHyperparameter()
    case .applied(let id, let entry):
      connection.pending.didApply(id, now: now)
      live.editor.didApply(id, entry, now: now)
      announce(id, entry, isHistory: isHistory)
      if let fault = entry.unrecorded, !isHistory {
        say("\(entry.change.summary) in \(entry.lane) is not saved yet: \(fault)", .warning)
      }
    case .refused(let id, let reason):
      live.editor.didRefuse(id, now: now)
      switch connection.pending.didRefuse(id) {
      case .start: backToLauncher(reason)
      case .points: connection.details.didRefuse()
      default: if connection.pending.isOwn(id) || model.run == nil { say("refused: \(reason)", .warning) }
      }
    case .laneEnded(let result) where result.failure != nil && !isHistory:
      say("\(result.lane): \(result.failure ?? "")", .bad)
    case .finished:
      // The question whether to leave or stop is no longer valid.
      if overlay?.isAboutTraining == true { overlay = nil }
    case .failed(let reason, _):
      connection.pending.didStart()
      connection.isResuming = false
      if model.run == nil { backToLauncher(reason) } else { say(reason, .bad) }
    case .engineLost: forgetEngine()
    case .health(let report):
      if report.severity != .information, !isHistory { say(report.message, report.severity.weight) }
    case .checkpointed(let checkpoint):
      guard checkpoint.reason == .asked, !isHistory else { return }
      say(
        "checkpoint of \(checkpoint.lane) at step \(NumberFormat.grouped(checkpoint.step)), "
          + NumberFormat.bytes(checkpoint.bytes), .good)
    case .stretch(let id, _, _), .lanePacked(let id, _), .laneTimed(let id, _): connection.pending.didEnd(id)
    case .laneExported(let id, _), .laneInspected(let id, _), .laneClassified(let id, _), .imageAnswered(let id, _),
      .rateFound(let id, _), .momentsCompared(let id, _), .weightsRead(let id, _), .deploymentFailed(let id, _):
      connection.pending.didEnd(id)
    case .laneEnded, .points, .sketch, .epoch, .layers, .laneAdded, .branched, .checkpointDeleted: break
    }
  }

  // Announces the user's own changes of values and runs, and everything other users do.
  private mutating func announce(_ id: CommandID, _ entry: JournalEntry, isHistory: Bool) {
    let origin = connection.pending.isOwn(id) ? "" : entry.origin
    switch entry.change {
    case .set, .rewound, .forked: break
    case .stepped where origin.isEmpty && !isHistory: return say("step \(NumberFormat.grouped(entry.step))")
    case .noted where origin.isEmpty:
      if !isHistory { say("note written at step \(NumberFormat.grouped(entry.step))", .good) }
      return
    case .paused, .resumed, .stepped, .runsToEpoch, .stopped, .noted: if origin.isEmpty { return }
    }
    // The message about a fork includes its changes.
    let fork = model.index(of: entry.lane).flatMap { model.lanes[$0].description.fork }
    guard !isHistory, fork?.step != entry.step || entry.branch > 1 else { return }
    messages.announce(entry.change.summary, by: origin, lane: entry.lane, step: entry.step, now: now)
    schedule.isDue = true
  }

  /// Closes the dashboard if it was to watch a run that could not be started.
  mutating func failIfNothingStarted() {
    guard case .watching = beginning, model.run == nil, let failure = model.failure else { return }
    if !effects.contains(.end(.failed(failure))) { effects.append(.end(.failed(failure))) }
  }
}
