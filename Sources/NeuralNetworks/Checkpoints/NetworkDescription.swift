package import Tensors

/// The description of a network in a checkpoint: everything needed, besides the tensors, to compute its logits.
///
/// It is the JSON form of a `NetworkLayout` in the metadata of each checkpoint. The page *Checkpoint format* documents
/// every formula. Dropout is omitted, because it has no effect in inference.
package struct NetworkDescription: Hashable, Codable, Sendable {
  /// Height, width and channels of an image. If the first layer takes a flat input, height and width are 1.
  package let input: ImageShape
  /// The layers, in the order of the forward pass.
  package let layers: [Layer]

  /// A layer. Which fields are present depends on its kind.
  package struct Layer: Hashable, Codable, Sendable {
    /// The kind: one of the words of `LayerKinds.fitted`.
    package var layer: String
    /// The name, which prefixes the names of its tensors.
    package var name: String
    /// Outputs of a linear layer, or filters of a convolution.
    package var outputs: Int?
    /// How the weights are quantized.
    package var weights: Weights?
    /// Whether a bias is added.
    package var bias: Bool?
    /// The windows of a convolution or a pooling.
    package var windows: Windows?
    /// The ε that batch normalization adds to the variance.
    package var epsilon: Float?
    /// Whether batch normalization multiplies by powers of two only.
    package var shiftBased: Bool?
    /// Bits of a quantized activation.
    package var bits: Int?
    /// Whether products of these signs are multiplied by the mean absolute value of the sign's input, XNOR-Net's K.
    package var scalesInput: Bool?
    /// Other numbers by name, for kinds of layers that need more than the fields above.
    package var numbers: [String: Float]?
    /// The layers of a residual block.
    package var layers: [Layer]?
    /// What a residual block adds to the output of its layers: `identity`, `zeroPad`, `layers`.
    package var shortcut: String?
    /// The subsampling step of a `zeroPad` shortcut.
    package var shortcutStride: Int?
    /// The layers of a `layers` shortcut.
    package var shortcutLayers: [Layer]?

    /// A layer without fields.
    package init(_ layer: String, _ name: String) {
      self.layer = layer
      self.name = name
    }

    /// Returns a field that the kind requires.
    /// - Throws: `NetworkError` if it is missing.
    package func field<Value>(_ path: KeyPath<Layer, Value?>, _ key: String) throws -> Value {
      guard let value = self[keyPath: path] else { throw wrong("“\(key)”", "a \(layer) without it") }
      return value
    }

    /// Returns a number from `numbers` that the kind requires.
    /// - Throws: `NetworkError` if it is missing or out of range.
    package func number(_ key: String, in range: ClosedRange<Float>) throws -> Float {
      guard let number = numbers?[key] else { throw wrong("“\(key)” in its “numbers”", "a \(layer) without it") }
      guard range.contains(number) else {
        throw wrong("“\(key)” from \(range.lowerBound) to \(range.upperBound)", "\(number)")
      }
      return number
    }

    /// Returns an error about this layer.
    package func wrong(_ expected: String, _ found: String) -> NetworkError {
      NetworkError(layer: name, expected: expected, found: found)
    }
  }

  /// How latent weights W are quantized.
  ///
  /// In JSON, the numbers stand beside the kind: `{"kind":"ternary","scaled":true,"threshold":0.05}`.
  package struct Weights: Hashable, Codable, Sendable {
    /// `float`, `sign`, or a quantizer's kind: `ternary`, `doReFa`, `integer`.
    package var kind: String
    /// Whether each row is multiplied by the mean absolute value of its latent weights.
    package var scaled: Bool?
    /// The quantizer's numbers: the `threshold` of ternary weights (if absent, 0.7 times the mean absolute value over
    /// the layer); the `bits` of `doReFa` and `integer` weights.
    package var numbers: [String: Float] = [:]

    /// Weights of a kind.
    package init(kind: String, scaled: Bool? = nil, numbers: [String: Float] = [:]) {
      (self.kind, self.scaled, self.numbers) = (kind, scaled, numbers)
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Field.self)
      kind = try container.decode(String.self, forKey: .kind)
      scaled = try container.decodeIfPresent(Bool.self, forKey: .scaled)
      for field in container.allKeys where field != .kind && field != .scaled {
        numbers[field.stringValue] = try container.decode(Float.self, forKey: field)
      }
    }

    package func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Field.self)
      try container.encode(kind, forKey: .kind)
      try container.encodeIfPresent(scaled, forKey: .scaled)
      for (name, number) in numbers { try container.encode(number, forKey: Field(stringValue: name)) }
    }

    private struct Field: CodingKey, Equatable {
      static let kind = Field(stringValue: "kind"), scaled = Field(stringValue: "scaled")
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
  }

  /// The windows of a convolution or a pooling.
  package struct Windows: Hashable, Codable, Sendable {
    /// Height and width of a window.
    package var kernel: [Int]
    /// Vertical and horizontal stride.
    package var stride: [Int]
    /// Padding above and to the left of the image.
    package var before: [Int]
    /// Height and width of the output.
    package var output: [Int]
    /// The padding value: 0 or +1.
    package var border: Int
  }
}

extension NetworkDescription {
  /// The description of a layout.
  package init(_ layout: NetworkLayout) {
    input = layout.input
    // For each open block or shortcut, the list of layers before it.
    var open: [[Layer]] = []
    var layers: [Layer] = []
    for item in layout.items {
      let description = item.layer.description(item.name)
      switch item.place {
      case .layer: if let description { layers.append(description) }
      case .blockBegin, .shortcutBegin:
        open.append(layers)
        layers = []
      case .blockEnd:
        guard var block = description else { continue }
        if block.shortcut == "layers" {
          block.shortcutLayers = layers
          layers = open.removeLast()
        }
        block.layers = layers
        layers = open.removeLast() + [block]
      }
    }
    self.layers = layers
  }
}

