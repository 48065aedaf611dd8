import EngineProtocol
import Foundation
import SwiftProtobuf
import TrainingMetrics

// The hparams plug-in reads three values with fixed tags, whose content is in their metadata.
extension TBEvent {
  /// The columns of the table. They are the same in every directory, because TensorBoard uses the first one that it
  /// finds.
  static func experiment(_ run: RunDescription, time: Double) -> TBEvent {
    var experiment = TBExperiment()
    experiment.name = run.name
    experiment.timeCreatedSecs = run.startedAt
    experiment.hparamInfos = facts.map { name in
      .with {
        $0.name = name
        $0.type = .dataTypeString
      }
    }
    experiment.hparamInfos += Hyperparameter.allCases.map { hyperparameter in
      .with {
        $0.name = hyperparameter.rawValue
        $0.displayName = hyperparameter.specification.title
        $0.description_p = hyperparameter.specification.summary
        $0.type = if case .choice = hyperparameter.specification.scale { .dataTypeString } else { .dataTypeFloat64 }
      }
    }
    experiment.metricInfos = ["validationAccuracy", "testAccuracy"].map { tag in .with { $0.name.tag = tag } }
    return hyperparameters("experiment", time: time) { $0.experiment = experiment }
  }

  /// The initial values of a branch.
  static func sessionStart(
    _ lane: RunDescription.Lane, branch: Int, of run: RunDescription,
    settings: [Hyperparameter: HyperparameterValue], time: Double
  ) -> TBEvent {
    var start = TBSessionStartInfo()
    start.startTimeSecs = time
    // A seed has 64 bits, more than the plug-in's numbers.
    let values = [
      run.id, run.name, lane.name, String(branch), lane.method, lane.network, lane.precision, run.dataset,
      String(run.seed),
    ]
    for (name, value) in zip(facts, values) { start.hparams[name] = Google_Protobuf_Value(stringValue: value) }
    for (hyperparameter, value) in settings {
      start.hparams[hyperparameter.rawValue] =
        switch value {
        case .number(let number): Google_Protobuf_Value(numberValue: number)
        case .word(let word): Google_Protobuf_Value(stringValue: word)
        }
    }
    return hyperparameters("session_start_info", time: time) { $0.sessionStartInfo = start }
  }

  /// The end of a lane.
  static func sessionEnd(failed: Bool, time: Double) -> TBEvent {
    hyperparameters("session_end_info", time: time) {
      $0.sessionEndInfo.status = failed ? .failure : .success
      $0.sessionEndInfo.endTimeSecs = time
    }
  }

  private static let facts = [
    "run", "experiment", "lane", "branch", "method", "network", "precision", "dataset", "seed",
  ]

  private static func hyperparameters(
    _ name: String, time: Double, _ fill: (inout TBHParamsPluginData) -> Void
  ) -> TBEvent {
    var content = TBHParamsPluginData()
    fill(&content)
    var value = TBSummary.Value()
    value.tag = "_hparams_/\(name)"
    value.metadata.pluginData.pluginName = "hparams"
    // Serializing fails only above 2 GB or for missing required fields, which proto3 does not have.
    value.metadata.pluginData.content = (try? content.serializedData()) ?? .init()
    value.metadata.dataClass = .tensor
    // The plug-in requires a tensor but ignores its value.
    value.tensor.dtype = .dtFloat
    value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    value.tensor.floatVal = [0]
    return TBEvent(value, step: 0, time: time)
  }
}

extension TBEvent {
  /// A histogram with equal bins.
  static func histogram(_ histogram: Histogram, tag: String, step: Int, time: Double) -> TBEvent {
    let lower = Double(histogram.lowerBound)
    let width = (Double(histogram.upperBound) - lower) / Double(max(1, histogram.counts.count))
    return bins(
      histogram.counts.enumerated().map { (lower + Double($0) * width, lower + Double($0 + 1) * width, $1) },
      tag: tag, step: step, time: time)
  }

  /// The number of weights that have flipped `n` times, as the bin `[n, n + 1]`.
  static func flips(_ flips: FlipStatistics, tag: String, step: Int, time: Double) -> TBEvent {
    bins(
      flips.weightsByFlips.enumerated().map { (Double($0), Double($0 + 1), $1) },
      tag: tag, step: step, time: time)
  }

  // The histogram plug-in's tensor of shape [bins, 3]: lower bound, upper bound and count of each bin.
  private static func bins(
    _ bins: [(lower: Double, upper: Double, count: Int)], tag: String, step: Int, time: Double
  ) -> TBEvent {
    var value = TBSummary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "histograms"
    value.metadata.dataClass = .tensor
    value.tensor.dtype = .dtDouble
    value.tensor.tensorShape.dim = [.with { $0.size = Int64(bins.count) }, .with { $0.size = 3 }]
    value.tensor.doubleVal = bins.flatMap { [$0.lower, $0.upper, Double($0.count)] }
    return TBEvent(value, step: step, time: time)
  }
}

extension TBEvent {
  /// A change in Markdown for the text plug-in: `**learning rate 0.01 → 0.003** at step 1200, by a steering script`.
  static func journal(_ entry: JournalEntry, time: Double) -> TBEvent {
    let origin = entry.origin.isEmpty ? "" : ", by \(entry.origin)"
    var value = TBSummary.Value()
    value.tag = "journal"
    value.metadata.pluginData.pluginName = "text"
    value.metadata.dataClass = .tensor
    value.tensor.dtype = .dtString
    value.tensor.tensorShape.dim = [.with { $0.size = 1 }]
    value.tensor.stringVal = [Data("**\(entry.change.words)** at step \(entry.step)\(origin)".utf8)]
    return TBEvent(value, step: entry.step, time: time)
  }

  /// An event with one value.
  init(_ value: TBSummary.Value, step: Int, time: Double) {
    self.init()
    wallTime = time
    self.step = Int64(step)
    summary.value = [value]
  }
}
