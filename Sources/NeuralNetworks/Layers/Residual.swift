package import Tensors

/// A residual block in a list of layers. Its output is the sum of its layers' output and of a shortcut around them.
///
///     - residual: [activation, convolution: 64, batchNormalization]   # the shortcut is the input as it is
///     - residual:
///         shortcut: zeroPad            # every n-th pixel, zeros in new channels; identity is the default
///         layers: [activation, convolution: {filters: 128, stride: 2}, batchNormalization]
///     - residual:
///         shortcut: [averagePool: 2, convolution: {filters: 256, kernel: 1}, batchNormalization]   # float
///         layers: [activation, convolution: {filters: 256, stride: 2}, batchNormalization]
package struct ResidualPlan: PlannedLayer {
  package static let name = "residual"
  package static let words = ["residual"]
  package static let shortKey: String? = "layers"

  /// The layers inside.
  package var layers: [LayerPlan]
  /// The shortcut.
  package var shortcut: LayerPlan.Shortcut

  private enum CodingKeys: String, CodingKey {
    case layers = "_0"
    case shortcut
  }

  package init(word: String, _ keys: any LayerKeys) throws {
    guard let layers = try keys.layers("layers") else { throw keys.wrong("layers", expected: "a list of layers") }
    self.init(layers, try Self.shortcut(keys))
  }

  private static func shortcut(_ keys: any LayerKeys) throws -> LayerPlan.Shortcut {
    guard keys.has("shortcut") else { return .identity }
    if let layers = try keys.layers("shortcut") { return .layers(layers) }
    switch try? keys.word("shortcut") {
    case "identity": return .identity
    case "zeroPad": return .zeroPadding
    default: throw keys.wrong("shortcut", expected: "identity, zeroPad or a list of layers")
    }
  }

  init(_ layers: [LayerPlan], _ shortcut: LayerPlan.Shortcut) {
    self.layers = layers
    self.shortcut = shortcut
  }

  package var spelling: (word: String, keys: [(String, LayerValue)]) {
    let way: LayerValue =
      switch shortcut {
      case .identity: .word("identity")
      case .zeroPadding: .word("zeroPad")
      case .layers(let others): .layers(others)
      }
    return ("residual", [("shortcut", way), ("layers", .layers(layers))])
  }

  package func parts(withShortcuts: Bool) -> [LayerPlan]? {
    if withShortcuts, case .layers(let others) = shortcut { return layers + others }
    return layers
  }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let outer = fitting.shortcutBlock
    let name = fitting.numbered(outer.map { "\($0).residual" } ?? "residual")
    guard !fitting.hasSigns else {
      throw NetworkError(
        layer: name, expected: "floats, which a shortcut adds: put the activation into the block", found: "signs")
    }
    let (input, outerStem, hadDropped) = (fitting.shape, fitting.stem, fitting.hasDropped)
    try fitting.append(name, BlockBegin())
    try fitting.add(layers)
    let output = fitting.shape
    guard !fitting.hasSigns else {
      throw NetworkError(
        layer: BlockSum.sumName(name), expected: "floats to add, such as the output of a normalization", found: "signs")
    }
    let kind: BlockSum.Shortcut
    switch shortcut {
    case .identity:
      guard output == input else { throw misfit(name, input, output) }
      kind = .identity
    case .zeroPadding:
      guard let subsampling = ImageSubsampling(from: input, to: output) else { throw misfit(name, input, output) }
      kind = .zeroPadding(subsampling)
    case .layers(let others):
      let (innerStem, innerDropped) = (fitting.stem, fitting.hasDropped)
      (fitting.shape, fitting.hasDropped, fitting.shortcutBlock) = (input, hadDropped, name)
      fitting.follow(name)
      try fitting.append("\(name).shortcut", ShortcutBegin())
      try fitting.add(others)
      guard fitting.shape == output, !fitting.hasSigns else {
        throw NetworkError(
          layer: BlockSum.sumName(name), expected: "a shortcut of \(output), as the layers give",
          found: fitting.hasSigns ? "signs" : "\(fitting.shape)")
      }
      (fitting.hasDropped, fitting.shortcutBlock) = (innerDropped, outer)
      fitting.follow(innerStem ?? outerStem)
      kind = .layers
    }
    try fitting.append(BlockSum.sumName(name), BlockSum(shortcut: kind, features: output.channels))
  }

  // The error also says what would fit.
  private func misfit(_ name: String, _ input: ImageShape, _ output: ImageShape) -> NetworkError {
    let others =
      ImageSubsampling(from: input, to: output) == nil ? "a list of layers" : "zeroPad or a list of layers"
    return NetworkError(
      layer: BlockSum.sumName(name),
      expected: "a shortcut of \(output), the shape of the layers' output: \(others) can produce it",
      found: "\(input)")
  }
}

