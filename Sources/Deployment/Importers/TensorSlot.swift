import NeuralNetworks
import Tensors

/// A tensor of a network that an import must fill, with what is needed to read it from another program's layout.
struct TensorSlot {
  /// The kinds of layers between which tensors can be told apart.
  enum Kind: Hashable {
    /// Weights, scales and bias of a convolution or a linear layer.
    case product
    /// Scale, shift and running statistics of a batch normalization.
    case normalization
    /// Thresholds and slopes of learned activations.
    case other
  }

  /// The name: `hidden1.normalization.runningMean`.
  let name: String
  /// The layer's name.
  let layer: String
  /// The kind of the layer.
  let kind: Kind
  /// Rows and columns here: a row of numbers has one row.
  let rows: Int
  let columns: Int
  /// The kernel and the channels that it reads, of the weights of a convolution; nil for others.
  let kernel: (height: Int, width: Int, channels: Int)?
  /// The images whose values the columns belong to, if a flatten comes before; nil if their order is not in question.
  let flattened: ImageShape?
  /// Whether these are weights of which the network uses the signs.
  let areLatent: Bool
  /// The ε of a batch normalization's variance; nil for other tensors.
  let epsilon: Float?

  /// Number of elements.
  var count: Int { rows * columns }
  /// The last part of the name: `weights`, `runningMean`.
  var role: String { String(name.dropFirst(layer.count + 1)) }

  /// The shape in other programs.
  var foreignShape: [Int] {
    if let kernel { return [rows, kernel.channels, kernel.height, kernel.width] }
    return rows == 1 && role != "weights" ? [columns] : [rows, columns]
  }

  /// Returns whether a tensor of this shape has these elements. Dimensions of 1 are ignored, except in matrices.
  func fits(_ shape: [Int]) -> Bool {
    if role == "weights" { return shape == foreignShape || shape == [rows, columns] }
    return shape.filter { $0 != 1 } == foreignShape.filter { $0 != 1 }
  }

  /// The tensors of a network in its order.
  static func all(of layout: NetworkLayout, _ network: Network, image: ImageShape) -> [TensorSlot] {
    let tensors = Dictionary(
      grouping: network.layers.flatMap { layer in
        (layer.parameters.map { ($0.name, $0.value, $0.isBinary) } + layer.buffers.map { ($0.name, $0.tensor, false) })
          .map { (layer: layer.name, tensor: $0) }
      }
    ) { $0.layer }
    // A network that reads an image as one row flattens it first.
    var flattened = layout.input.pixels == 1 && image.pixels > 1 ? image : nil
    return layout.items.flatMap { item -> [TensorSlot] in
      let facts = item.layer.description(item.name)
      if facts?.layer == "flatten" { flattened = item.input.pixels > 1 ? item.input : nil }
      let windows = facts?.windows.flatMap { $0.kernel.count == 2 ? $0.kernel : nil }
      defer { if facts?.layer == "linear" { flattened = nil } }
      return (tensors[item.name] ?? []).map { _, tensor in
        let (name, value, isBinary) = tensor
        let isMatrix = name == "\(item.name).weights"
        let kernel = isMatrix && facts?.layer == "convolution" ? windows : nil
        return TensorSlot(
          name: name, layer: item.name, kind: kind(facts?.layer), rows: value.rows, columns: value.columns,
          kernel: kernel.map { ($0[0], $0[1], item.input.channels) },
          flattened: flattened.flatMap { $0.channels > 1 && $0.features == value.columns ? $0 : nil },
          areLatent: isMatrix && isBinary, epsilon: facts?.epsilon)
      }
    }
  }

  private static func kind(_ word: String?) -> Kind {
    switch word {
    case "linear", "convolution": .product
    case "batchNormalization": .normalization
    default: .other
    }
  }

  /// Returns a tensor's values in the network's order, and what was done to them.
  func arranged(
    _ numbers: [Float], shape: [Int], _ order: WeightImport.FlattenOrder
  ) -> (values: [Float], note: String) {
    if let kernel, shape.count == 4 {
      let places = kernel.height * kernel.width
      guard places > 1 else { return (numbers, "") }
      return (moved(numbers, channels: kernel.channels, places: places), "channels last")
    }
    guard let flattened, order == .channelsFirst, flattened.pixels > 1 else { return (numbers, "") }
    return (moved(numbers, channels: flattened.channels, places: flattened.pixels), "columns reordered, channels last")
  }

  // In each row, from [channels, places] to [places, channels].
  private func moved(_ numbers: [Float], channels: Int, places: Int) -> [Float] {
    var result = numbers
    for row in 0..<rows {
      let start = row * columns
      for channel in 0..<channels {
        for place in 0..<places {
          result[start + place * channels + channel] = numbers[start + channel * places + place]
        }
      }
    }
    return result
  }
}
