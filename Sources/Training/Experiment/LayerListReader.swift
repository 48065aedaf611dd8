import NeuralNetworks
import Yams

/// Reads the layers of a network.
///
///     network:
///       - convolution: {filters: 50, kernel: 3}   # or “convolution: 50”; stride: 1, border: same, binary: as the method
///       - maxPool: 2                              # size; or {size: 3, stride: 2}
///       - batchNormalization
///       - activation                              # the method's; relu and sign say which
///       - flatten
///       - linear: 500                             # or {units: 500, binary: false}
///       - dropout
///       - linear: classes
///       - residual: [activation, convolution: 50, batchNormalization]   # adds its input; see LayerListReader+Residual
struct LayerListReader {
  /// How errors name the text.
  let source: String

  /// Reads a list of layers.
  /// - Parameter path: the list's place, for errors.
  /// - Throws: `ExperimentError`.
  func read(_ nodes: some Collection<Node>, path: String) throws -> [LayerPlan] {
    let layers = try list(nodes, path: path)
    let count = layers.reduce(0) { $0 + $1.leaves().count }
    guard count <= 500 else {
      throw ExperimentError(
        code: .invalidValue, message: "\(source): \(path): expected at most 500 layers, found \(count)")
    }
    return layers
  }

  /// Reads layers in order.
  func list(_ nodes: some Collection<Node>, path: String) throws -> [LayerPlan] {
    try nodes.enumerated().map { try layer($1, path: "\(path)[\($0)]") }
  }

  private static let kinds = """
    convolution, linear, batchNormalization, activation, relu, rprelu, sign, rsign, maxPool, averagePool, \
    globalAveragePool, flatten, dropout, residual
    """

  private func layer(_ node: Node, path: String) throws -> LayerPlan {
    if let word = node.string {
      switch word {
      case "batchNormalization": return .batchNormalization
      case "activation": return .activation(nil)
      case "relu": return .activation(.relu)
      case "sign": return .activation(.sign)
      case "rprelu": return .activation(.rprelu)
      case "rsign": return .activation(.rsign)
      case "globalAveragePool": return .globalAveragePooling
      case "flatten": return .flatten
      case "dropout": return .dropout
      default: throw wrong(node, path, found: "“\(word)”")
      }
    }
    guard let mapping = node.mapping, mapping.count == 1, let (key, value) = mapping.first, let kind = key.string else {
      throw wrong(node, path, found: "something else")
    }
    switch kind {
    case "convolution": return try convolution(value, path)
    case "linear": return try linear(value, path)
    case "maxPool": return try pooling(.max, value, path)
    case "averagePool": return try pooling(.average, value, path)
    case "residual": return try residual(value, path)
    default: throw wrong(node, path, found: "“\(kind)”")
    }
  }

  private func convolution(_ node: Node, _ path: String) throws -> LayerPlan {
    let section = try section(node, short: "filters", path: "\(path).convolution")
    guard let filters = try section.integer("filters", in: 1...65_536) else {
      throw section.wrong("filters", expected: "how many filters")
    }
    let plan = LayerPlan.convolution(
      filters: filters, kernel: try section.integer("kernel", in: 1...63) ?? 3,
      stride: try section.integer("stride", in: 1...63) ?? 1, border: try section.choice("border") ?? .same,
      isBinary: try section.flag("binary"))
    try section.checkForUnknownKeys()
    return plan
  }

  private func linear(_ node: Node, _ path: String) throws -> LayerPlan {
    let section = try section(node, short: "units", path: "\(path).linear")
    let isOutput = try section.string("units") == "classes"
    let units = isOutput ? nil : try section.integer("units", in: 1...65_536)
    guard isOutput || units != nil else { throw section.wrong("units", expected: "how many units, or “classes”") }
    let plan = LayerPlan.linear(outputs: units, isBinary: try section.flag("binary"))
    try section.checkForUnknownKeys()
    return plan
  }

  private func pooling(_ kind: Pooling.Kind, _ node: Node, _ path: String) throws -> LayerPlan {
    let section = try section(node, short: "size", path: "\(path).\(kind == .max ? "maxPool" : "averagePool")")
    guard let size = try section.integer("size", in: 1...16) else {
      throw section.wrong("size", expected: "the side of a window")
    }
    let plan = LayerPlan.pooling(
      kind, size: size, stride: try section.integer("stride", in: 1...63) ?? size,
      border: try section.choice("border") ?? .valid)
    try section.checkForUnknownKeys()
    return plan
  }

  // A mapping, or a single value that stands for its first key.
  private func section(_ node: Node, short key: String, path: String) throws -> YAMLSection {
    let node = node.mapping == nil ? Node([(Node(key), node)]) : node
    return try YAMLSection(node, source: source, path: path)
  }

  private func wrong(_ node: Node, _ path: String, found: String) -> ExperimentError {
    let line = node.mark.map { ":\($0.line)" } ?? ""
    return ExperimentError(
      code: .invalidValue,
      message: "\(source)\(line): \(path): expected a layer (\(LayerListReader.kinds)), found \(found)")
  }
}
