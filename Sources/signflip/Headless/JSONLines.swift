import EngineProtocol
import Foundation
import TrainingMetrics

/// The lines of `--json`: one object each, with its kind as `event`.
enum JSONLines {
  /// Training starts.
  static func started(_ run: RunDescription) -> String {
    struct Lane: Encodable {
      var lane, method, network, precision: String
      var parameters, floatBytes, packedBytes, threads: Int
    }
    struct Line: Encodable {
      var event = "started"
      var name, dataset, datasetOrigin: String
      var datasetReason: String?
      var trainingImages, validationImages, testImages: Int
      var seed: UInt64
      var notes: [String]
      var lanes: [Lane]
    }
    return text(
      Line(
        name: run.name, dataset: run.dataset, datasetOrigin: run.datasetOrigin, datasetReason: run.datasetReason,
        trainingImages: run.trainingCount,
        validationImages: run.validationCount, testImages: run.testCount, seed: run.seed,
        notes: run.notes ?? [],
        lanes: run.lanes.map { lane in
          Lane(
            lane: lane.name, method: lane.method, network: lane.network, precision: lane.precision,
            parameters: lane.parameterCount, floatBytes: lane.floatBytes, packedBytes: lane.packedBytes,
            threads: lane.threads)
        }))
  }

  /// A lane has ended an epoch. Missing values are null: the training loss before the first step, the flip rate of a
  /// float network.
  static func epoch(_ report: EpochReport) -> String {
    struct Line: Encodable {
      var event = "epoch"
      var lane: String
      var epoch, step: Int
      @Null var trainLoss: Double?
      @Null var validationLoss: Double?
      var validationAccuracy: Double
      @Null var latentValidationAccuracy: Double?
      var learningRate: Double
      @Null var flipRate: Double?
      @Null var imagesPerSecond: Double?
    }
    return text(
      Line(
        lane: report.lane, epoch: report.epoch, step: report.step, trainLoss: report.trainLoss.flatMap(finite),
        validationLoss: finite(report.validationLoss), validationAccuracy: report.validationAccuracy,
        latentValidationAccuracy: report.latentValidationAccuracy, learningRate: shortest(report.learningRate),
        flipRate: report.flipRate, imagesPerSecond: report.imagesPerSecond))
  }

  /// A command took effect.
  static func applied(_ entry: JournalEntry) -> String {
    struct Line: Encodable {
      var event = "applied"
      var lane: String
      var step: Int
      var change: JournalEntry.Change
      var unrecorded: String?
    }
    return text(Line(lane: entry.lane, step: entry.step, change: entry.change, unrecorded: entry.unrecorded))
  }

  /// The health watch has seen something in a lane.
  static func health(_ finding: HealthFinding, _ message: String) -> String {
    struct Line: Encodable {
      var event = "health"
      var rule: HealthFinding.Rule
      var lane: String
      @Null var layer: String?
      var step: Int
      var epoch: Double
      var since: Int
      var figures: [String: Null<Double>]
      @Null var suggestion: HyperparameterSetting?
      var message: String
    }
    let figures = finding.figures.map { ($0.name, Null(wrappedValue: finite($0.value))) }
    return text(
      Line(
        rule: finding.rule, lane: finding.lane, layer: finding.layer, step: finding.step, epoch: finding.epoch,
        since: finding.since, figures: Dictionary(figures) { first, _ in first }, suggestion: finding.suggestion,
        message: message))
  }

  /// Every lane has ended.
  static func finished(_ results: [LaneResult]) -> String {
    struct Lane: Encodable {
      var lane: String
      @Null var testAccuracy: Double?
      @Null var bestValidationAccuracy: Double?
      @Null var bestEpoch: Int?
      @Null var weightsSHA256: String?
      var parameters, steps: Int
      var seconds: Double
      var stopped: Bool
      @Null var failure: String?
      var missed, notes: [String]
    }
    struct Line: Encodable {
      var event = "finished"
      var lanes: [Lane]
    }
    return text(
      Line(
        lanes: results.map { result in
          Lane(
            lane: result.lane, testAccuracy: result.testAccuracy,
            bestValidationAccuracy: result.bestValidationAccuracy, bestEpoch: result.bestEpoch,
            weightsSHA256: result.weightsSHA256, parameters: result.parameters, steps: result.steps,
            seconds: result.seconds, stopped: result.wasStopped, failure: result.failure,
            missed: result.missed ?? [], notes: result.notes ?? [])
        }))
  }

  // Values computed as Float are written as Float: 0.001, not 0.0010000000474974513.
  private static func shortest(_ value: Double) -> Double { Double(Float(value).description) ?? value }

  private static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }

  /// Returns the line of an object.
  static func text(_ line: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    // The lines contain only finite numbers, strings, and lists of these, which JSON can represent.
    return (try? encoder.encode(line)).map { visible(String(decoding: $0, as: UTF8.self)) } ?? "{}"
  }

  /// Returns the JSON with bidirectional and similar characters escaped as `\u202e` and the like. Outside strings JSON
  /// has no such characters, and inside strings the escape is equivalent.
  private static func visible(_ json: String) -> String {
    guard json.unicodeScalars.contains(where: \.isUnprintable) else { return json }
    return json.unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isUnprintable {
        text += String(format: "\\u%04x", scalar.value)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }

  /// A value that is encoded as null if it is missing, so that every line has every key.
  @propertyWrapper
  struct Null<Value: Encodable>: Encodable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
  }
}
