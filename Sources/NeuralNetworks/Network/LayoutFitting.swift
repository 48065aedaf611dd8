internal import Tensors

/// Fits the layers of a plan to each other in order. Each kind of layer appends its fitted layer.
package struct LayoutFitting {
  /// The plan.
  package let plan: NetworkPlan
  /// Number of classes.
  package let classes: Int
  /// The output shape of the layers so far.
  var shape: ImageShape
  /// Whether the output of the layers so far is signs.
  private(set) var hasSigns = false
  /// The last layer with weights, whose name prefixes the names of the layers after it.
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

  /// Checks the end of the network, and returns the layers and which of them get signs as input.
  func finish() throws -> (items: [NetworkLayout.Item], inputsAreSigns: [Bool]) {
    guard let last = items.last, shape.pixels == 1, shape.channels == classes, !hasSigns else {
      throw NetworkError(
        layer: items.last?.name ?? "1", expected: "one output per class (\(classes)), such as “linear: classes”",
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

  /// Starts a layer with weights, and returns its name.
  mutating func begin(_ kind: String) -> String {
    if let shortcutBlock {
      // Layers of shortcuts are neither first nor last of the network, and have counts of their own.
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

  /// Returns the name of a layer after one with weights; repeated names are numbered.
  mutating func named(_ what: String) -> String { counted(stem.map { "\($0).\(what)" } ?? "input.\(what)") }

  private mutating func counted(_ name: String) -> String {
    counts[name, default: 0] += 1
    let count = counts[name] ?? 1
    return count == 1 ? name : "\(name)\(count)"
  }

  /// Returns the next numbered name of a kind: “residual1”, “residual2”.
  mutating func numbered(_ kind: String) -> String {
    counts[kind, default: 0] += 1
    return "\(kind)\(counts[kind] ?? 1)"
  }

  /// Sets the layer that names the layers after it.
  mutating func follow(_ name: String?) { stem = name }

  // MARK: Building blocks of layers

  /// Whether the next layer with weights is the network's last.
  var isLastWithWeights: Bool { weightedCount + 1 == weightedTotal }

  /// Returns windows over the images.
  /// - Throws: `NetworkError` if the images are too small.
  func windows(_ name: String, kernel: Int, stride: Int, _ border: LayerPlan.Border) throws -> ImageWindows {
    let padding = border.padding(ofSigns: hasSigns)
    guard let windows = ImageWindows(shape, kernel: (kernel, kernel), stride: (stride, stride), padding: padding) else {
      throw NetworkError(layer: name, expected: "images of at least \(kernel)×\(kernel)", found: "\(shape)")
    }
    return windows
  }

  /// Returns the matrix of the layer that was started last.
  /// - Parameters:
  ///   - channels: number of adjacent columns that belong to one kernel position.
  ///   - isBinary: whether its weights are binary; nil for the method's choice.
  ///   - following: the layers after it.
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

  // A batch normalization cancels a bias before it. In most networks a pooling lies between them; after a ReLU or a
  // sign the bias has an effect.
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
  // The scaling of binary weights.
  fileprivate func scaling(channels: Int) -> WeightScaling? {
    guard case .signs(var scaling?) = form.weights else { return nil }
    if scaling.channels != nil { scaling.channels = channels }
    return scaling
  }
}
