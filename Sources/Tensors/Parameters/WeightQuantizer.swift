/// Makes of latent weights W what products read, `W̃ = s·q`: whole numbers q, exact in every precision, and a scale s of
/// each row. A method brings its own; the kernels that it needs are those of `LatentWeights`.
package protocol WeightQuantizer: Sendable {
  /// What checkpoints call its weights: `ternary`.
  static var kind: String { get }

  /// The quantizer that a checkpoint describes, its numbers of training aside; nil where a number is wrong.
  /// - Parameters:
  ///   - isScaled: whether the rows are scaled by their weights, where that is a choice.
  ///   - numbers: what the checkpoint says beside it.
  init?(isScaled: Bool, numbers: [String: Float])

  /// What is known of the weights without looking at them.
  var facts: WeightFacts { get }

  /// Makes q and s.
  /// - Returns: how many q have changed, where that counts.
  func quantize(_ weights: LatentWeights) -> Int

  /// Turns the gradient with respect to W̃ into that of W, in its place.
  func passGradient(_ weights: LatentWeights)
}

extension WeightQuantizer {
  /// Hands the gradient on as it is: the straight-through estimator.
  package func passGradient(_ weights: LatentWeights) {}
}

/// What is known of quantized weights without looking at them: for the layout of a network, and its checkpoints.
package struct WeightFacts: Hashable, Codable, Sendable {
  /// What checkpoints call them: `ternary`.
  package var kind: String
  /// What people read: “ternary”, “3-bit”.
  package var words: String
  /// Bits that a weight takes.
  package var bits: Int
  /// What a checkpoint says beside the kind: the threshold, the bits.
  package var numbers: [String: Float]
  /// Whether a checkpoint says that the rows are scaled by their weights; nil where there is no choice.
  package var isScaled: Bool?
  /// Whether s is not 1.
  package var appliesScales: Bool
  /// Whether a change of q counts as a flip: where there are as few values as signs have, and one more.
  package var countsFlips: Bool
  /// Whether W itself is what q is made of, so that it is clipped, and may be used as it is for a while; a function of
  /// it, such as its tanh, is not.
  package var readsLatentWeightsAsTheyAre: Bool
  /// Whether q is -1 or 1, so that products can be those of bits.
  package var areSigns: Bool
  /// Whether s is a parameter of its own, which the optimizer learns.
  package var learnsScales: Bool
  /// Whether W̃ is W but for the rounding: latent weights start and learn as float ones do.
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

/// Weights of few bits beside the latent ones that they are made of.
final class QuantizedWeights {
  var quantizer: any WeightQuantizer
  let facts: WeightFacts
  /// The share of the training that is done, for quantizers that change with it.
  var progress = 0.0
  /// q, shape `[rows, columns]`.
  let levels: Tensor
  /// s of each row, shape `[1, rows]`.
  let scales: Tensor
  /// q as products read it, where they read no bits.
  let operand: Operand
  /// q as bits, where it is -1 or 1 and products read these.
  let signs: SignMatrix?
  /// Two numbers of each row, one kind after the other.
  let sums: AlignedBuffer<Double>
  /// The greatest |W| when q was made.
  var greatest: Float = 0

  /// Weights of zeros.
  /// - Parameter scales: s, where it is learned.
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

  /// What products read.
  var form: Parameter.Form { signs.map { .binary($0) } ?? .real(operand) }
}
