extension Method {
  /// Float weights and ReLU activations.
  package static let baseline = Method(name: "baseline", summary: "float weights and ReLU") { _ in
    Form(words: "float weights", weights: .float)
  }
}
