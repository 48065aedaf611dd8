package import EngineProtocol
import Foundation
package import TrainingMetrics

/// Several recorded runs as one, with their lanes side by side under the names `<run>:<lane>`.
package final class CombinedRuns: EngineClient {
  private let run: RecordedRun

  /// Reads the runs in directories.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`.
  package convenience init(directories: [String]) throws {
    let histories = try directories.map { try RunArchive.outline(of: $0) }
    let labels = RunLabels.labels(for: histories.map(\.description))
    self.init(histories, bytes: directories.reduce(0) { $0 + FolderSize.bytes(of: $1) }) { request in
      for (label, directory) in zip(labels, directories) where request.lane.hasPrefix(label + ":") {
        var own = request
        own.lane.removeFirst(label.count + 1)
        return try RunArchive.points(own, of: directory)
      }
      return []
    }
  }

  /// Combines runs.
  /// - Parameters:
  ///   - bytes: the total size of their directories on disk.
  ///   - points: returns points that are summarized in the histories.
  package init(
    _ histories: [RunHistory], bytes: Int = 0,
    points: @escaping @Sendable (PointsRequest) throws -> [MetricPoint] = { _ in [] }
  ) {
    let names = histories.map(\.description.id).joined(separator: ", ")
    run = RecordedRun(
      RunHistory(combining: histories), bytes: bytes,
      refusal: "these are recordings of \(names); `signflip resume RUN` continues one of them",
      points: points)
  }

  package func nextCommandID() -> CommandID { run.nextCommandID() }

  package func send(_ command: EngineCommand, as id: CommandID) { run.send(command, as: id) }

  package func snapshot() -> Snapshot { run.snapshot() }

  package func events(after cursor: EventCursor) -> EventBatch { run.events(after: cursor) }
}

extension RunHistory {
  /// Several runs as one: the lanes of each under the names `<run>:<lane>`, and a single `started` event.
  init(combining runs: [RunHistory]) {
    let labels = RunLabels.labels(for: runs.map(\.description))
    let renamed = zip(runs, labels).map { $0.renamed($1) }
    func common(_ text: (RunDescription) -> String) -> String {
      var texts: [String] = []
      for run in runs where !texts.contains(text(run.description)) { texts.append(text(run.description)) }
      return texts.joined(separator: ", ")
    }
    let first = runs.first?.description
    let isNamed = zip(labels, runs).allSatisfy { $1.description.id.hasSuffix($0) || $1.description.name == $0 }
    let title = isNamed ? labels.joined(separator: " + ") : common(\.name) + " " + labels.joined(separator: " + ")
    let notes = zip(labels, runs).flatMap { label, run in (run.description.notes ?? []).map { "\(label): \($0)" } }
    let description = RunDescription(
      id: labels.joined(separator: " + "), startedAt: runs.map(\.description.startedAt).min() ?? 0,
      name: title, dataset: common(\.dataset), datasetOrigin: common(\.datasetPlace),
      notes: notes.isEmpty ? nil : notes,
      trainingCount: first?.trainingCount ?? 0, validationCount: first?.validationCount ?? 0,
      testCount: first?.testCount ?? 0, classes: first?.classes ?? [], seed: first?.seed ?? 0,
      lanes: renamed.flatMap(\.description.lanes))
    // One run after the other, because readers access events by lane and step, not by time.
    let events = renamed.flatMap { run in
      run.events.filter { recorded in
        switch recorded.event {
        case .started, .finished: false
        default: true
        }
      }
    }
    let isFinished = runs.allSatisfy { run in run.events.contains { $0.event == .finished } }
    let last = runs.compactMap(\.events.last?.time).max() ?? description.startedAt
    self.init(
      description: description,
      events: [RecordedEvent(time: description.startedAt, .started(description))] + events
        + (isFinished ? [RecordedEvent(time: last, .finished)] : []),
      series: renamed.reduce(into: [:]) { $0.merge($1.series) { first, _ in first } },
      sketches: renamed.reduce(into: [:]) { $0.merge($1.sketches) { first, _ in first } },
      times: renamed.reduce(into: [:]) { $0.merge($1.times) { first, _ in first } },
      snapshots: renamed.flatMap(\.snapshots))
  }

