extension Optimizer.Kind {
  /// The learning rate where none is given.
  package var usualRate: Double {
    switch self {
    case .sgd: 0.1
    case .adam, .bop: 0.001
    case .adaMax: 0.002
    }
  }
}
