package import EngineProtocol

/// How a hyperparameter's change stands.
package enum KnobState: Hashable, Sendable {
  /// Chosen with the arrows, sent when they have rested until `commitAt`.
  case draft(HyperparameterValue, commitAt: Double)
  /// Sent, not yet answered.
  case sent(HyperparameterValue, command: EngineCommand, id: CommandID?)
  /// In effect from `step` on; shown as news until `until`.
  case applied(HyperparameterValue, step: Int, until: Double)
  /// Refused; shown as news until `until`.
  case refused(HyperparameterValue, until: Double)

  /// The value that the person wants or got; nil after a refusal.
  package var value: HyperparameterValue? {
    switch self {
    case .draft(let value, _), .sent(let value, _, _), .applied(let value, _, _): value
    case .refused: nil
    }
  }
}
