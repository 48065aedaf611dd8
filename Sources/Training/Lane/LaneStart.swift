import EngineProtocol
import Tensors

/// From where a lane trains, and what is to be done on the way.
struct LaneStart: Sendable {
  /// The checkpoint to go on from; nil for the beginning.
  var image: SafetensorsImage?
  /// Updates done in that checkpoint.
  var step = 0
  /// The last step that the lane's branch keeps of what was recorded; nil where it begins anew.
  var keptStep: Int?
  /// The branch that the lane goes on in.
  var branch = 1
  /// Changes to be made at their steps, in order.
  var script: [ScriptedChange] = []
  /// The step at which the lane had ended, where it is started again to be rewound.
  var endedAt: Int?
  /// What is trained up to this step was recorded before, and is not recorded again.
  var recordedUntil = -1
}

/// A change that a lane makes by itself when it comes to a step: out of a steering script, or a journal that is
/// repeated.
struct ScriptedChange: Hashable, Sendable {
  /// What is done.
  enum Deed: Hashable, Sendable {
    /// A hyperparameter gets a value.
    case set(Hyperparameter, HyperparameterValue)
    /// The training ends.
    case stop
  }

  /// Updates done before it.
  var step: Int
  /// What is done.
  var deed: Deed
  /// Whether the journal has it already.
  var isJournaled: Bool
  /// Who asked for it.
  var origin: String
}
