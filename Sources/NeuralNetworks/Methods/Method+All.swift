extension Method {
  /// All methods, in the order in which they are listed. A new one is added here.
  package static let all: [Method] = [.baseline, .binaryConnect, .bnn, .xnorNet, .ternary, .doReFa, .reCU]
}
