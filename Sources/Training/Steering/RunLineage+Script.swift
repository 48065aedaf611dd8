import EngineProtocol
import RunStore

extension RunLineage {
  /// The changes on the way to the newest state of a lane, as a script that the lane follows when it is trained again.
  func changes(of lane: Lane) -> [ScriptedChange] {
    journal(of: lane).compactMap { entry in
      guard case .set(let hyperparameter, _, let value) = entry.change else { return nil }
      return ScriptedChange(
        step: entry.step, action: .set(hyperparameter, value), isJournaled: true, origin: entry.origin,
        scriptIndex: entry.scriptIndex)
    }
  }
}
