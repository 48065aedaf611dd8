/// Numbers that an optimizer learns, with what lies beside them: gradient, moments, flips, and the copy that matrix
/// products read.
///
/// The weights of a binary layer stand twice (“why are my weights floats?”): `value` holds the real-valued *latent*
/// weights, which gather small updates and decide when a sign flips; `signs` holds the binary weights, a bit each,
/// which is all that the network computes with. Where weights have a few bits each, these stand in place of the signs.
package final class Parameter {
  /// The name, unique in its network: `hidden1.weights`.
  package let name: String
  /// The float weights, or the latent weights of a binary layer. A weight matrix has shape `[outputs, inputs]`.
  package let value: Tensor
  /// dC/dvalue; for latent weights the gradient with respect to the *binary* weights, or to those of few bits.
  package let gradient: Tensor
  /// Whether `value` holds latent weights whose signs the network computes with.
  package let isBinary: Bool
  /// Multiplies the update of an adaptive optimizer, its square that of SGD: Glorot's `1/√(1.5/(fanIn + fanOut))`, or 1.
  package let updateScale: Float
  /// What matrix products read.
  package internal(set) var form: Form

  /// What matrix products read of a parameter.
  package enum Form {
    /// Nothing: no product reads it.
    case unread
    /// Its value, or the value rounded; or weights of few bits, to be multiplied by `appliedScales`.
    case real(Operand)
    /// Binary weights.
    case binary(SignMatrix)
  }

  /// `weightsByFlips[n]`: how many weights have flipped `n` times; the last place counts that many or more. Empty where
  /// flips are not counted.
  package internal(set) var weightsByFlips: [Int]
  /// Flips of the newest update.
  package internal(set) var newestFlips = 0
  /// Flips of all updates.
  package internal(set) var totalFlips = 0

  /// How the signs are scaled; nil for ±1.
  package let scaling: WeightScaling?
  /// α of each row, shape `[1, rows]`, where signs or weights of few bits are scaled.
  package let scales: Tensor?
  /// The same, where it is learned: a parameter of its own.
  package let learnedScales: Parameter?
  /// The signs of latent weights; nil for others.
  package let signs: SignMatrix?
  // Binary weights drawn for a batch.
  let drawnSigns: SignMatrix?
  // Weights of few bits; nil for others.
  let quantized: QuantizedWeights?
  private(set) var readsQuantized: Bool
  // The value as products read it, where they read no signs.
  private let real: Operand?
  var firstMoment: Tensor?
  var secondMoment: Tensor?
  let flipCounts: AlignedBuffer<UInt16>?

  /// A parameter of zeros.
  /// - Parameters:
  ///   - operandPrecision: the precision of the products that read the parameter; nil where none does.
  ///   - isBinary: whether the value holds latent weights.
  ///   - scaling: how the signs of latent weights are scaled.
  ///   - quantizer: makes of latent weights what products read; nil for their signs.
  package init(
    name: String, rows: Int, columns: Int, isBinary: Bool = false, updateScale: Float = 1,
    operandPrecision: Precision? = nil, scaling: WeightScaling? = nil, quantizer: (any WeightQuantizer)? = nil
  ) {
    self.name = name
    let isLatent = isBinary
    let isBinary = isLatent && quantizer == nil
    let learnsScales = isLatent && quantizer?.facts.learnsScales ?? false
    let learnedScales = learnsScales ? Parameter(name: "\(name).scale", rows: 1, columns: rows) : nil
    self.learnedScales = learnedScales
    let quantized = (isLatent ? quantizer : nil).map {
      QuantizedWeights(
        $0, rows: rows, columns: columns, precision: operandPrecision ?? .float32, scales: learnedScales?.value)
    }
    self.quantized = quantized
    readsQuantized = quantized != nil
    self.scaling = isBinary ? scaling : nil
    scales =
      quantized?.facts.appliesScales ?? (self.scaling != nil)
      ? quantized?.scales ?? Tensor(rows: 1, columns: rows) : nil
    self.isBinary = isBinary
    self.updateScale = updateScale
    let value = Tensor(rows: rows, columns: columns)
    self.value = value
    gradient = Tensor(rows: rows, columns: columns)
    // Latent weights are read as they are, and seldom.
    let real: Operand? = operandPrecision.map { precision in
      isLatent || precision == .float32
        ? .float32(value) : .bfloat16(HalfTensor(rows: rows, columns: columns))
    }
    self.real = real
    let signs = isBinary ? SignMatrix(rows: rows, columns: columns) : nil
    self.signs = signs
    drawnSigns = isBinary ? SignMatrix(rows: rows, columns: columns) : nil
    form = signs.map { .binary($0) } ?? quantized?.form ?? real.map { .real($0) } ?? .unread
    let countsFlips = quantized?.facts.countsFlips ?? isBinary
    flipCounts = countsFlips ? AlignedBuffer(capacity: rows * columns) : nil
    weightsByFlips = countsFlips ? Parameter.unflipped(rows * columns) : []
  }

  /// How many numbers there are.
  package var count: Int { value.count }

  /// Whether a product reads the parameter.
  package var isOperand: Bool { real != nil }

  /// Whether products read latent weights as they are, in place of signs.
  var readsLatentWeights: Bool { if isBinary, case .real = form { true } else { false } }

  /// Whether products read latent weights as they are, in place of what is made of them.
  var readsValue: Bool { readsLatentWeights || quantized != nil && !readsQuantized }

  /// What is known of quantized weights; nil for signs, and where there are no latent weights.
  package var facts: WeightFacts? { quantized?.facts }

  /// Gives the quantizer new numbers, and tells it how far the training has come.
  package func setQuantizer(_ quantizer: any WeightQuantizer, progress: Double) {
    quantized?.quantizer = quantizer
    quantized?.progress = progress
  }

  /// Whether `value` holds latent weights.
  package var isLatent: Bool { isBinary || quantized != nil }

  /// Whether updates clip the latent weights.
  var isClipped: Bool { quantized?.facts.readsLatentWeightsAsTheyAre ?? isBinary }

  /// Whether flips are counted: of signs, or of ternary weights.
  package var countsFlips: Bool { flipCounts != nil }

  /// α of each row, where products read what is scaled by it now.
  package var appliedScales: Tensor? {
    switch form {
    case .binary: scales
    case .real: readsQuantized ? scales : nil
    case .unread: nil
    }
  }

  /// Has products read the value.
  func readValue() {
    readsQuantized = false
    if let real { form = .real(real) }
  }

  /// Has products read the weights of few bits.
  func readQuantized() {
    guard let quantized else { return }
    readsQuantized = true
    form = quantized.form
  }

  // Where the value is kept rounded; nil where products read it as it is.
  var roundedValue: HalfTensor? {
    if case .bfloat16(let tensor) = real { tensor } else { nil }
  }

  private static func unflipped(_ count: Int) -> [Int] {
    [count] + Array(repeating: 0, count: flipBins - 1)
  }

  /// How many places `weightsByFlips` has.
  package static let flipBins = 64
}

