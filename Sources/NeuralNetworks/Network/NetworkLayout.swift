package import Tensors

/// A plan that is fitted to images and classes: every layer with its name, its shapes and what it costs.
///
/// A layout has all that inference needs beside the tensors, and knows no data set. In JSON it is a `NetworkDescription`.
package struct NetworkLayout: Hashable, Sendable {
  /// A layer.
  package struct Item: Hashable, Sendable {
    /// The name, unique in the network: `conv1`, `hidden1.normalization`.
    package var name: String
    /// The layer.
    package var layer: any FittedLayer
    /// What comes in for an image.
    package var input: ImageShape
    /// What goes out.
    package var output: ImageShape

    /// What is known of quantized weights; nil for signs, and where weights are float.
    package var quantized: WeightFacts? { layer.weights?.quantized }
    /// Weights of a matrix.
    package var weightCount: Int { layer.weights?.count ?? 0 }
    /// What is learned beside the matrix.
    package var otherParameterCount: Int { layer.otherParameterCount }
    /// Whether the layer's weights are binary, or of few bits.
    package var isBinary: Bool { layer.weights?.isBinary ?? false }
    /// Whether flips of the layer's weights are counted.
    package var countsFlips: Bool { layer.weights?.countsFlips ?? false }
    /// Bytes of what the layer learns, packed.
    package var packedBytes: Int { (layer.weights?.packedBytes ?? 0) + 4 * otherParameterCount }
    /// Multiply-accumulates for an image.
    package var products: Int { layer.products }
    /// What it is in the structure of residual blocks.
    package var place: Place { layer.place }

    package static func == (a: Item, b: Item) -> Bool {
      a.name == b.name && a.input == b.input && a.output == b.output && AnyHashable(a.layer) == AnyHashable(b.layer)
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(AnyHashable(layer))
    }
  }

  /// What an item is in the structure of residual blocks.
  package enum Place: Sendable {
    /// A layer.
    case layer
    /// The begin of a block.
    case blockBegin
    /// The begin of the layers of a block's shortcut.
    case shortcutBegin
    /// The end of a block.
    case blockEnd
  }

  /// The size of an image; of a network that begins with a flat layer, all its values in a row.
  package let input: ImageShape
  /// The layers, in order.
  package let items: [Item]
  /// Whether what each layer gets are signs, in order.
  package let inputsAreSigns: [Bool]

  /// Fits `plan` to images of `shape` and to `classes` classes.
  /// - Throws: `NetworkError`, naming the layer.
  package init(_ plan: NetworkPlan, input shape: ImageShape, classes: Int) throws {
    // A multilayer perceptron takes an image as a row.
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
  /// How many weights the matrices have.
  package var weightCount: Int { items.reduce(0) { $0 + $1.weightCount } }
  /// How many numbers the network learns.
  package var parameterCount: Int { items.reduce(0) { $0 + $1.weightCount + $1.otherParameterCount } }
  /// Bytes of what the network learns, packed.
  package var packedBytes: Int { items.reduce(0) { $0 + $1.packedBytes } }

  /// Images that an evaluation takes at once: 500, or fewer where the largest layer's outputs would take more than a
  /// quarter of a gibibyte.
  package var evaluationBatch: Int {
    let largest = items.map(\.output.features).max() ?? 1
    return max(1, min(500, (1 << 28) / (4 * largest)))
  }

  /// Bytes of activations and their gradients for so many images, at most: the outputs of all layers, two gradients of the
  /// largest, one more for each block in another, and the windows of an image at a convolution.
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

  /// What an item multiplies.
  package enum Arithmetic: String, Sendable, CaseIterable {
    /// Floats with floats.
    case float
    /// Floats with signs.
    case binaryWeight
    /// Signs with signs.
    case binary
    /// Floats with weights of few bits.
    case fewBitWeight
    /// Numbers of few bits with such weights.
    case fewBits
  }

  /// What the item at `index` multiplies; nil where it multiplies nothing.
  package func arithmetic(at index: Int) -> Arithmetic? {
    guard items[index].weightCount > 0 else { return nil }
    guard items[index].isBinary else { return .float }
    if let facts = items[index].quantized, !facts.areSigns {
      return inputHasFewBits(at: index) ? .fewBits : .fewBitWeight
    }
    return inputsAreSigns[index] ? .binary : .binaryWeight
  }

  // Signs, or what lies between a rounding and this item does not change it but in training.
  private func inputHasFewBits(at index: Int) -> Bool {
    if inputsAreSigns[index] { return true }
    // A shortcut's input is that of its block: the block's other layers are passed over.
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

  /// Multiply-accumulates for an image, of one kind.
  package func products(_ arithmetic: Arithmetic) -> Int {
    items.indices.reduce(0) { $0 + (self.arithmetic(at: $1) == arithmetic ? items[$1].products : 0) }
  }

  /// The layers in short: “784·2048·2048·10”, “32×32×3·50c3·100c3·200c3·500·10”; “7×16c3” for more than three equal
  /// convolutions, and without those of shortcuts.
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

  // How many blocks stand in each other.
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
    // For each block that is open, whether its shortcut has begun.
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

/// Why a plan is no network.
package struct NetworkError: Error, Sendable, CustomStringConvertible {
  /// The layer that does not fit.
  package let layer: String
  /// What it needs.
  package let expected: String
  /// What there is.
  package let found: String

  package var description: String { "layer \(layer): expected \(expected), found \(found)" }
}
