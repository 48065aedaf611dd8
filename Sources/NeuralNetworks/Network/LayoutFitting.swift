import Tensors

/// Fits the layers of a plan to each other, one after the other.
struct LayoutFitting {
  private let plan: NetworkPlan
  private let classes: Int
  var shape: ImageShape
  private var items: [NetworkLayout.Item] = []
  private var areSigns: [Bool] = []
  var hasSigns = false
  // The last layer with weights gives its name to what follows.
  var stem: String?
  // The block whose shortcut is being fitted.
  var shortcutBlock: String?
  private var counts: [String: Int] = [:]
  private var weightedCount = 0
  private let weightedTotal: Int
  var hasDropped = false

  init(plan: NetworkPlan, shape: ImageShape, classes: Int) {
    self.plan = plan
    self.shape = shape
    self.classes = classes
    weightedTotal = plan.allLayers.flatMap { $0.leaves(withShortcuts: false) }.count { $0.hasWeights }
  }

  /// Adds a list of layers.
  mutating func add(_ layers: [LayerPlan]) throws {
    for (index, layer) in layers.enumerated() { try add(layer, before: layers[(index + 1)...]) }
  }

  private mutating func add(_ layer: LayerPlan, before following: ArraySlice<LayerPlan>) throws {
    switch layer {
    case .convolution(let filters, let kernel, let stride, let border, let isBinary):
      let dropsSigns = hasSigns && hasDropped
      let name = begin("conv")
      guard !dropsSigns || border.padding(ofSigns: true) != .sameOne else {
        throw NetworkError(
          layer: name, expected: "no dropout between signs and a border of +1, which nothing drops", found: "one")
      }
      let windows = try windows(
        name, kernel: kernel, stride: stride, padding: border.padding(ofSigns: hasSigns))
      try append(
        name,
        .convolution(
          windows, filters: filters, isBinary: binary(isBinary), hasBias: !isNormalized(by: following)),
        windows.outputShape(channels: filters))
      quantizeLast(isBinary)
      hasSigns = false
    case .linear(let outputs, let isBinary):
      let name = begin(outputs == nil && weightedCount + 1 == weightedTotal ? "output" : "hidden")
      guard shape.pixels == 1 else {
        throw NetworkError(
          layer: name, expected: "a row of values: flatten or globalAveragePool before it", found: "images of \(shape)")
      }
      try append(
        name, .linear(isBinary: binary(isBinary), hasBias: !isNormalized(by: following)),
        ImageShape(features: outputs ?? classes))
      quantizeLast(isBinary)
      hasSigns = false
    case .batchNormalization:
      guard plan.batchNormalization != nil else { return }
      guard !hasSigns else {
        throw NetworkError(layer: named("normalization"), expected: "real numbers to normalize", found: "signs")
      }
      try append(named("normalization"), .normalization, shape)
    case .activation(let activation):
      let activation = activation ?? plan.activation
      guard !hasSigns else {
        throw NetworkError(
          layer: named(activation.rawValue), expected: "real numbers", found: "signs: an activation stands before it")
      }
      try append(named(activation.rawValue), .activation(activation), shape)
      hasSigns = activation.givesSigns
    case .pooling(let kind, let size, let stride, let border):
      let name = named("pool")
      guard !hasSigns else {
        throw NetworkError(layer: name, expected: "real numbers: pool before the sign", found: "signs")
      }
      let windows = try windows(name, kernel: size, stride: stride, padding: border.padding(ofSigns: false))
      try append(name, .pooling(kind, windows), windows.outputShape(channels: shape.channels))
    case .globalAveragePooling:
      let name = named("pool")
      guard !hasSigns,
        let windows = ImageWindows(shape, kernel: (shape.height, shape.width), stride: (1, 1), padding: .valid)
      else { throw NetworkError(layer: name, expected: "real numbers: pool before the sign", found: "signs") }
      try append(name, .pooling(.average, windows), windows.outputShape(channels: shape.channels))
    case .flatten:
      guard shape.pixels > 1 else { return }
      try append(named("flatten"), .flatten, ImageShape(features: shape.features))
    case .dropout:
      guard !hasDropped else {
        throw NetworkError(
          layer: named("dropout"), expected: "a layer with weights before it", found: "another dropout")
      }
      try append(stem == nil ? "inputDropout" : named("dropout"), .dropout(isOfInput: stem == nil), shape)
      hasDropped = true
    case .residual(let layers, let shortcut): try addBlock(layers, shortcut)
    }
  }

