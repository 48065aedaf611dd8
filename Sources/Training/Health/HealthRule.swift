import EngineProtocol
import Foundation
import NeuralNetworks
import TrainingMetrics

/// A rule of the health watch: what it remembers of a lane's course, and when it reports a symptom. It depends only on what
/// the seed determines, never on time. A checkpoint contains what it remembers.
protocol HealthRule: Codable, Sendable {
  /// The rule's name.
  static var name: HealthFinding.Rule { get }
  /// Other rules that name the cause better: if one of them reports in the same epoch, this one does not.
  static var yieldsTo: Set<HealthFinding.Rule> { get }

  /// Looks at an update.
  mutating func see(_ step: HealthStep) -> HealthSymptom?
  /// Looks at the end of an epoch.
  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom?
}

extension HealthRule {
  static var yieldsTo: Set<HealthFinding.Rule> { [] }
  mutating func see(_ step: HealthStep) -> HealthSymptom? { nil }
  mutating func see(_ epoch: HealthEpoch) -> HealthSymptom? { nil }
}

/// How long something has lasted.
struct Spell: Codable, Hashable {
  /// Ends of epochs at which it was seen, one after the other.
  private(set) var epochs = 0
  /// Updates done when it began.
  private(set) var since = 0

  /// Looks at the end of an epoch.
  mutating func see(_ isSeen: Bool, _ epoch: HealthEpoch) {
    self = isSeen ? Spell(epochs: epochs + 1, since: epochs == 0 ? epoch.start : since) : Spell()
  }
}

/// What rules see of an update.
struct HealthStep {
  /// Updates done.
  let step: Int
  /// Epochs done.
  let epoch: Double
  /// The loss of the batch.
  let loss: Double
  /// The loss of guessing.
  let guess: Double
  /// The lane's plan.
  let plan: LanePlan
}

/// What rules see of an epoch.
struct HealthEpoch {
  /// Epochs done.
  let epoch: Int
  /// Updates done.
  let step: Int
  /// Updates done when the epoch began.
  let start: Int
  /// The mean training loss.
  let trainLoss: Double
  /// The validation loss.
  let validationLoss: Double
  /// The validation accuracy, 0...1.
  let accuracy: Double
  /// The number of classes.
  let classes: Int
  /// The loss of guessing.
  let guess: Double
  /// The learning rate now.
  let rate: Double
  /// The learning rate at the start of training.
  let firstRate: Double
  /// The figures of the layers.
  let layers: [LayerDiagnostics]
  /// The lane's plan.
  let plan: LanePlan
  /// Updates done when a divergence began; nil if the network has been better than guessing since.
  var divergedAt: Int?

  /// Whether the network is hardly better than guessing: its accuracy is at most 1.5 times that of guessing.
  var isGuessing: Bool { accuracy <= 1.5 / Double(classes) }

  /// What a lane needs whose weights hardly flip: to learn faster, or, if it has diverged, to start again before that.
  /// - Parameter why: why this matters in a lane that has not diverged.
  func remedy(_ why: String) -> (why: String, suggestions: [HyperparameterSetting]) {
    let suggestions = plan.learning(faster: divergedAt == nil ? 10 : 0.1, atEpoch: Double(epoch))
    guard let divergedAt else { return (why, suggestions) }
    let step = NumberFormat.grouped(divergedAt)
    let cause = "the loss has risen far since step \(step), and the network has not recovered; rewind to that step"
    return (cause, suggestions)
  }

  /// The epoch's mean flip rate of an update over all layers; nil if no weights can flip.
  var flipRate: Double? {
    let found = layers.compactMap { layer in layer.weights?.epochFlips.map { (layer, $0) } }
    guard let updates = found.first?.1.updates, updates > 0 else { return nil }
    let weights = found.reduce(0) { $0 + ($1.0.weightShape ?? []).reduce(1, *) }
    return Double(found.reduce(0) { $0 + $1.1.flips }) / Double(updates) / Double(max(1, weights))
  }

  /// The layer with the largest value that is above a bound.
  func worst(above bound: Double, _ value: (LayerDiagnostics) -> Double?) -> (layer: LayerDiagnostics, value: Double)? {
    layers.compactMap { layer in value(layer).map { (layer, $0) } }.filter { $0.1 > bound }.max { $0.1 < $1.1 }
  }
}

/// What a rule has seen, before the watch decides whether to report it.
struct HealthSymptom {
  /// The layer; nil if it is about the whole network.
  var layer: String?
  /// Updates done when it began.
  var since: Int
  /// The numbers.
  var figures: [HealthFinding.Figure]
  /// What was seen: “93 % of the gates are closed”.
  var what: String
  /// Why it matters.
  var why: String
  /// Changes that may help; the first that the lane accepts is offered.
  var suggestions: [HyperparameterSetting] = []
}

extension LanePlan {
  /// The loss of a network that gives all classes the same probability, or all outputs 0.
  func guessLoss(classes: Int) -> Double {
    switch loss {
    case .crossEntropy: log(Double(max(2, classes)))
    case .squaredHinge: 1
    }
  }

  /// A slower or a faster course of learning: another learning rate, or another threshold or gamma of Bop.
  func learning(faster factor: Double, atEpoch epoch: Double) -> [HyperparameterSetting] {
    if optimizer.kind == .bop {
      let threshold = Double(optimizer.flipThreshold ?? Optimizer.defaultThreshold)
      let gamma = Double(optimizer.gamma ?? Optimizer.defaultGamma)
      return [
        HyperparameterSetting(
          .flipThreshold, .twoDigits(threshold > 0 ? threshold / factor : Double(Optimizer.defaultThreshold))),
        HyperparameterSetting(.gamma, .twoDigits(gamma * factor)),
      ]
    }
    return [HyperparameterSetting(.learningRate, .twoDigits(schedule.rate(atEpoch: epoch, of: epochs) * factor))]
  }
}

extension HyperparameterValue {
  /// A number with two significant digits, which is easier to read than an exact one.
  static func twoDigits(_ value: Double) -> HyperparameterValue {
    .number(Double(String(format: "%.1e", value)) ?? value)
  }
}
