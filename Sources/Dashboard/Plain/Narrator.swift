package import EngineProtocol
import TrainingMetrics

/// Tells what happens in a run in sentences, for screen readers and line printers.
package struct Narrator: Sendable {
  private var stage = ""
  // The number of epochs of each lane, which changes rarely.
  private var epochs: [String: Int] = [:]
  private var best: [String: Double] = [:]

  /// A narrator that has told nothing yet.
  package init() {}

  // MARK: State

  /// Returns a sentence about the stage of the preparation, if it is a new one.
  package mutating func sentences(for snapshot: Snapshot) -> [String] {
    for lane in snapshot.lanes { epochs[lane.name] = lane.epochs }
    guard case .preparing(let stage) = snapshot.phase, stage.words != self.stage else { return [] }
    self.stage = stage.words
    return ["Preparing: \(stage.words)."]
  }

  /// Returns sentences about the state of every lane.
  package func status(of model: DashboardModel) -> [String] {
    if model.lanes.isEmpty { return ["The lanes are not ready yet."] }
    return model.lanes.map { lane in
      var parts: [String] = []
      if let snapshot = lane.snapshot {
        parts.append(
          "epoch \(NumberFormat.fixed(snapshot.epoch, decimals: 2)) of \(snapshot.epochs), step "
            + NumberFormat.grouped(lane.step))
      }
      if let loss = lane.figure(.trainLoss) { parts.append("training loss \(NumberFormat.loss(loss))") }
      if let best = lane.best {
        parts.append("best validation accuracy \(NumberFormat.percent(best.accuracy)) at epoch \(best.epoch)")
      }
      if let accuracy = lane.testAccuracy { parts.append("test accuracy \(NumberFormat.percent(accuracy))") }
      if let rate = lane.value(of: .learningRate) { parts.append("learning rate \(rate)") }
      if let left = lane.secondsLeft, left > 0, lane.state != .paused {
        parts.append("about \(NumberFormat.span(seconds: left)) left")
      }
      return "\(lane.name) \(Self.words(of: lane.state)): \(parts.joined(separator: ", "))."
    }
  }

  private static func words(of state: LaneSnapshot.State) -> String {
    switch state {
    case .training: "is training"
    case .validating: "is validated"
    case .paused: "is paused"
    case .waiting(let words): "waits for \(words)"
    case .testing: "is tested"
    case .finished: "has finished"
    case .stopped: "was stopped"
    case .failed(let reason): "has failed (\(reason))"
    }
  }

  /// Returns a sentence about a change that the health watch offers; nil if it offers none.
  package func offer(in model: DashboardModel) -> String? {
    model.offer.map { offer in
      "The health watch offers \(offer.change) for \(offer.finding.lane): type accept to make this change, or decline."
    }
  }

  // MARK: Events

  /// Returns the sentences about an event.
  package mutating func sentences(for event: EngineEvent, isOwn: (CommandID) -> Bool = { _ in false }) -> [String] {
    switch event {
    case .started(let run): return started(run)
    case .laneAdded(let lane): return [added(lane)]
    case .epoch(let report): return [epoch(report)]
    case .applied(let id, let entry): return [applied(entry, isOwn: isOwn(id))]
    case .refused(let id, let reason): return isOwn(id) ? ["Refused: \(reason)."] : []
    case .checkpointed(let checkpoint):
      let reason = checkpoint.reason == .best ? "best so far" : checkpoint.reason.title
      return ["\(checkpoint.lane): checkpoint at step \(NumberFormat.grouped(checkpoint.step)), \(reason)."]
    case .health(let report):
      let kind =
        switch report.severity {
        case .information: "Note"
        case .warning: "Warning"
        case .error: "Error"
        }
      return ["\(kind): \(Self.closed(report.message))"]
    case .laneEnded(let result): return ended(result)
    case .finished: return ["Every lane has ended."]
    case .failed(let reason, _): return ["The run has failed: \(Self.closed(reason))"]
    case .engineLost(let reason): return ["The engine is gone: \(Self.closed(reason))"]
    case .catalog, .downloadEnded, .lanePacked, .laneTimed, .laneExported, .laneInspected, .laneClassified,
      .imageAnswered, .rateFound, .momentsCompared, .weightsRead, .deploymentFailed, .branched, .points, .sketch,
      .stretch,
      .layers,
      .checkpointDeleted:
      return []
    }
  }

  private mutating func started(_ run: RunDescription) -> [String] {
    best = [:]
    var lines = [
      "Experiment \(run.name) on \(run.dataset) (\(run.datasetPlace)): \(NumberFormat.grouped(run.trainingCount)) "
        + "training and \(NumberFormat.grouped(run.validationCount)) validation images, seed \(run.seed)."
    ]
    if !run.id.isEmpty { lines.append("The run is recorded as \(run.id).") }
    lines += (run.notes ?? []).map { "Note on the data set: \(Self.closed($0))" }
    lines += run.lanes.map { lane in
      "Lane \(lane.name): \(lane.method), network \(lane.network), "
        + "\(NumberFormat.grouped(lane.parameterCount)) parameters."
    }
    return lines
  }

  private func added(_ lane: RunDescription.Lane) -> String {
    guard let fork = lane.fork else { return "Lane \(lane.name) was added." }
    return "Lane \(lane.name) is a fork of \(fork.lane) at step \(NumberFormat.grouped(fork.step))\(fork.changes)."
  }

  private mutating func epoch(_ report: EpochReport) -> String {
    let isFirst = report.step == 0
    let place =
      isFirst ? "before the first update" : "epoch \(report.epoch)\(epochs[report.lane].map { " of \($0)" } ?? "")"
    var parts = ["validation accuracy \(NumberFormat.percent(report.validationAccuracy))"]
    if !isFirst {
      if report.validationAccuracy > best[report.lane] ?? 0 {
        best[report.lane] = report.validationAccuracy
        parts[0] += ", the best so far"
      }
      parts.append("validation loss \(NumberFormat.loss(report.validationLoss))")
      if let loss = report.trainLoss { parts.append("training loss \(NumberFormat.loss(loss))") }
      if let rate = report.flipRate { parts.append("\(NumberFormat.percent(rate)) of the signs flip in an update") }
    }
    return "\(report.lane), \(place): \(parts.joined(separator: ", "))."
  }

  private func applied(_ entry: JournalEntry, isOwn: Bool) -> String {
    let step = NumberFormat.grouped(entry.step)
    let change =
      switch entry.change {
      case .set(let key, let old, let new):
        "\(entry.lane): \(key.specification.title) changed from \(old) to \(new) at step \(step)"
      case .paused: "\(entry.lane) is paused at step \(step)"
      case .resumed: "\(entry.lane) goes on from step \(step)"
      case .stepped: "\(entry.lane) has done one update and is paused at step \(step)"
      case .runsToEpoch(let epoch): "\(entry.lane) trains until epoch \(epoch), then pauses"
      case .stopped: "\(entry.lane) is stopped at step \(step); its best weights are tested"
      case .rewound(let from): "\(entry.lane) is rewound from step \(NumberFormat.grouped(from)) to step \(step)"
      case .forked(let lane): "\(entry.lane) is forked at step \(step) into \(lane)"
      case .noted(let text): "a note on \(entry.lane) at step \(step): \(text)"
      }
    let origin = isOwn || entry.origin.isEmpty ? "" : ", by \(entry.origin)"
    let fault = entry.unrecorded.map { "; it is not saved yet: \($0)" } ?? ""
    return change + origin + fault + "."
  }

  private func ended(_ result: LaneResult) -> [String] {
    var text = "\(result.lane) has \(result.end)"
    if result.wasStopped { text = "\(result.lane) was \(result.end)" }
    if let accuracy = result.testAccuracy { text += ": test accuracy \(NumberFormat.percent(accuracy))" }
    if let accuracy = result.bestValidationAccuracy, let epoch = result.bestEpoch {
      text += ", best validation accuracy \(NumberFormat.percent(accuracy)) at epoch \(epoch)"
    }
    text += ", after \(NumberFormat.span(seconds: result.seconds)) of work."
    return [text] + ((result.missed ?? []) + (result.notes ?? [])).map { "\(result.lane): \(Self.closed($0))" }
  }

  private static func closed(_ text: String) -> String { text.hasSuffix(".") ? text : text + "." }
}