extension LayerPlan {
  /// The shortcut of a residual block.
  package indirect enum Shortcut: Hashable, Codable, Sendable {
    /// The block's input.
    case identity
    /// The subsampled input, padded with zero channels to the shape of the layers' output.
    case zeroPadding
    /// Layers, whose weights are float unless stated otherwise.
    case layers([LayerPlan])
  }

  /// A residual block: the sum of layers and a shortcut around them.
  package static func residual(_ layers: [LayerPlan], shortcut: Shortcut) -> LayerPlan {
    LayerPlan(ResidualPlan(layers, shortcut))
  }
}

/// A residual block, `y = f(x) + s(x)`, with layers f and a shortcut s; so `dx = df/dx·dy + ds/dx·dy`.
/// - SeeAlso: He et al. 2016, arXiv:1512.03385; Liu et al. 2018, Bi-Real Net, arXiv:1808.00278.
package final class Residual: Layer {
  /// The shortcut.
  package enum Shortcut {
    /// x.
    case identity
    /// x subsampled, padded with zero channels.
    case zeroPadding(ImageSubsampling)
    /// Layers.
    case layers(LayerSequence)
  }

  package let name: String
  /// f.
  package let body: LayerSequence
  /// s.
  package let shortcut: Shortcut
  // Nil if the sum overwrites f(x).
  private let output: Tensor?
  /// All parameters, which do not change, so they are collected once.
  package let parameters: [Parameter]

  /// A residual block.
  /// - Parameter features: number of columns of the sum.
  package init(name: String, body: [any Layer], shortcut: Shortcut, features: Int) {
    self.name = name
    self.body = LayerSequence(body)
    self.shortcut = shortcut
    output = body.last?.outputMayBeOverwritten ?? false ? nil : Tensor(rows: 0, columns: features)
    var leaves = self.body.leaves
    if case .layers(let sequence) = shortcut { leaves += sequence.leaves }
    parameters = leaves.flatMap(\.parameters)
  }

  /// The layers of both paths, with nested blocks expanded.
  package var leaves: [any Layer] {
    guard case .layers(let sequence) = shortcut else { return body.leaves }
    return body.leaves + sequence.leaves
  }

  package var keptBytes: Int {
    var bytes = body.keptBytes + 4 * (output?.count ?? 0)
    if case .layers(let sequence) = shortcut { bytes += sequence.keptBytes }
    return bytes
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    let way = body.forward(input, pass).tensor
    let sum = output ?? way
    if let output { output.copy(from: way) }
    switch shortcut {
    case .identity: pass.compute.add(input.tensor, to: sum)
    case .zeroPadding(let subsampling): pass.compute.add(input.tensor, subsampling, to: sum)
    case .layers(let sequence): pass.compute.add(sequence.forward(input, pass).tensor, to: sum)
    }
    return .real(sum)
  }

  // Both paths overwrite their output gradient, so one of them gets a copy.
  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let workspace = pass.workspace
    if case .layers(let sequence) = shortcut {
      let copy = workspace.holdCopy(of: outputGradient)
      let other = sequence.backward(outputGradient, needsInputGradient: needsInputGradient, pass)
      workspace.release()
      guard needsInputGradient else { return body.backward(copy, needsInputGradient: false, pass) }
      workspace.hold(other)
      let inputGradient = body.backward(copy, needsInputGradient: true, pass)
      workspace.release()
      pass.compute.add(other, to: inputGradient)
      return inputGradient
    }
    guard needsInputGradient else { return body.backward(outputGradient, needsInputGradient: false, pass) }
    let copy = workspace.holdCopy(of: outputGradient)
    let inputGradient = body.backward(outputGradient, needsInputGradient: true, pass)
    workspace.release()
    switch shortcut {
    case .zeroPadding(let subsampling): pass.compute.addGradient(copy, subsampling, to: inputGradient)
    default: pass.compute.add(copy, to: inputGradient)
    }
    return inputGradient
  }
}
