import Tensors

extension LayoutFitting {
  /// Adds a residual block: its layers, those of its shortcut, and their sum.
  mutating func addBlock(_ layers: [LayerPlan], _ shortcut: LayerPlan.Shortcut) throws {
    let name = shortcutBlock == nil ? numbered("residual") : numbered("\(shortcutBlock ?? "").residual")
    guard !hasSigns else {
      throw NetworkError(
        layer: name, expected: "real numbers, which a shortcut adds: put the activation into the block", found: "signs")
    }
    let (input, outerStem, hadDropped) = (shape, stem, hasDropped)
    try append(name, .residual, shape)
    try add(layers)
    let output = shape
    guard !hasSigns else {
      throw NetworkError(
        layer: "\(name).sum", expected: "real numbers to add, as of a normalization", found: "signs")
    }
    let kind: NetworkLayout.Shortcut
    switch shortcut {
    case .identity:
      guard output == input else { throw misfit(name, input, output) }
      kind = .identity
    case .zeroPadding:
      guard let subsampling = ImageSubsampling(from: input, to: output) else { throw misfit(name, input, output) }
      kind = .zeroPadding(subsampling)
    case .layers(let others):
      let (innerStem, innerDropped, outerBlock) = (stem, hasDropped, shortcutBlock)
      (shape, stem, hasDropped, shortcutBlock) = (input, name, hadDropped, name)
      try append("\(name).shortcut", .shortcut, shape)
      try add(others)
      guard shape == output, !hasSigns else {
        throw NetworkError(
          layer: "\(name).sum", expected: "a shortcut of \(output), as the layers give",
          found: hasSigns ? "signs" : "\(shape)")
      }
      (stem, hasDropped, shortcutBlock) = (innerStem ?? outerStem, innerDropped, outerBlock)
      kind = .layers
    }
    try append("\(name).sum", .sum(kind), output)
  }

  // Says what else would fit.
  private func misfit(_ name: String, _ input: ImageShape, _ output: ImageShape) -> NetworkError {
    let others =
      ImageSubsampling(from: input, to: output) == nil ? "a list of layers" : "zeroPad or a list of layers"
    return NetworkError(
      layer: "\(name).sum", expected: "a shortcut of \(output), as the layers give: \(others) can make it",
      found: "\(input)")
  }
}
