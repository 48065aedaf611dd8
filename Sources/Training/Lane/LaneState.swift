import Datasets
import EngineProtocol
import Tensors
import TrainingMetrics

/// All that decides a lane's future but the tensors, which stand beside it in a checkpoint: its place, its plan as
/// changed, the best validation, sums under way.
///
/// Random draws and the data's order need no state of their own: they are functions of seed, stream and step.
struct LaneState: Codable {
  /// The version of this form.
  var format = LaneState.currentFormat
  /// The plan, as changed since the start.
  var plan: LanePlan
  /// Updates done.
  var step: Int
  /// Epochs done.
  var epoch: Int
  /// Images of the current epoch that were trained on.
  var position: Int
  /// How many changes of hyperparameters were made so far, those of the branches before included.
  var changes: Int
  /// How many changes of the steering script were made so far.
  var steered: Int
  /// Changes of the steering script that were refused so far; nil for none.
  var missed: [String]?
  /// The share of their first values that the running statistics still hold; nil in files that did not keep it.
  var firstStatistics: Double?
  /// The sums of the current epoch.
  var sums: EpochSums
  /// The newest value of each figure.
  var latest: [Metric: Float]
  /// The best validation accuracy so far, and its epoch; nil before the first.
  var best: LaneSnapshot.Best?
  /// Whether the weights of the best validation are the present ones.
  var isBest: Bool
  /// Whether the best validation was one with float weights in place of binary ones; nil for false.
  var bestIsFloat: Bool?
  /// What the flips of each binary parameter add up to.
  var flips: [String: Parameter.FlipTotals]
  /// How stored values of image files became bytes: what later images must be read by. Nil where files hold the bytes.
  var pixels: PixelReading?
  /// Seconds of all work.
  var seconds: Double
  /// Seconds of updates.
  var trainingSeconds: Double

  static let currentFormat = 1
}
