/// Quantizes latent weights W to `W̃ = s·q`: whole numbers q, which are exact in every precision, and a scale s per
/// row. A method defines its own quantizer; `LatentWeights` has the kernels.
package protocol WeightQuantizer: Sendable {
  /// The kind of weights in checkpoints: `ternary`.
  static var kind: String { get }

  /// The quantizer that a checkpoint describes, for inference; nil if a number is invalid.
  /// - Parameters:
  ///   - isScaled: whether rows are scaled, for quantizers with that choice.
  ///   - numbers: the other numbers of the description.
  init?(isScaled: Bool, numbers: [String: Float])

  /// Facts about the weights that do not depend on their values.
  var facts: WeightFacts { get }

  /// Computes q and s.
  /// - Returns: the number of changed values of q, if flips are counted.
  func quantize(_ weights: LatentWeights) -> Int

  /// Converts the gradient with respect to W̃ to that of W, in place.
  func passGradient(_ weights: LatentWeights)

  /// Returns what the sign of each weight is taken of, for diagnostics.
  /// - Parameter columns: the length of a row.
  func signed(_ weights: [Float], columns: Int) -> [Float]
}

extension WeightQuantizer {
  /// Passes the gradient unchanged: the straight-through estimator.
  package func passGradient(_ weights: LatentWeights) {}

  /// Returns the weights themselves.
  package func signed(_ weights: [Float], columns: Int) -> [Float] { weights }
}

/// Facts about quantized weights that do not depend on their values, for layouts and checkpoints.
package struct WeightFacts: Hashable, Codable, Sendable {
  /// The kind of weights in checkpoints: `ternary`.
  package var kind: String
  /// The weights for display: “ternary”, “3-bit”.
  package var words: String
  /// Bits per weight.
  package var bits: Int
  /// The numbers in a checkpoint's description: the threshold, the bits.
  package var numbers: [String: Float]
  /// Whether a checkpoint's description says that rows are scaled; nil if there is no choice.
  package var isScaled: Bool?
  /// Whether s differs from 1.
  package var appliesScales: Bool
  /// Whether a change of q counts as a flip: for binary and ternary weights.
  package var countsFlips: Bool
  /// Whether q is made from W directly rather than from a function of it such as its tanh. Then W is clipped, and may
  /// be used unquantized for some epochs.
  package var readsLatentWeightsAsTheyAre: Bool
  /// Whether q is -1 or 1, so that products can use bits.
  package var areSigns: Bool
  /// Whether s is a learned parameter.
  package var learnsScales: Bool
  /// Whether W̃ equals W up to rounding: latent weights are initialized and learned as float weights are.
  package var standsForFloats: Bool

  /// Facts.
  package init(
    kind: String, words: String, bits: Int, numbers: [String: Float] = [:], isScaled: Bool? = nil,
    appliesScales: Bool = true, countsFlips: Bool = true, readsLatentWeightsAsTheyAre: Bool = true,
    areSigns: Bool = false, learnsScales: Bool = false, standsForFloats: Bool = false
  ) {
    self.kind = kind
    self.words = words
    self.bits = bits
    self.numbers = numbers
    self.isScaled = isScaled
    self.appliesScales = appliesScales
    self.countsFlips = countsFlips
    self.readsLatentWeightsAsTheyAre = readsLatentWeightsAsTheyAre
    self.areSigns = areSigns
    self.learnsScales = learnsScales
    self.standsForFloats = standsForFloats
  }
}

/// Quantized weights, stored beside the latent weights that they are made from.
final class QuantizedWeights {
  var quantizer: any WeightQuantizer
  let facts: WeightFacts
  /// The fraction of the training that is done.
  var progress = 0.0
  /// q, shape `[rows, columns]`.
  let levels: Tensor
  /// s per row, shape `[1, rows]`.
  let scales: Tensor
  /// q as an operand of products of floats.
  let operand: Operand
  /// q as bits, if it is -1 or 1.
  let signs: SignMatrix?
  /// Scratch memory: two numbers per row, first one kind for all rows, then the other.
  let sums: AlignedBuffer<Double>
  /// The largest |W| when q was computed.
  var greatest: Float = 0

  /// Weights with all values 0.
  /// - Parameter scales: s, if it is learned.
  init(_ quantizer: any WeightQuantizer, rows: Int, columns: Int, precision: Precision, scales: Tensor?) {
    self.quantizer = quantizer
    facts = quantizer.facts
    let levels = Tensor(rows: rows, columns: columns)
    self.levels = levels
    self.scales = scales ?? Tensor(rows: 1, columns: rows)
    signs = facts.areSigns ? SignMatrix(rows: rows, columns: columns) : nil
    operand =
      precision == .float32 || facts.areSigns
      ? .float32(levels) : .bfloat16(HalfTensor(rows: rows, columns: columns))
    sums = AlignedBuffer(capacity: 2 * rows)
  }

  /// The operand of products.
  var form: Parameter.Form { signs.map { .binary($0) } ?? .real(operand) }
}
