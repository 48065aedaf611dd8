// What a rule's authors recommend, for where nothing is given.

extension Optimizer.Kind {
  /// The learning rate.
  package var defaultRate: Double {
    switch self {
    case .sgd: 0.1
    case .adam, .bop: 0.001
    case .adaMax: 0.002
    case .shiftAdaMax: 0x1p-10
    }
  }

  /// The decay of the first moment: 0.9, by shifts 1 - 2⁻³.
  package var defaultBeta1: Double { self == .shiftAdaMax ? 1 - 0x1p-3 : 0.9 }

  /// The decay of the second moment: 0.999, by shifts 1 - 2⁻¹⁰.
  package var defaultBeta2: Double { self == .shiftAdaMax ? 1 - 0x1p-10 : 0.999 }
}
