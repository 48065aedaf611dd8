import EngineProtocol
import TrainingMetrics

/// Writes a run as TensorBoard event files: `tensorboard --logdir <runs>` shows each branch of each lane as a run.
///
/// One folder a branch, `<directory>/<lane>` and from the second one on `<directory>/<lane>~<branch>`. In each:
///
/// | tag | shown by | what |
/// |---|---|---|
/// | `trainLoss`, `validationLoss`, `validationAccuracy`, `learningRate`, `flipRate`, `gradientNorm`, `imagesPerSecond` | scalars | `Metric.rawValue`, a point of a series of the whole network |
/// | `flipRate/<layer>` | scalars | a point of a layer's series |
/// | `testAccuracy` | scalars | at the lane's last step |
/// | `latentWeights/<layer>` | histograms | the bins of a layer's latent weights, each epoch |
/// | `flips/<layer>` | histograms | the bin `[n, n + 1]` counts the weights that have flipped `n` times, the last one that many or more |
/// | `journal` | text | what was changed, in Markdown |
/// | `_hparams_/...` | hparams | the hyperparameters at the branch's beginning; `validationAccuracy` and `testAccuracy` |
///
/// Long series are thinned, since TensorBoard itself shows about a thousand points of each: of what is measured at every
/// update, all points up to step 10,000 are written, then those of each tenth step up to 100,000, of each hundredth up to
/// 1,000,000, and so on. The run's database has all.
///
/// Wall times are those at which the steps were recorded. What a throwing call was given is kept in memory, and the
/// next call writes it.
package final class TensorBoardWriter {
  /// The directory of the event files, such as `<run>/tensorboard`.
  package let directory: String
  private var description: RunDescription?
  private var lanes: [String: LaneSettings] = [:]
  private var files: [BranchKey: EventFile] = [:]
  private var tags: [MetricKey: [UInt8]] = [:]
  // Points may arrive in a later batch than the times of their steps: a validation has the step of the update before
  // it.
  private var times: [BranchKey: [StepTime]] = [:]
  // Whether existing files already contain what is written.
  var retells = false
  // Branches whose hyperparameters were written.
  private var sessions: Set<BranchKey> = []

  /// A writer for a directory, which is created with the first event. Existing files are kept.
  package init(directory: String) { self.directory = directory }

  /// A writer for a resumed run, whose directory already contains `history`.
  package convenience init(directory: String, after history: RunHistory) {
    self.init(directory: directory)
    learn(history.events.map(\.event), history.snapshots)
    keepTimes(of: history)
    for (lane, settings) in lanes where settings.settings(atBeginningOf: 1) != nil {
      for branch in settings.lineage.numbers { sessions.insert(BranchKey(lane: lane, branch: branch)) }
    }
  }

  // Times are read after the points, so they may be ahead of them by some steps.
  func keepTimes(of history: RunHistory) {
    for (branch, steps) in history.times {
      let newest = history.series.filter { ($0.key.lane, $0.key.branch) == (branch.lane, branch.branch) }
        .compactMap { $0.value.last?.step }.max()
      times[branch] = steps.filter { $0.step >= newest ?? 0 }
    }
  }

  /// Writes what is new in a run.
  /// - Parameter time: when it was recorded, in seconds since 1970; points use the time of their step in the batch, if
  ///   there is one.
  /// - Throws: `StoreError` with code `diskFull` or `notWritable`.
  package func write(_ batch: RunBatch, time: Double) throws(StoreError) {
    learn(batch.events, batch.snapshots)
    try startSessions(time: time)
    for (branch, steps) in batch.times { times[branch, default: []] += steps }
    for event in batch.events { try write(event, times: times, time: time) }
    forgetTimes(before: batch.events)
  }

  /// Passes everything written to the system.
  /// - Throws: `StoreError` with code `diskFull` or `notWritable`.
  package func flush() throws(StoreError) {
    for file in files.values { try file.flush() }
  }

  /// Writes the rest and closes the files.
  /// - Throws: `StoreError` with code `diskFull` or `notWritable`.
  package func close() throws(StoreError) {
    for file in files.values { try file.close() }
    files = [:]
  }

  // MARK: Events

  /// Updates the known lanes and branches, and their initial values.
  func learn(_ events: [EngineEvent], _ snapshots: [LaneSnapshot]) {
    for event in events { learn(event) }
    for snapshot in snapshots { lanes[snapshot.name]?.add(snapshot) }
  }

  /// Updates the learning rate of a lane's first step.
  func learn(firstLearningRate rate: Float, of lane: String) { lanes[lane]?.addFirst(learningRate: rate) }

  private func learn(_ event: EngineEvent) {
    switch event {
    case .started(let description):
      guard self.description == nil else { return }
      self.description = description
      for lane in description.lanes { lanes[lane.name] = LaneSettings() }
    case .laneAdded(let lane):
      guard lanes[lane.name] == nil else { return }
      description?.lanes.append(lane)
      lanes[lane.name] = LaneSettings()
    case .branched(let branch): lanes[branch.lane]?.add(branch)
    case .applied(_, let entry): lanes[entry.lane]?.add(entry)
    default: break
    }
  }

  /// Writes the hyperparameters of branches for which they have become known.
  ///
  /// They arrive with a lane's first snapshot; TensorBoard reads only the first session of a directory.
  func startSessions(time: Double) throws(StoreError) {
    guard let description else { return }
    for lane in description.lanes {
      guard let known = lanes[lane.name] else { continue }
      for branch in known.lineage.numbers {
        let key = BranchKey(lane: lane.name, branch: branch)
        guard !sessions.contains(key), let settings = known.settings(atBeginningOf: branch) else { continue }
        sessions.insert(key)
        let file = try file(key, time: time)
        try file.append(.experiment(description, time: time))
        try file.append(.sessionStart(lane, branch: branch, of: description, settings: settings, time: time))
      }
    }
  }

  /// Writes an event: points at the times of their steps, everything else at `time`.
  func write(_ event: EngineEvent, times: [BranchKey: [StepTime]], time: Double) throws(StoreError) {
    switch event {
    case .points(let lane, let branch, let key, let points):
      let branch = BranchKey(lane: lane, branch: branch)
      try write(points, of: key, branch, times: times[branch] ?? [], time: time)
    case .layers(let report):
      let file = try file(BranchKey(lane: report.lane, branch: report.branch), time: time)
      for (flips, weights) in zip(report.flips, report.latentWeights) {
        try file.append(.histogram(weights, tag: "latentWeights/\(flips.layer)", step: report.step, time: time))
        try file.append(.flips(flips, tag: "flips/\(flips.layer)", step: report.step, time: time))
      }
    case .applied(_, let entry):
      try file(BranchKey(lane: entry.lane, branch: entry.branch), time: time).append(.journal(entry, time: time))
    case .branched(let branch):
      _ = try file(BranchKey(lane: branch.lane, branch: branch.number), time: time)
    case .laneEnded(let result):
      let file = try file(BranchKey(lane: result.lane, branch: lanes[result.lane]?.lineage.newest ?? 1), time: time)
      if let accuracy = result.testAccuracy {
        try file.append(tag: Array("testAccuracy".utf8), step: result.steps, value: Float(accuracy), time: time)
      }
      try file.append(.sessionEnd(failed: result.failure != nil, time: time))
    default: break
    }
  }

  // No point arrives for a step before the newest one that has a point.
  private func forgetTimes(before events: [EngineEvent]) {
    for case .points(let lane, let branch, _, let points) in events {
      guard let newest = points.last?.step else { continue }
      times[BranchKey(lane: lane, branch: branch)]?.removeAll { $0.step < newest }
    }
  }

  private func write(
    _ points: [MetricPoint], of key: MetricKey, _ branch: BranchKey, times: [StepTime], time: Double
  ) throws(StoreError) {
    let file = try file(branch, time: time)
    let tag = tag(key)
    var place = 0
    for point in points where Self.writes(key.metric, step: point.step) {
      while place < times.count, times[place].step < point.step { place += 1 }
      let isTimed = place < times.count && times[place].step == point.step
      try file.append(tag: tag, step: point.step, value: point.value, time: isTimed ? times[place].time : time)
    }
  }

  // Depends on the step only, so that a resumed run continues in the same way.
  private static func writes(_ metric: Metric, step: Int) -> Bool {
    if metric.isOfEpochs { return true }
    var stride = 1
    while step / stride > 10_000 { stride *= 10 }
    return step % stride == 0
  }

  private func tag(_ key: MetricKey) -> [UInt8] {
    if let known = tags[key] { return known }
    let tag = Array((key.metric.rawValue + (key.layer.map { "/\($0)" } ?? "")).utf8)
    tags[key] = tag
    return tag
  }

  // MARK: Files

  func file(_ branch: BranchKey, time: Double) throws(StoreError) -> EventFile {
    if let open = files[branch] { return open }
    let file = try EventFile(folder: "\(directory)/\(Self.folder(of: branch))", time: time)
    files[branch] = file
    if retells, !file.isFirst { try file.appendRestart(step: 0, time: time) }
    return file
  }

  /// The directories of all branches.
  var folders: [String] {
    lanes.flatMap { lane, settings in
      settings.lineage.numbers.map { "\(directory)/\(Self.folder(of: BranchKey(lane: lane, branch: $0)))" }
    }
  }

  /// Returns the name of a branch's directory: the lane's name, with `~<branch>` from the second branch on.
  ///
  /// Characters that are invalid in directory names, and `~`, become `_`.
  package static func folder(of branch: BranchKey) -> String {
    var name = String(branch.lane.map { $0 == "/" || $0 == "~" || $0 == "\0" ? "_" : $0 })
    if name.isEmpty || name.hasPrefix(".") { name = "_" + name.dropFirst() }
    return branch.branch == 1 ? name : "\(name)~\(branch.branch)"
  }
}
