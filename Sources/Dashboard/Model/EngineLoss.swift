/// Why there is no engine any more.
package enum EngineLoss: Hashable, Sendable {
  /// It has died; the words say what is known.
  case died(String)
  /// It ended as it should, in the midst of the training: suspended from elsewhere.
  case suspended
  /// It ended as it should when all was done.
  case done

  /// What happened, in a line.
  package var words: String {
    switch self {
    case .died(let reason): reason
    case .suspended: "the run was suspended"
    case .done: "the engine has ended"
    }
  }
}
