import EngineProtocol
import TerminalUI

// What the engine tells, as far as it is more than a change of the model.

extension Dashboard {
  /// Does what an event means beyond the model.
  /// - Parameter isHistory: whether it happened before one came: it is no news.
  mutating func react(to event: EngineEvent, isHistory: Bool) {
    switch event {
    case .catalog(let catalog, _):
      awaitsCatalog = false
      guard case .launcher(var launcher) = mode else { return }
      launcher.update(catalog)
      mode = .launcher(launcher)
    case .downloadEnded(let id, let result):
      if id == downloadID { downloadID = nil }
      didDownload(result)
    case .started:
      startID = nil
      toast = nil
      if isResuming {
        isResuming = false
        say("the run goes on", .good)
      } else {
        overlay = nil
        focus = .all
        if let notes = model.run?.notes, let first = notes.first {
          let count = notes.count == 1 ? "" : "\(notes.count) notes on the data set are in the journal; the first: "
          say(count.isEmpty ? "data set: \(first)" : count + first, .warning)
        }
      }
      chooseExistingHyperparameter()
    case .applied(let id, let entry):
      if awaited[id] != nil { awaited[id] = now + Self.watchAfterAnswer }
      request?.didAnswer(id)
      editor.didApply(id, entry, now: now)
      announce(id, entry, isHistory: isHistory)
    case .refused(let id, let reason):
      awaited[id] = nil
      if request?.id == id { request = nil }
      editor.didRefuse(id, now: now)
      if id == downloadID { downloadID = nil }
      if id == startID {
        startID = nil
        backToLauncher(reason)
      } else if model.isOwn(id) || model.run == nil {
        say("refused: \(reason)", .warning)
      }
    case .laneEnded(let result) where result.failure != nil && !isHistory:
      say("\(result.lane): \(result.failure ?? "")", .bad)
    case .finished:
      // Whether to leave or stop is no longer the question.
      if case .confirmation(let confirmation) = overlay {
        switch confirmation.deed {
        case .quit, .stop: overlay = nil
        case .rewind: break
        }
      }
    case .failed(let reason, _):
      startID = nil
      isResuming = false
      if model.run == nil { backToLauncher(reason) } else { say(reason, .bad) }
    case .engineLost: forgetEngine()
    case .health(let report):
      if report.severity != .information, !isHistory { say(report.message, report.severity.weight) }
    case .checkpointed(let checkpoint):
      guard checkpoint.reason == .asked, !isHistory else { return }
      say(
        "checkpoint of \(checkpoint.lane) at step \(NumberFormat.grouped(checkpoint.step)), "
          + NumberFormat.bytes(checkpoint.bytes), .good)
    case .laneEnded, .points, .sketch, .epoch, .layers, .laneAdded, .branched, .checkpointDeleted: break
    }
  }

  // One's own changes of values and courses, and all that other people do.
  private mutating func announce(_ id: CommandID, _ entry: JournalEntry, isHistory: Bool) {
    let origin = model.isOwn(id) ? "" : entry.origin
    switch entry.change {
    case .set, .rewound, .forked: break
    case .stepped where origin.isEmpty && !isHistory: return say("step \(NumberFormat.grouped(entry.step))")
    case .paused, .resumed, .stepped, .runsToEpoch, .stopped: if origin.isEmpty { return }
    }
    // What a fork changes was told with it.
    let fork = model.index(of: entry.lane).flatMap { model.lanes[$0].description.fork }
    guard !isHistory, fork?.step != entry.step || entry.branch > 1 else { return }
    // Lanes that answer to one change share the message.
    let summary = entry.change.summary
    if let announced, announced.summary == summary, announced.origin == origin, toast != nil {
      self.announced?.places.append((entry.lane, entry.step))
    } else {
      announced = (summary, origin, [(entry.lane, entry.step)])
    }
    let places = (announced?.places ?? []).map { "\($0.lane) at step \(NumberFormat.grouped($0.step))" }
      .joined(separator: ", ")
    if origin.isEmpty {
      say("\(summary): \(places)", .good)
    } else {
      say("\(summary) in \(places), by \(origin)", .change)
    }
  }

  mutating func backToLauncher(_ reason: String) {
    guard case .launcher(let dataDirectory) = beginning else {
      effects.append(.end(.failed(reason)))
      return
    }
    if case .live = mode {
      var launcher = savedLauncher ?? LauncherModel(dataDirectory: dataDirectory)
      if let catalog = model.catalog { launcher.update(catalog) }
      mode = .launcher(launcher)
    }
    overlay = nil
    say(reason, .bad)
  }

  /// Leaves where there was something to watch and it could not be started.
  mutating func failIfNothingStarted() {
    guard case .watching = beginning, model.run == nil, let failure = model.failure else { return }
    if !effects.contains(.end(.failed(failure))) { effects.append(.end(.failed(failure))) }
  }
}