/// In JSON, a layout is its `NetworkDescription`. Dropout is omitted, because it has no effect in inference.
extension NetworkLayout: Codable {
  package init(from decoder: any Decoder) throws {
    let description = try NetworkDescription(from: decoder)
    do {
      try self.init(description)
    } catch let error as NetworkError {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\(error)"))
    }
  }

  package func encode(to encoder: any Encoder) throws { try NetworkDescription(self).encode(to: encoder) }

  /// The layout of a description.
  /// - Throws: `NetworkError` if a layer is unknown or does not fit the layers before it.
  package init(_ description: NetworkDescription) throws {
    let input = description.input
    guard input.height > 0, input.width > 0, input.channels > 0, input.pixels < 1 << 26 else {
      throw NetworkError(
        layer: "input", expected: "an image's size", found: "\(input.height)×\(input.width)×\(input.channels)")
    }
    var reader = DescriptionReader(shape: input)
    try reader.read(description.layers)
    guard let last = reader.items.last, last.layer.canBeLast, reader.shape.pixels == 1, !reader.hasSigns else {
      throw NetworkError(
        layer: reader.items.last?.name ?? "1", expected: "an output for each class",
        found: reader.hasSigns ? "signs" : "\(reader.shape)")
    }
    self.init(input: input, items: reader.items, inputsAreSigns: reader.areSigns)
  }

  private struct DescriptionReader {
    var shape: ImageShape
    var hasSigns = false
    var items: [Item] = []
    var areSigns: [Bool] = []
    private var depth = 0

    init(shape: ImageShape) { self.shape = shape }

    mutating func read(_ layers: [NetworkDescription.Layer]) throws {
      for layer in layers {
        if layer.layer == "residual" { try readBlock(layer) } else { try readLayer(layer) }
      }
    }

    private mutating func readLayer(_ description: NetworkDescription.Layer) throws {
      guard let kind = LayerKinds.fitted.first(where: { $0.words.contains(description.layer) }) else {
        let words = LayerKinds.fitted.flatMap { $0.words }
        throw description.wrong("one of \(words.joined(separator: ", "))", "“\(description.layer)”")
      }
      let layer = try kind.init(description, input: shape)
      guard !hasSigns || layer.takesSigns else { throw description.wrong("floats", "signs") }
      append(description.name, layer)
    }

    private mutating func readBlock(_ block: NetworkDescription.Layer) throws {
      depth += 1
      defer { depth -= 1 }
      guard !hasSigns else { throw block.wrong("floats for a block", "signs") }
      guard depth <= 100 else { throw block.wrong("at most 100 nested blocks", "more") }
      let (input, name) = (shape, BlockSum.blockName(block.name))
      append(name, BlockBegin())
      try read(try block.field(\.layers, "layers"))
      let output = shape
      let word: String = try block.field(\.shortcut, "shortcut")
      let shortcut: BlockSum.Shortcut
      switch word {
      case "identity" where output == input: shortcut = .identity
      case "zeroPad":
        guard let subsampling = ImageSubsampling(from: input, to: output), subsampling.stride == block.shortcutStride
        else { throw block.wrong("a shortcut of \(output)", "\(input) subsampled by \(block.shortcutStride ?? 0)") }
        shortcut = .zeroPadding(subsampling)
      case "layers":
        guard !hasSigns else { throw block.wrong("floats to add", "signs") }
        shape = input
        append("\(name).shortcut", ShortcutBegin())
        try read(try block.field(\.shortcutLayers, "shortcutLayers"))
        guard shape == output else { throw block.wrong("a shortcut of \(output)", "\(shape)") }
        shortcut = .layers
      default: throw block.wrong("a shortcut of \(output): identity, zeroPad or layers", "“\(word)” of \(input)")
      }
      guard !hasSigns else { throw block.wrong("floats to add", "signs") }
      append(block.name, BlockSum(shortcut: shortcut, features: output.channels))
    }

    private mutating func append(_ name: String, _ layer: any FittedLayer) {
      let output = layer.output(of: shape)
      items.append(Item(name: name, layer: layer, input: shape, output: output))
      areSigns.append(hasSigns)
      hasSigns = layer.givesSigns ?? hasSigns
      shape = output
    }
  }
}

extension NetworkDescription.Layer {
  /// Returns the windows over images of a shape.
  /// - Throws: `NetworkError` if they do not fit.
  func windows(over input: ImageShape) throws -> ImageWindows {
    guard let windows = try field(\.windows, "windows").windows(over: input) else {
      throw wrong("windows over images of \(input)", "others")
    }
    return windows
  }
}

extension NetworkDescription.Windows {
  /// The description of windows.
  package init(_ windows: ImageWindows) {
    self.init(
      kernel: [windows.kernel.height, windows.kernel.width], stride: [windows.stride.height, windows.stride.width],
      before: [windows.before.height, windows.before.width], output: [windows.output.height, windows.output.width],
      border: windows.padding == .sameOne ? 1 : 0)
  }

  /// The windows over images of a shape; nil if they do not fit.
  package func windows(over input: ImageShape) -> ImageWindows? {
    guard kernel.count == 2, stride.count == 2, (kernel + stride).allSatisfy({ (1...1 << 16).contains($0) }) else {
      return nil
    }
    let paddings: [Padding] = border == 1 ? [.sameOne] : [.valid, .same]
    return paddings.lazy.compactMap { padding in
      ImageWindows(input, kernel: (kernel[0], kernel[1]), stride: (stride[0], stride[1]), padding: padding)
    }.first { NetworkDescription.Windows($0) == self }
  }
}
