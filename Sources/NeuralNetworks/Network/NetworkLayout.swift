package import Tensors

/// A network plan fitted to an image shape and a number of classes: each layer with its name, shapes and costs.
///
/// A layout has everything that inference needs besides the tensors, and does not refer to a data set. In JSON it is a
/// `NetworkDescription`.
package struct NetworkLayout: Hashable, Sendable {
  /// A layer.
  package struct Item: Hashable, Sendable {
    /// The name, unique in the network: `conv1`, `hidden1.normalization`.
    package var name: String
    /// The layer.
    package var layer: any FittedLayer
    /// The input shape of one image.
    package var input: ImageShape
    /// The output shape.
    package var output: ImageShape

    /// The facts about quantized weights; nil for plain signs and for float weights.
    package var quantized: WeightFacts? { layer.weights?.quantized }
    /// Number of weights of the matrix.
    package var weightCount: Int { layer.weights?.count ?? 0 }
    /// Number of parameters besides the matrix.
    package var otherParameterCount: Int { layer.otherParameterCount }
    /// Whether the layer's weights are binary, or have few bits.
    package var isBinary: Bool { layer.weights?.isBinary ?? false }
    /// Whether flips of the layer's weights are counted.
    package var countsFlips: Bool { layer.weights?.countsFlips ?? false }
    /// Bytes of the layer's parameters, packed.
    package var packedBytes: Int { (layer.weights?.packedBytes ?? 0) + 4 * otherParameterCount }
    /// Multiply-accumulates per image.
    package var products: Int { layer.products }
    /// Its role in the structure of residual blocks.
    package var place: Place { layer.place }

    package static func == (a: Item, b: Item) -> Bool {
      a.name == b.name && a.input == b.input && a.output == b.output && AnyHashable(a.layer) == AnyHashable(b.layer)
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(AnyHashable(layer))
    }
  }

  /// The role of an item in the structure of residual blocks.
  package enum Place: Sendable {
    /// A layer.
    case layer
    /// The start of a block.
    case blockBegin
    /// The start of a shortcut with layers.
    case shortcutBegin
    /// The end of a block.
    case blockEnd
  }

  /// The shape of an image; a network that starts with a flat layer takes all values in one row.
  package let input: ImageShape
  /// The layers, in order.
  package let items: [Item]
  /// For each layer, whether its input is signs.
  package let inputsAreSigns: [Bool]

  /// Fits `plan` to images of `shape` and to `classes` classes.
  /// - Throws: `NetworkError` with the layer's name.
  package init(_ plan: NetworkPlan, input shape: ImageShape, classes: Int) throws {
    // A multilayer perceptron takes an image as one row.
    input = plan.layers == nil ? ImageShape(features: shape.features) : shape
    var fitting = LayoutFitting(plan: plan, shape: input, classes: classes)
    try fitting.add(plan.allLayers)
    (items, inputsAreSigns) = try fitting.finish()
  }

  init(input: ImageShape, items: [Item], inputsAreSigns: [Bool]) {
    self.input = input
    self.items = items
    self.inputsAreSigns = inputsAreSigns
  }

  /// Layers with weights.
  package var weighted: [Item] { items.filter { $0.weightCount > 0 } }
  /// Number of weights of all matrices.
  package var weightCount: Int { items.reduce(0) { $0 + $1.weightCount } }
  /// Number of parameters.
  package var parameterCount: Int { items.reduce(0) { $0 + $1.weightCount + $1.otherParameterCount } }
  /// Bytes of all parameters, packed.
  package var packedBytes: Int { items.reduce(0) { $0 + $1.packedBytes } }

  /// Number of images per evaluation batch: 500, or fewer if the largest layer's outputs would need more than 256 MiB.
  package var evaluationBatch: Int {
    let largest = items.map(\.output.features).max() ?? 1
    return max(1, min(500, (1 << 28) / (4 * largest)))
  }

  /// Upper bound of the bytes of activations and gradients for `images` images: the outputs of all layers, two
  /// gradients of the largest layer, one more per level of nested blocks, and the windows of one image in a
  /// convolution.
  package func activationBytes(images: Int) -> Double {
    let outputs = items.map { item -> Double in
      switch item.place {
      case .blockBegin, .shortcutBegin: 0
      case .layer, .blockEnd: Double(item.output.features)
      }
    }
    let gradients = 2 + Double(blockDepth)
    let scratch = Double(items.map(\.layer.scratchCount).max() ?? 0)
    return 4 * (Double(images) * (outputs.reduce(0, +) + gradients * (outputs.max() ?? 0)) + scratch)
  }

  /// The operand types of an item's products.
  package enum Arithmetic: String, Sendable, CaseIterable {
    /// Floats with floats.
    case float
    /// Floats with signs.
    case binaryWeight
    /// Signs with signs.
    case binary
    /// Floats with k-bit weights.
    case fewBitWeight
    /// k-bit activations with k-bit weights.
    case fewBits

    /// The operands for display.
    package var words: String {
      switch self {
      case .float: "floats"
      case .binaryWeight: "floats and signs"
      case .binary: "signs"
      case .fewBitWeight: "floats and few bits"
      case .fewBits: "few bits"
      }
    }
  }

  /// The operand types of the item at `index`; nil if it has no products.
  package func arithmetic(at index: Int) -> Arithmetic? {
    guard items[index].weightCount > 0 else { return nil }
    guard items[index].isBinary else { return .float }
    if let facts = items[index].quantized, !facts.areSigns {
      return inputHasFewBits(at: index) ? .fewBits : .fewBitWeight
    }
    return inputsAreSigns[index] ? .binary : .binaryWeight
  }

  // True for signs, and if the layers between a quantization and this item change nothing in inference.
  private func inputHasFewBits(at index: Int) -> Bool {
    if inputsAreSigns[index] { return true }
    // The input of a shortcut is that of its block, so the block's other layers are skipped.
    var blocksPassed = 0
    for item in items[..<index].reversed() {
      if blocksPassed > 0 {
        if item.place == .blockEnd { blocksPassed += 1 }
        if item.place == .blockBegin { blocksPassed -= 1 }
        continue
      }
      if item.place == .shortcutBegin {
        blocksPassed = 1
      } else if let makesFewBits = item.layer.makesFewBits {
        return makesFewBits
      }
    }
    return false
  }

  /// Multiply-accumulates per image with these operand types.
  package func products(_ arithmetic: Arithmetic) -> Int {
    items.indices.reduce(0) { $0 + (self.arithmetic(at: $1) == arithmetic ? items[$1].products : 0) }
  }

  /// The network in short form: “784·2048·2048·10”, “32×32×3·50c3·100c3·200c3·500·10”, with “7×16c3” for more than
  /// three equal convolutions, and without shortcuts.
  package var description: String {
    var runs: [(layer: any FittedLayer, summary: String, count: Int)] = []
    for item in mainItems {
      guard let summary = item.layer.summary else { continue }
      if let last = runs.last, last.summary == summary {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((item.layer, summary, 1))
      }
    }
    let layers = runs.flatMap { run in
      run.count > 3 && run.layer.isCounted
        ? ["\(run.count)×\(run.summary)"] : Array(repeating: run.summary, count: run.count)
    }
    return ([input.description] + layers).joined(separator: "·")
  }

  // The depth of nested blocks.
  private var blockDepth: Int {
    var (depth, deepest) = (0, 0)
    for item in items {
      if item.place == .blockBegin { depth += 1 }
      if item.place == .blockEnd { depth -= 1 }
      deepest = max(deepest, depth)
    }
    return deepest
  }

  // The layers without those of shortcuts.
  private var mainItems: [Item] {
    var result: [Item] = []
    // For each open block, whether its shortcut has started.
    var isInShortcut: [Bool] = []
    for item in items {
      switch item.place {
      case .blockBegin: isInShortcut.append(isInShortcut.last ?? false)
      case .shortcutBegin: isInShortcut[isInShortcut.count - 1] = true
      case .blockEnd: isInShortcut.removeLast()
      case .layer: if !(isInShortcut.last ?? false) { result.append(item) }
      }
    }
    return result
  }
}

/// Why a plan is not a valid network.
package struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The layer that does not fit.
  package let layer: String
  /// What was expected.
  package let expected: String
  /// What was found.
  package let found: String

  /// An error about a layer.
  package init(layer: String, expected: String, found: String) {
    (self.layer, self.expected, self.found) = (layer, expected, found)
  }

  package var description: String { "layer \(layer): expected \(expected), found \(found)" }
}
