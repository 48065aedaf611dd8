extension ThemeRole {
  /// The lanes' roles in order.
  static let lanes: [ThemeRole] = [.lane1, .lane2, .lane3, .lane4, .lane5, .lane6]

  /// The role's place in `allCases`.
  var index: Int {
    switch self {
    case .background: 0
    case .bar: 1
    case .selection: 2
    case .border: 3
    case .focus: 4
    case .faint: 5
    case .text: 6
    case .strong: 7
    case .accent: 8
    case .good: 9
    case .warning: 10
    case .bad: 11
    case .lane1: 12
    case .lane2: 13
    case .lane3: 14
    case .lane4: 15
    case .lane5: 16
    case .lane6: 17
    }
  }
}
