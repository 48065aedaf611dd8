import Deployment
package import EngineProtocol
import Tensors

/// The starting point of a lane, and the changes to make on the way.
struct LaneStart: Sendable {
  /// The checkpoint to continue from; nil for the beginning.
  var image: SafetensorsImage?
  /// Weights from elsewhere to begin with; nil for drawn ones.
  var weights: WeightImport?
  /// Whether to suspend after the first checkpoint, before any update.
  var suspendsFirst = false
  /// The checkpoint's step.
  var step = 0
  /// The last recorded step that the branch keeps; nil if it starts anew.
  var keptStep: Int?
  /// The branch in which the lane continues.
  var branch = 1
  /// Changes to make at their steps, in order.
  var script: [ScriptedChange] = []
  /// The state of an ended lane that is restarted for a rewind.
  var ended: LaneSnapshot?
  /// Steps up to this one were recorded before, and are not recorded again.
  var recordedUntil = -1

  /// The starting point for display: “step 400”, “its beginning”.
  var place: String { image == nil ? "its beginning" : "step \(step)" }
}

/// A change that a lane makes when it reaches a step, from a steering script or from a journal that is replayed.
package struct ScriptedChange: Hashable, Sendable {
  /// What to do.
  package enum Action: Hashable, Sendable {
    /// Set a hyperparameter.
    case set(Hyperparameter, HyperparameterValue)
    /// Stop training.
    case stop
  }

  /// Updates done before the change.
  package var step: Int
  /// What to do.
  package var action: Action
  /// Whether the journal already contains it.
  var isJournaled: Bool
  /// Who asked for it.
  var origin: String
  /// Its index in the lane's steering script, from 0; nil if it is from elsewhere.
  var scriptIndex: Int?
  /// The file and line in the steering script; nil if it is from elsewhere.
  var place: String?

  /// The change for display: “learningRate = 1e-4 at step 400”.
  var words: String {
    switch action {
    case .set(let hyperparameter, let value): "\(hyperparameter.rawValue) = \(value) at step \(step)"
    case .stop: "stop at step \(step)"
    }
  }
}

extension Sequence<ScriptedChange> {
  /// Returns the changes sorted by step, keeping the order within a step.
  func inOrderOfSteps() -> [ScriptedChange] {
    enumerated().sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
  }
}
