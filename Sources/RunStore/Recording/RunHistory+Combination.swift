import EngineProtocol

extension RunHistory {
  /// Several runs as one: the lanes of each under the names `<run>:<lane>`, and one `started` for all.
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
    // The runs one after the other: a reader asks for what happened by lane and step, not by the clock.
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
