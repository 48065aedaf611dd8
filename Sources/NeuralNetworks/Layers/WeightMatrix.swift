package import Tensors

/// The weight matrix of a layer, with one row per output, and how its weights are quantized.
package struct WeightMatrix: Hashable, Sendable {
  /// Number of outputs.
  package var rows: Int
  /// Number of inputs.
  package var columns: Int
  /// Whether the weights are binary, or have few bits.
  package var isBinary: Bool
  /// The facts about quantized weights; nil for plain signs and for float weights.
  package var quantized: WeightFacts?
  /// The scaling of signs; nil if they are not scaled.
  package var scaling: WeightScaling?
  /// Whether a bias is added to each output.
  package var hasBias: Bool

  /// Number of weights.
  package var count: Int { rows * columns }
  /// Whether sign flips are counted.
  package var countsFlips: Bool { isBinary && quantized?.countsFlips ?? true }
  /// Bits per weight.
  package var bits: Int { isBinary ? quantized?.bits ?? 1 : 32 }
  /// Bytes of the matrix: k bits per quantized weight, with each row padded to whole 64-bit words; 4 bytes per float
  /// weight.
  package var packedBytes: Int { isBinary ? (columns * bits + 63) / 64 * 8 * rows : 4 * count }
  /// The weights for display: “binary”, “ternary”, “8-bit”, “float”.
  package var words: String {
    quantized?.words ?? (isBinary ? "binary" : "float")
  }
  /// Number of parameters besides the matrix: biases and learned scales.
  package var otherParameterCount: Int {
    (hasBias ? rows : 0) + (quantized?.learnsScales ?? false ? rows : 0)
  }
}

extension NetworkDescription.Weights {
  /// The description of a matrix.
  init(_ matrix: WeightMatrix) {
    guard matrix.isBinary else {
      self.init(kind: "float")
      return
    }
    self.init(kind: "sign", scaled: matrix.scaling != nil)
    if let facts = matrix.quantized { self.init(kind: facts.kind, scaled: facts.isScaled, numbers: facts.numbers) }
  }
}

extension WeightMatrix {
  /// Reads the matrix of a layer.
  /// - Parameter columns: number of inputs.
  /// - Throws: `NetworkError`.
  init(_ layer: NetworkDescription.Layer, columns: Int) throws {
    let (outputs, weights) = (try layer.field(\.outputs, "outputs"), try layer.field(\.weights, "weights"))
    guard outputs > 0, outputs < 1 << 32, columns < 1 << 36 else {
      throw layer.wrong("“outputs” of 1 or more", "\(outputs)")
    }
    self.init(
      rows: outputs, columns: columns, isBinary: weights.kind != "float",
      hasBias: try layer.field(\.bias, "bias"))
    switch weights.kind {
    case "float": break
    // How the gradient passes through the scale matters only in training.
    case "sign": scaling = weights.scaled ?? false ? WeightScaling(channels: nil, gradient: .constant) : nil
    default:
      guard let type = Method.quantizers.first(where: { $0.kind == weights.kind }) else {
        let kinds = ["float", "sign"] + Method.quantizers.map { $0.kind }
        throw layer.wrong("weights of \(kinds.joined(separator: ", "))", "“\(weights.kind)”")
      }
      guard let quantizer = type.init(isScaled: weights.scaled ?? false, numbers: weights.numbers) else {
        let found = weights.numbers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        throw layer.wrong(
          "the numbers of \(weights.kind) weights, such as “bits” from 1 to 8",
          found.isEmpty ? "none" : found.joined(separator: ", "))
      }
      quantized = quantizer.facts
    }
  }
}
