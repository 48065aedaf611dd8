import NeuralNetworks
import Yams

/// Reads the layers of a network. Each kind of layer reads its own keys; see `LayerKinds`.
///
///     network:
///       - convolution: {filters: 50, kernel: 3}   # or “convolution: 50”; stride: 1, border: same, binary: as the method
///       - maxPool: 2                              # size; or {size: 3, stride: 2}
///       - batchNormalization
///       - activation                              # the method's; relu and sign say which
///       - flatten
///       - linear: 500                             # or {units: 500, binary: false}
///       - dropout                               # the lane's rate; “dropout: 0.3” has its own
///       - linear: classes
///       - residual: [activation, convolution: 50, batchNormalization]   # adds its input; see ResidualPlan
struct LayerListReader {
  /// The text that contains the list.
  let source: YAMLSource
  // The depth of nested blocks. Deep nesting is a mistake, and very deep nesting would overflow the stack.
  private let depth: Int
  private static let greatestDepth = 8

  /// A reader of a text.
  init(source: YAMLSource) { self.init(source: source, depth: 0) }

  private init(source: YAMLSource, depth: Int) {
    self.source = source
    self.depth = depth
  }

  /// Reads a list of layers.
  /// - Parameter path: the position of the list, for error messages.
  /// - Throws: `ExperimentError`.
  func read(_ nodes: some Collection<Node>, path: String) throws -> [LayerPlan] {
    let layers = try list(nodes, path: path)
    let count = layers.reduce(0) { $0 + $1.leaves().count }
    guard count <= 500 else {
      throw ExperimentError(
        code: .invalidValue, message: "\(source.name): \(path): expected at most 500 layers, found \(count)")
    }
    return layers
  }

  private func list(_ nodes: some Collection<Node>, path: String) throws -> [LayerPlan] {
    try nodes.enumerated().map { try layer($1, path: "\(path)[\($0)]") }
  }

  private func layer(_ node: Node, path: String) throws -> LayerPlan {
    if let word = node.string {
      guard let kind = kind(word), kind.standsAlone else { throw wrong(node, path, found: "“\(word)”") }
      return LayerPlan(try kind.init(word: word, NoKeys()))
    }
    guard let mapping = node.mapping, mapping.count == 1, let (key, value) = mapping.first, let word = key.string else {
      throw wrong(node, path, found: "something else")
    }
    guard let kind = kind(word), let shortKey = kind.shortKey else { throw wrong(node, path, found: "“\(word)”") }
    let keys = try Keys(value, shortKey, source: source, path: "\(path).\(word)", depth: depth)
    let layer = try kind.init(word: word, keys)
    try keys.section.checkForUnknownKeys()
    return LayerPlan(layer)
  }

  private func kind(_ word: String) -> (any PlannedLayer.Type)? { LayerKinds.planned.first { $0.words.contains(word) } }

  private func wrong(_ node: Node, _ path: String, found: String) -> ExperimentError {
    let words = LayerKinds.words.joined(separator: ", ")
    return ExperimentError(
      code: .invalidValue, message: "\(source.place(of: node)): \(path): expected a layer (\(words)), found \(found)")
  }

  /// The keys of a layer that is written as a word only.
  private struct NoKeys: LayerKeys {
    func integer(_ key: String, in range: ClosedRange<Int>) -> Int? { nil }
    func number(_ key: String, in range: ClosedRange<Float>) -> Float? { nil }
    func flag(_ key: String) -> Bool? { nil }
    func word(_ key: String) -> String? { nil }
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice?
    where Choice.RawValue == String { nil }
    func layers(_ key: String) -> [LayerPlan]? { nil }
    func has(_ key: String) -> Bool { false }
    func wrong(_ key: String, expected: String) -> any Error {
      ExperimentError(code: .invalidValue, message: "\(key): expected \(expected)")
    }
  }

  /// A mapping of keys, or a single value or list in short form.
  private struct Keys: LayerKeys {
    let section: YAMLSection
    private let isShort: Bool
    private let source: YAMLSource
    private let path: String
    private let depth: Int

    init(_ node: Node, _ shortKey: String, source: YAMLSource, path: String, depth: Int) throws {
      isShort = node.mapping == nil
      (self.source, self.path, self.depth) = (source, path, depth)
      section = try YAMLSection(isShort ? Node([(Node(shortKey), node)]) : node, source: source, path: path)
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? { try section.integer(key, in: range) }
    func number(_ key: String, in range: ClosedRange<Float>) throws -> Float? {
      // Bounds as decimals, because 0.95 as Float differs from 0.95 as Double.
      func exact(_ bound: Float) -> Double { Double("\(bound)") ?? Double(bound) }
      return try section.number(key, in: exact(range.lowerBound)...exact(range.upperBound)).map { Float($0) }
    }
    func flag(_ key: String) throws -> Bool? { try section.flag(key) }
    func word(_ key: String) throws -> String? { try section.string(key) }
    func has(_ key: String) -> Bool { section.node(key) != nil }
    func wrong(_ key: String, expected: String) -> any Error { section.wrong(key, expected: expected) }

    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) throws -> Choice?
    where Choice.RawValue == String { try section.choice(key) }

    func layers(_ key: String) throws -> [LayerPlan]? {
      guard let nodes = section.node(key)?.sequence else { return nil }
      func wrong(_ path: String, _ words: String) -> ExperimentError {
        ExperimentError(code: .invalidValue, message: "\(source.name): \(path): expected \(words)")
      }
      guard depth < LayerListReader.greatestDepth else {
        throw wrong(path, "at most \(LayerListReader.greatestDepth) nested blocks, found more")
      }
      let place = isShort ? path : section.label(key)
      guard !nodes.isEmpty else { throw wrong(place, "at least one layer, found an empty list") }
      return try LayerListReader(source: source, depth: depth + 1).list(nodes, path: place)
    }
  }
}

extension LayerPlan {
  /// The layer in the form that `LayerListReader` reads.
  var node: Node {
    let (word, keys) = layer.spelling
    guard !keys.isEmpty else { return Node(word) }
    let pairs = keys.map { (Node($0), $1.node) }
    let isBlock = keys.contains { if case .layers = $1 { true } else { false } }
    return Node([(Node(word), isBlock ? Node(pairs) : Node(pairs, Tag(.implicit), .flow))])
  }
}

extension LayerValue {
  fileprivate var node: Node {
    switch self {
    case .integer(let number): Node("\(number)", Tag(.implicit), .plain)
    case .number(let number): Node("\(number)", Tag(.implicit), .plain)
    case .flag(let flag): Node("\(flag)", Tag(.implicit), .plain)
    case .word(let word): Node(word, Tag(.implicit), .plain)
    case .layers(let layers): Node(layers.map(\.node))
    }
  }
}
