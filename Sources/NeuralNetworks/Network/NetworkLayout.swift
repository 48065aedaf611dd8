package import Tensors

/// A plan fitted to a data set: every layer with its name, its shapes and what it costs.
package struct NetworkLayout: Hashable, Sendable {
  /// A layer.
  package struct Item: Hashable, Sendable {
    /// The name, unique in the network: `conv1`, `hidden1.normalization`.
    package var name: String
    /// What it is.
    package var kind: Kind
    /// What comes in for an image.
    package var input: ImageShape
    /// What goes out.
    package var output: ImageShape
    /// What becomes of latent weights; nil for their signs, and where weights are float.
    package var quantization: WeightQuantization?

    /// Weights of a matrix.
    package var weightCount: Int {
      switch kind {
      case .convolution(let windows, let filters, _, _): windows.features * filters
      case .linear: input.features * output.features
      default: 0
      }
    }

    /// What is learned beside the matrix.
    package var otherParameterCount: Int {
      switch kind {
      case .convolution(_, _, _, let hasBias), .linear(_, let hasBias): hasBias ? output.channels : 0
      case .normalization: 2 * output.channels
      case .activation(.rsign): output.channels
      case .activation(.rprelu): 3 * output.channels
      default: 0
      }
    }

    /// Whether the layer's weights are binary, or of few bits.
    package var isBinary: Bool {
      switch kind {
      case .convolution(_, _, let isBinary, _), .linear(let isBinary, _): isBinary
      default: false
      }
    }

    /// Whether flips of the layer's weights are counted.
    package var countsFlips: Bool { isBinary && quantization?.countsFlips ?? true }

    /// Bytes of what the layer learns, a binary weight taking a bit, or as many as it has, and its row whole 64-bit words.
    package var packedBytes: Int {
      guard isBinary else { return 4 * (weightCount + otherParameterCount) }
      let rows = output.channels
      return (weightCount / rows * (quantization?.bits ?? 1) + 63) / 64 * 8 * rows + 4 * otherParameterCount
    }

    /// Multiply-accumulates for an image.
    package var products: Int {
      switch kind {
      case .convolution(let windows, let filters, _, _): windows.count * windows.features * filters
      case .linear: weightCount
      default: 0
      }
    }
  }

  /// What a layer is.
  package enum Kind: Hashable, Sendable {
    case convolution(ImageWindows, filters: Int, isBinary: Bool, hasBias: Bool)
    case linear(isBinary: Bool, hasBias: Bool)
    case normalization
    case activation(LayerPlan.Activation)
    case pooling(Pooling.Kind, ImageWindows)
    case flatten
    case dropout(isOfInput: Bool)
    /// The begin of a residual block: what follows has its output as input, until a sum ends it.
    case residual
    /// The begin of the block's shortcut, where that has layers.
    case shortcut
    /// The end of a block: the sum of its layers' and of its shortcut's output.
    case sum(Shortcut)
  }

  /// What a block adds to its layers' output.
  package enum Shortcut: Hashable, Sendable {
    /// Its input.
    case identity
    /// Pixels of its input, and zeros.
    case zeroPadding(ImageSubsampling)
    /// What the layers of its shortcut give.
    case layers
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
    let outputs = items.map { $0.kind == .residual || $0.kind == .shortcut ? 0 : Double($0.output.features) }
    let gradients = 2 + Double(blockDepth)
    let windows = items.map { item -> Double in
      if case .convolution(let windows, _, _, _) = item.kind {
        Double(windows.count) * Double(windows.features)
      } else {
        0
      }
    }
    return 4 * (Double(images) * (outputs.reduce(0, +) + gradients * (outputs.max() ?? 0)) + (windows.max() ?? 0))
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
    if items[index].quantization != nil { return inputHasFewBits(at: index) ? .fewBits : .fewBitWeight }
    return inputsAreSigns[index] ? .binary : .binaryWeight
  }

  // Signs, or what lies between a rounding and this item does not change it but in training.
  private func inputHasFewBits(at index: Int) -> Bool {
    if inputsAreSigns[index] { return true }
    // A shortcut's input is that of its block: the block's other layers are passed over.
    var blocksPassed = 0
    for item in items[..<index].reversed() {
      if blocksPassed > 0 {
        if case .sum = item.kind { blocksPassed += 1 }
        if item.kind == .residual { blocksPassed -= 1 }
        continue
      }
      switch item.kind {
      case .activation(let activation): return activation == .quantized
      case .shortcut: blocksPassed = 1
      case .flatten, .dropout, .pooling(.max, _), .residual: continue
      case .convolution, .linear, .normalization, .pooling, .sum: return false
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
    var runs: [(layer: String, count: Int)] = []
    for item in mainItems where item.weightCount > 0 {
      var layer = "\(item.output.features)"
      if case .convolution(let windows, let filters, _, _) = item.kind { layer = "\(filters)c\(windows.kernel.height)" }
      if let last = runs.last, last.layer == layer {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((layer, 1))
      }
    }
    let layers = runs.flatMap { run in
      run.count > 3 && run.layer.contains("c")
        ? ["\(run.count)×\(run.layer)"] : Array(repeating: run.layer, count: run.count)
    }
    return ([input.description] + layers).joined(separator: "·")
  }

  // How many blocks stand in each other.
  private var blockDepth: Int {
    var (depth, deepest) = (0, 0)
    for item in items {
      if item.kind == .residual { depth += 1 }
      if case .sum = item.kind { depth -= 1 }
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
      switch item.kind {
      case .residual: isInShortcut.append(isInShortcut.last ?? false)
      case .shortcut: isInShortcut[isInShortcut.count - 1] = true
      case .sum: isInShortcut.removeLast()
      default: if !(isInShortcut.last ?? false) { result.append(item) }
      }
    }
    return result
  }
}
