internal import Tensors

/// Fits the layers of a plan to each other, one after the other. Each kind of layer adds what it becomes.
package struct LayoutFitting {
  /// The plan.
  package let plan: NetworkPlan
  /// How many classes there are.
  package let classes: Int
  /// The shape of what comes out of the layers so far.
  var shape: ImageShape
  /// Whether signs come out of them.
  private(set) var hasSigns = false
  /// The last layer with weights, which gives its name to what follows.
  private(set) var stem: String?
  /// The block whose shortcut is being fitted.
  var shortcutBlock: String?
  /// Whether there was a dropout since the last layer with weights.
  var hasDropped = false

  private var items: [NetworkLayout.Item] = []
  private var areSigns: [Bool] = []
  private var counts: [String: Int] = [:]
  private var weightedCount = 0
  private let weightedTotal: Int

  init(plan: NetworkPlan, shape: ImageShape, classes: Int) {
    self.plan = plan
    self.shape = shape
    self.classes = classes
    weightedTotal = plan.allLayers.flatMap { $0.leaves(withShortcuts: false) }.count { $0.layer.hasWeights }
  }

  /// Adds a list of layers.
  mutating func add(_ layers: [LayerPlan]) throws {
    for (index, plan) in layers.enumerated() { try plan.layer.fit(&self, before: layers[(index + 1)...]) }
  }

  /// The layers, and which of them get signs.
  func finish() throws -> (items: [NetworkLayout.Item], inputsAreSigns: [Bool]) {
    guard let last = items.last, shape.pixels == 1, shape.channels == classes, !hasSigns else {
      throw NetworkError(
        layer: items.last?.name ?? "1", expected: "an output for each of \(classes) classes, as of “linear: classes”",
        found: hasSigns ? "signs" : "\(shape)")
    }
    guard last.layer.canBeLast else {
      throw NetworkError(layer: last.name, expected: "nothing after the output but its normalization", found: last.name)
    }
    return (items, areSigns)
  }

  /// Adds a layer.
  mutating func append(_ name: String, _ layer: any FittedLayer) throws {
    let output = layer.output(of: shape)
    items.append(NetworkLayout.Item(name: name, layer: layer, input: shape, output: output))
    areSigns.append(hasSigns)
    hasSigns = layer.givesSigns ?? hasSigns
    shape = output
    let item = items[items.count - 1]
    guard item.weightCount < 1 << 36, output.pixels < 1 << 26, output.features < 1 << 32 else {
      throw NetworkError(
        layer: name, expected: "less than 69 billion weights and 4 billion outputs",
        found: "\(item.weightCount) weights, images of \(output)")
    }
  }

  // MARK: Names

  /// The name of the next layer with weights.
  mutating func begin(_ kind: String) -> String {
    if let shortcutBlock {
      // Neither the first nor the last layer of the network, and counted by itself.
      let name = counted("\(shortcutBlock).\(kind == "output" ? "hidden" : kind)")
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

  /// The name of a layer behind one with weights; what comes twice is counted.
  mutating func named(_ what: String) -> String { counted(stem.map { "\($0).\(what)" } ?? "input.\(what)") }

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

  /// Has what follows named after a layer.
  mutating func follow(_ name: String?) { stem = name }

  // MARK: Parts of layers

  /// Whether the next layer with weights is the network's last.
  var isLastWithWeights: Bool { weightedCount + 1 == weightedTotal }

  /// Windows over the images.
  /// - Throws: `NetworkError` where the images are too small.
  func windows(_ name: String, kernel: Int, stride: Int, _ border: LayerPlan.Border) throws -> ImageWindows {
    let padding = border.padding(ofSigns: hasSigns)
    guard let windows = ImageWindows(shape, kernel: (kernel, kernel), stride: (stride, stride), padding: padding) else {
      throw NetworkError(layer: name, expected: "images of at least \(kernel)×\(kernel)", found: "\(shape)")
    }
    return windows
  }

  /// The matrix of the layer that was begun last.
  /// - Parameters:
  ///   - channels: columns that stand next to each other for a place of the kernel.
  ///   - isBinary: whether its weights are binary; nil as the method has it.
  ///   - following: the layers behind it.
  func matrix(
    rows: Int, columns: Int, channels: Int, _ isBinary: Bool?, before following: ArraySlice<LayerPlan>
  ) -> WeightMatrix {
    let hasBinaryWeights = hasBinaryWeights(isBinary)
    return WeightMatrix(
      rows: rows, columns: columns, isBinary: hasBinaryWeights,
      quantized: hasBinaryWeights ? quantized(isBinary) : nil,
      scaling: hasBinaryWeights ? plan.scaling(channels: channels) : nil, hasBias: !isNormalized(by: following))
  }

  private func hasBinaryWeights(_ isBinary: Bool?) -> Bool {
    guard plan.hasBinaryWeights else { return false }
    if let isBinary { return isBinary }
    guard shortcutBlock == nil else { return false }
    if weightedCount == 1, plan.keepsFirstFloat ?? false { return false }
    return !(weightedCount == weightedTotal && plan.keepsLastFloat ?? false)
  }

  private func quantized(_ isBinary: Bool?) -> WeightFacts? {
    let isFirst = weightedCount == 1, isLast = weightedCount == weightedTotal
    let hasEightBits = isFirst && plan.firstHasEightBits ?? false || isLast && plan.lastHasEightBits ?? false
    let asksForEightBits = isBinary == nil && shortcutBlock == nil && hasEightBits
    return asksForEightBits ? IntegerWeights(bits: 8).facts : plan.quantizer?.facts
  }

  // A bias in front of a normalization would be taken away again. Pooling lies between them in most networks; a rectifier
  // or a sign makes the bias count.
  private func isNormalized(by following: ArraySlice<LayerPlan>) -> Bool {
    guard plan.batchNormalization != nil else { return false }
    for plan in following {
      switch plan.layer.effectOnBias {
      case .isRemoved: return true
      case .passes: continue
      case .counts: return false
      }
    }
    return false
  }
}

extension NetworkPlan {
  // How the signs of weights are scaled.
  fileprivate func scaling(channels: Int) -> WeightScaling? {
    guard case .signs(var scaling?) = form.weights else { return nil }
    if scaling.channels != nil { scaling.channels = channels }
    return scaling
  }
}