  /// The layers, and which of them get signs.
  func finish() throws -> (items: [NetworkLayout.Item], inputsAreSigns: [Bool]) {
    guard let last = items.last, shape.pixels == 1, shape.channels == classes, !hasSigns else {
      throw NetworkError(
        layer: items.last?.name ?? "1", expected: "an output for each of \(classes) classes, as of “linear: classes”",
        found: hasSigns ? "signs" : "\(shape)")
    }
    guard last.weightCount > 0 || last.kind == .normalization || last.kind.isGlobalPooling else {
      throw NetworkError(layer: last.name, expected: "nothing after the output but its normalization", found: last.name)
    }
    return (items, areSigns)
  }

  // MARK: Names and places

  private mutating func begin(_ kind: String) -> String {
    if let shortcutBlock {
      // Neither the first nor the last layer of the network, and counted by itself.
      let name = counted("\(shortcutBlock).\(kind == "conv" ? kind : "hidden")")
      (stem, hasDropped) = (name, false)
      return name
    }
    counts[kind, default: 0] += 1
    weightedCount += 1
    hasDropped = false
    let name = kind == "output" ? kind : "\(kind)\(counts[kind] ?? 1)"
    stem = name
    return name
  }

  // What comes twice behind one layer is counted.
  private mutating func named(_ what: String) -> String { counted(stem.map { "\($0).\(what)" } ?? "input.\(what)") }

  private mutating func counted(_ name: String) -> String {
    counts[name, default: 0] += 1
    let count = counts[name] ?? 1
    return count == 1 ? name : "\(name)\(count)"
  }

  /// The next name of a kind: “residual1”, “residual2”.
  mutating func numbered(_ kind: String) -> String {
    counts[kind, default: 0] += 1
    return "\(kind)\(counts[kind] ?? 1)"
  }

  mutating func append(_ name: String, _ kind: NetworkLayout.Kind, _ output: ImageShape) throws {
    items.append(NetworkLayout.Item(name: name, kind: kind, input: shape, output: output))
    areSigns.append(hasSigns)
    shape = output
    let item = items[items.count - 1]
    guard item.weightCount < 1 << 36, output.pixels < 1 << 26, output.features < 1 << 32 else {
      throw NetworkError(
        layer: name, expected: "less than 69 billion weights and 4 billion outputs",
        found: "\(item.weightCount) weights, images of \(output)")
    }
  }

  private func windows(_ name: String, kernel: Int, stride: Int, padding: Padding) throws -> ImageWindows {
    guard let windows = ImageWindows(shape, kernel: (kernel, kernel), stride: (stride, stride), padding: padding) else {
      throw NetworkError(layer: name, expected: "images of at least \(kernel)×\(kernel)", found: "\(shape)")
    }
    return windows
  }

  private func binary(_ isBinary: Bool?) -> Bool {
    guard plan.hasBinaryWeights else { return false }
    if let isBinary { return isBinary }
    guard shortcutBlock == nil else { return false }
    if weightedCount == 1, plan.keepsFirstFloat ?? false { return false }
    return !(weightedCount == weightedTotal && plan.keepsLastFloat ?? false)
  }

  // What becomes of the latent weights of the layer that was added last.
  private mutating func quantizeLast(_ isBinary: Bool?) {
    let last = items.count - 1
    guard items[last].isBinary else { return }
    let isFirst = weightedCount == 1, isLast = weightedCount == weightedTotal
    let hasEightBits = isFirst && plan.firstHasEightBits ?? false || isLast && plan.lastHasEightBits ?? false
    items[last].quantization =
      isBinary == nil && shortcutBlock == nil && hasEightBits ? .integers(bits: 8) : plan.quantization
  }

  // A bias in front of a normalization would be taken away again. Pooling lies between them in most networks; a rectifier
  // or a sign makes the bias count.
  private func isNormalized(by following: ArraySlice<LayerPlan>) -> Bool {
    guard plan.batchNormalization != nil else { return false }
    for layer in following {
      switch layer {
      case .batchNormalization: return true
      case .pooling, .globalAveragePooling, .flatten: continue
      case .convolution, .linear, .activation, .dropout, .residual: return false
      }
    }
    return false
  }
}

extension LayerPlan {
  fileprivate var hasWeights: Bool {
    switch self {
    case .convolution, .linear: true
    default: false
    }
  }
}

extension NetworkLayout.Kind {
  fileprivate var isGlobalPooling: Bool { if case .pooling(.average, _) = self { true } else { false } }
}
