/// The screens of a running training, by the number of their key.
package enum Screen: Int, CaseIterable, Sendable {
  case lanes = 1
  case compare, flips, journal

  /// Its action.
  var action: Action {
    switch self {
    case .lanes: .lanes
    case .compare: .compare
    case .flips: .flips
    case .journal: .journal
    }
  }
}
