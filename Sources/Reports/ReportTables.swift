import EngineProtocol
import RunStore
import TrainingMetrics

/// The tables of a report.
struct ReportTables: Sendable {
  private let curves: RunCurves
  private let results: [String: LaneResult]
  private var history: RunHistory { curves.history }

  /// The tables about a run.
  init(_ curves: RunCurves) {
    self.curves = curves
    results = curves.history.results
  }

  /// The state of the run, in a few words.
  var state: String {
    var state = "unfinished"
    for recorded in history.events {
      switch recorded.event {
      case .started, .laneAdded, .branched: state = "unfinished"
      case .finished: state = endOfLanes
      case .failed(let words, _): state = "failed: \(words)"
      default: break
      }
    }
    return state
  }

  // How the lanes have ended: all in the same way, or the number of each.
  private var endOfLanes: String {
    let states = curves.lanes.map { name -> String in
      let result = results[name]
      return result?.failure != nil ? "failed" : result?.wasStopped == true ? "stopped" : "finished"
    }
    guard Set(states).count > 1 else { return states.first ?? "finished" }
    return ["finished", "stopped", "failed"].compactMap { state in
      let count = states.count { $0 == state }
      return count > 0 ? "\(count) \(count == 1 ? "lane" : "lanes") \(state)" : nil
    }.joined(separator: ", ")
  }

  /// Returns the table of lanes and results.
  func lanes() -> HTML {
    let titles = [
      "lane", "method", "network", "parameters", "float", "packed", "best validation", "test", "steps", "time",
      "images/s", "state",
    ]
    let descriptions = Dictionary(history.lanes.map { ($0.name, $0) }) { first, _ in first }
    let rows = curves.lanes.compactMap { name -> [HTML]? in
      guard let lane = descriptions[name] else { return nil }
      let snapshot = history.snapshots.first { $0.name == name }
      let result = results[name]
      let accuracy = result?.bestValidationAccuracy ?? snapshot?.best?.accuracy
      let epoch = result?.bestEpoch ?? snapshot?.best?.epoch
      let best = accuracy.map { Figure.percent($0) + (epoch.map { " @ \($0)" } ?? "") }
      let test = (result?.testAccuracy ?? snapshot?.testAccuracy).map(Figure.percent)
      let steps = (result?.steps ?? snapshot?.step).map(Figure.count)
      let seconds = (result?.seconds ?? snapshot?.seconds).map(Figure.duration)
      let figures = [
        Figure.count(lane.parameterCount), Figure.bytes(lane.floatBytes), Figure.bytes(lane.packedBytes), best ?? "–",
        test ?? "–", steps ?? "–", seconds ?? "–", throughput(of: name) ?? "–",
      ]
      return [.element("span", class: "w", text: name), HTML(lane.method), HTML(lane.network)]
        + figures.map { HTML($0) } + [HTML(state(result, snapshot))]
    }
    return .element("div", [("class", "wide")], [.table(titles, numbers: Set(3...10), rows)])
  }

  /// Returns the table of changes; nil if there are none.
  func journal() -> HTML? {
    let effects = history.effects()
    let rows = history.events.compactMap { recorded -> [HTML]? in
      guard case .applied(_, let entry) = recorded.event else { return nil }
      let origin = entry.origin.isEmpty ? "–" : entry.origin
      return texts([
        Figure.count(entry.step), branchName(entry.lane, entry.branch), entry.change.words,
        effects.first { $0.entry == entry }?.effect.words ?? "–", Figure.duration(entry.seconds), origin,
        Figure.moment(recorded.time),
      ])
    }
    return table(
      ["step", "lane", "change", "training loss before and after", "after", "by", "time (UTC)"], numbers: [0, 4, 6],
      rows)
  }

  /// Returns the table of existing checkpoints; nil if there are none.
  func checkpoints() -> HTML? {
    let rows = history.checkpoints.map { checkpoint in
      texts([
        Figure.count(checkpoint.step), HyperparameterValue.number(checkpoint.epoch).description,
        branchName(checkpoint.lane, checkpoint.branch), checkpoint.reason.rawValue,
        checkpoint.validationAccuracy.map(Figure.percent) ?? "–",
        history.lostCheckpoints.contains(checkpoint) ? "file missing" : Figure.bytes(checkpoint.bytes),
        Figure.moment(checkpoint.time),
      ])
    }
    let titles = ["step", "epoch", "lane", "why", "validation", "size", "time (UTC)"]
    return table(titles, numbers: [0, 1, 4, 5, 6], rows)
  }

  /// Returns the table of messages about the run; nil if there are none.
  func health() -> HTML? {
    let rows = history.events.compactMap { recorded -> [HTML]? in
      guard case .health(let report) = recorded.event else { return nil }
      return texts([Figure.moment(report.time), report.severity.rawValue, report.message])
    }
    return table(["time (UTC)", "severity", "message"], rows)
  }

  /// Returns the table of the machine and the program; nil if it was not recorded.
  func environment() -> HTML? {
    let order = ["program", "processor", "cores", "memory", "system", "oneDNN"]
    let known = order.filter { history.environment[$0] != nil }
    let others = history.environment.keys.filter { !order.contains($0) }.sorted()
    var rows = (known + others).map { texts([$0, history.environment[$0] ?? ""]) }
    if !rows.isEmpty, !history.description.datasetOrigin.isEmpty {
      rows.append(texts(["data set", history.description.datasetPlace]))
    }
    rows += (history.description.notes ?? []).map { texts(["about the data set", $0]) }
    return table(["what", "value"], rows)
  }

  /// Returns the table of the digests of each lane's best weights; nil before the first lane has ended.
  func digests() -> HTML? {
    let rows = curves.lanes.compactMap { lane in
      results[lane]?.weightsSHA256.map { [HTML(lane), HTML.element("code", text: $0)] }
    }
    return table(["lane", "digest"], rows)
  }

  // MARK: Parts

  private func table(_ titles: [String], numbers: Set<Int> = [], _ rows: [[HTML]]) -> HTML? {
    rows.isEmpty ? nil : .table(titles, numbers: numbers, rows)
  }

  private func texts(_ texts: [String]) -> [HTML] { texts.map { HTML($0) } }

  private func branchName(_ lane: String, _ branch: Int) -> String { branch == 1 ? lane : "\(lane), branch \(branch)" }

  // The mean of the epochs' throughputs.
  private func throughput(of lane: String) -> String? {
    let values = history.events.compactMap { recorded -> Double? in
      guard case .epoch(let report) = recorded.event, report.lane == lane else { return nil }
      return report.imagesPerSecond.flatMap { $0.isFinite ? $0 : nil }
    }
    guard !values.isEmpty else { return nil }
    return Figure.count(Int(min(1e15, values.reduce(0, +) / Double(values.count)).rounded()))
  }

  private func state(_ result: LaneResult?, _ snapshot: LaneSnapshot?) -> String {
    if let result { return result.failure != nil ? result.end : result.wasStopped ? "stopped" : "finished" }
    return switch snapshot?.state {
    case .paused: "paused"
    case .failed(let words): words
    case .stopped: "stopped"
    case .finished: "finished"
    default: "unfinished"
    }
  }
}
