import NeuralNetworks
import Yams

/// Residual blocks in a list of layers: their output is the sum of what the layers inside and what a shortcut around them make
/// of the input.
///
///     - residual:                      # a list: the shortcut is the input as it is
///         - activation
///         - convolution: 64
///         - batchNormalization
///     - residual:
///         shortcut: zeroPad            # every n-th pixel, zeros in new channels; identity is the default
///         layers: [activation, convolution: {filters: 128, stride: 2}, batchNormalization]
///     - residual:
///         shortcut: [averagePool: 2, convolution: {filters: 256, kernel: 1}, batchNormalization]   # float
///         layers: [activation, convolution: {filters: 256, stride: 2}, batchNormalization]
extension LayerListReader {
  func residual(_ node: Node, _ path: String) throws -> LayerPlan {
    let path = "\(path).residual"
    // A block in a block in a block is a mistake, and so many more would be one for the stack.
    guard path.ranges(of: ".residual").count <= 8 else {
      throw ExperimentError(
        code: .invalidValue, message: "\(source): \(path): expected at most 8 blocks in each other, found more")
    }
    if let nodes = node.sequence { return .residual(try layers(nodes, path), shortcut: .identity) }
    let section = try YAMLSection(node, source: source, path: path)
    guard let nodes = section.node("layers")?.sequence else {
      throw section.wrong("layers", expected: "a list of layers")
    }
    let block = LayerPlan.residual(try layers(nodes, section.label("layers")), shortcut: try shortcut(section))
    try section.checkForUnknownKeys()
    return block
  }

  private func shortcut(_ section: YAMLSection) throws -> LayerPlan.Shortcut {
    guard let node = section.node("shortcut") else { return .identity }
    if let nodes = node.sequence { return .layers(try layers(nodes, section.label("shortcut"))) }
    switch node.scalar?.string {
    case "identity": return .identity
    case "zeroPad": return .zeroPadding
    default: throw section.wrong("shortcut", expected: "identity, zeroPad or a list of layers")
    }
  }

  private func layers(_ nodes: Node.Sequence, _ path: String) throws -> [LayerPlan] {
    guard !nodes.isEmpty else {
      throw ExperimentError(
        code: .invalidValue, message: "\(source): \(path): expected at least one layer, found an empty list")
    }
    return try list(nodes, path: path)
  }
}