  private func renamed(_ label: String) -> RunHistory {
    func name(_ lane: String) -> String { "\(label):\(lane)" }
    var run = self
    run.description.lanes = description.lanes.map { $0.renamed(name) }
    run.events = events.map { RecordedEvent(time: $0.time, $0.event.renamingLanes(time: $0.time, name)) }
    run.series = Dictionary(
      uniqueKeysWithValues: series.map { (SeriesKey(lane: name($0.lane), branch: $0.branch, $0.key), $1) })
    run.sketches = Dictionary(
      uniqueKeysWithValues: sketches.map { (SeriesKey(lane: name($0.lane), branch: $0.branch, $0.key), $1) })
    run.times = Dictionary(uniqueKeysWithValues: times.map { (BranchKey(lane: name($0.lane), branch: $0.branch), $1) })
    run.snapshots = snapshots.map { snapshot in
      var snapshot = snapshot
      snapshot.name = name(snapshot.name)
      return snapshot
    }
    return run
  }
}

extension EngineEvent {
  /// Renames the lanes of an event that happened at `time`. The failure of one run becomes a health report.
  func renamingLanes(time: Double, _ name: (String) -> String) -> EngineEvent {
    switch self {
    case .started(var run):
      run.lanes = run.lanes.map { $0.renamed(name) }
      return .started(run)
    case .laneAdded(let lane): return .laneAdded(lane.renamed(name))
    case .branched(var branch):
      branch.lane = name(branch.lane)
      return .branched(branch)
    case .points(let lane, let branch, let key, let points):
      return .points(lane: name(lane), branch: branch, key, points)
    case .sketch(let lane, let branch, let key, let series):
      return .sketch(lane: name(lane), branch: branch, key, series)
    case .epoch(var report):
      report.lane = name(report.lane)
      return .epoch(report)
    case .layers(var report):
      report.lane = name(report.lane)
      return .layers(report)
    case .applied(let command, var entry):
      entry.lane = name(entry.lane)
      if case .forked(let lane) = entry.change { entry.change = .forked(into: name(lane)) }
      return .applied(command, entry)
    case .checkpointed(var checkpoint):
      checkpoint.lane = name(checkpoint.lane)
      return .checkpointed(checkpoint)
    case .checkpointDeleted(let lane, let branch, let step):
      return .checkpointDeleted(lane: name(lane), branch: branch, step: step)
    case .laneEnded(var result):
      result.lane = name(result.lane)
      return .laneEnded(result)
    case .failed(let words, _): return .health(HealthReport(.error, words, time: time))
    case .stretch(let id, var request, let points):
      request.lane = name(request.lane)
      return .stretch(id, request, points)
    case .catalog, .downloadEnded, .refused, .health, .finished, .engineLost, .lanePacked, .laneTimed, .laneExported,
      .laneInspected, .laneClassified, .imageAnswered, .rateFound, .momentsCompared, .weightsRead, .deploymentFailed:
      return self
    }
  }
}

extension RunDescription.Lane {
  /// The lane with another name, and its parent too.
  func renamed(_ name: (String) -> String) -> Self {
    var lane = self
    lane.name = name(lane.name)
    if let fork { lane.fork?.lane = name(fork.lane) }
    return lane
  }
}

/// Short names of runs that are shown together.
enum RunLabels {
  /// Returns a unique label for each run: the first of the experiment's part of its name, its time, its date and time,
  /// and its whole name that is unique; otherwise its name with a number.
  static func labels(for runs: [RunDescription]) -> [String] {
    let forms = runs.map { run -> [String] in
      // “20260131-120000-digits” gives “digits”, “120000”, “0131-120000”.
      let parts = run.id.split(separator: "-", maxSplits: 2)
      let hasTime = parts.count == 3 && parts[0].count == 8 && parts[1].count == 6
      let name = run.id.isEmpty ? run.name : run.id
      guard hasTime else { return Array(repeating: name, count: 4) }
      return [String(parts[2]), String(parts[1]), "\(parts[0].dropFirst(4))-\(parts[1])", name]
    }
    func isAlone(_ label: String, in labels: [String]) -> Bool { labels.count { $0 == label } == 1 }
    let named = forms.map { own in
      own.indices.first { place in isAlone(own[place], in: forms.map { $0[place] }) }.map { own[$0] } ?? own[3]
    }
    var seen: [String: Int] = [:]
    return named.map { label in
      guard !isAlone(label, in: named) else { return label }
      seen[label, default: 0] += 1
      return "\(label)#\(seen[label] ?? 1)"
    }
  }
}
