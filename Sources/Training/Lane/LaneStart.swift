package import EngineProtocol
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
  /// How the lane stood when it had ended, where it is started again to be rewound.
  var ended: LaneSnapshot?
  /// What is trained up to this step was recorded before, and is not recorded again.
  var recordedUntil = -1

  /// From where, in words: “step 400”, “its beginning”.
  var place: String { image == nil ? "its beginning" : "step \(step)" }
}

/// A change that a lane makes by itself when it comes to a step: out of a steering script, or a journal that is
/// repeated.
package struct ScriptedChange: Hashable, Sendable {
  /// What is done.
  package enum Action: Hashable, Sendable {
    /// A hyperparameter gets a value.
    case set(Hyperparameter, HyperparameterValue)
    /// The training ends.
    case stop
  }

  /// Updates done before it.
  package var step: Int
  /// What is done.
  package var action: Action
  /// Whether the journal has it already.
  var isJournaled: Bool
  /// Who asked for it.
  var origin: String
  /// Its place in the lane's steering script, from 0; nil where it is no part of it.
  var scriptIndex: Int?
  /// The file and line of the steering script that it stands in; nil where it is no part of one.
  var place: String?

  /// What it does, in words: “learningRate = 1e-4 at step 400”.
  var words: String {
    switch action {
    case .set(let hyperparameter, let value): "\(hyperparameter.rawValue) = \(value) at step \(step)"
    case .stop: "stop at step \(step)"
    }
  }
}

extension Sequence<ScriptedChange> {
  /// The changes by their steps; those of one step stay in their order.
  func inOrderOfSteps() -> [ScriptedChange] {
    enumerated().sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
  }
}