extension Parameter {
  /// A tensor of the parameter's state, with its name: `hidden1.weights`, `hidden1.weights.firstMoment`,
  /// `hidden1.weights.secondMoment`. Moments are there once an update has made them.
  package var stateTensors: [(name: String, tensor: Tensor)] {
    [(name, value)] + (firstMoment.map { [("\(name).firstMoment", $0)] } ?? [])
      + (secondMoment.map { [("\(name).secondMoment", $0)] } ?? [])
  }

  /// How often each weight has flipped, row by row, with 65,535 for that many or more; nil where they are not counted.
  package var flipCountValues: [UInt16]? {
    flipCounts.map { Array(UnsafeBufferPointer(start: $0.base, count: count)) }
  }

  /// What the flips so far add up to.
  package struct FlipTotals: Hashable, Codable, Sendable {
    /// Flips of the newest update.
    package var newest: Int
    /// Flips of all updates.
    package var total: Int
    /// How many weights have flipped 0, 1, 2, … times.
    package var weightsByFlips: [Int]
  }

  /// What the flips so far add up to.
  package var flipTotals: FlipTotals {
    FlipTotals(newest: newestFlips, total: totalFlips, weightsByFlips: weightsByFlips)
  }

  /// Makes room for the moments that a state to be restored has, and drops those that it has not.
  package func prepareMoments(first: Bool, second: Bool) {
    firstMoment = first ? firstMoment ?? Tensor(rows: value.rows, columns: value.columns) : nil
    secondMoment = second ? secondMoment ?? Tensor(rows: value.rows, columns: value.columns) : nil
  }

  /// Puts flips back.
  /// - Parameter counts: as many as there are weights.
  package func restoreFlips(_ counts: [UInt16], _ totals: FlipTotals) {
    guard let flipCounts else { return }
    precondition(counts.count == count, "expected \(count) flip counts, found \(counts.count)")
    counts.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { flipCounts.base.update(from: start, count: counts.count) }
    }
    (newestFlips, totalFlips, weightsByFlips) = (totals.newest, totals.total, totals.weightsByFlips)
  }
}
