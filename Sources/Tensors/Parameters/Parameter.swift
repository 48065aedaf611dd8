/// A trainable parameter with its gradient, moments, flip counts, and the operand that matrix products read.
///
/// A binary layer stores its weights twice (“why are my weights floats?”): `value` contains the real-valued *latent*
/// weights, which accumulate small updates and determine when a sign flips; `signs` contains the binary weights, one
/// bit each, and only these are used in products. Weights of few bits are stored in place of the signs.
package final class Parameter {
  /// The name, unique in its network: `hidden1.weights`.
  package let name: String
  /// The float weights, or the latent weights of a binary layer. A weight matrix has shape `[outputs, inputs]`.
  package let value: Tensor
  /// dC/dvalue. For latent weights, the gradient with respect to the *binary* or quantized weights.
  package let gradient: Tensor
  /// Whether `value` contains latent weights whose signs are used in products.
  package let isBinary: Bool
  /// The factor of an adaptive optimizer's updates, squared for SGD: Glorot's `1/√(1.5/(fanIn + fanOut))`, or 1.
  package let updateScale: Float
  /// The operand of matrix products.
  package internal(set) var form: Form

  /// The operand of matrix products.
  package enum Form {
    /// None: no product reads the parameter.
    case unread
    /// The value, possibly rounded; or quantized weights, to be multiplied by `appliedScales`.
    case real(Operand)
    /// Binary weights.
    case binary(SignMatrix)
  }

  /// `weightsByFlips[n]` is the number of weights that have flipped `n` times; the last element counts that many or
  /// more. Empty if flips are not counted.
  package internal(set) var weightsByFlips: [Int]
  /// Flips of the newest update.
  package internal(set) var newestFlips = 0
  /// Total flips of all updates.
  package internal(set) var totalFlips = 0

  /// The scaling of signs; nil for ±1.
  package let scaling: WeightScaling?
  /// α of each row, shape `[1, rows]`, if signs or quantized weights are scaled.
  package let scales: Tensor?
  /// α as a parameter, if it is learned.
  package let learnedScales: Parameter?
  /// The signs of latent weights; nil for other parameters.
  package let signs: SignMatrix?
  // Stochastic binary weights of the current batch.
  let drawnSigns: SignMatrix?
  // Quantized weights; nil for other parameters.
  let quantized: QuantizedWeights?
  private(set) var readsQuantized: Bool
  // The value as an operand of products of floats.
  private let real: Operand?
  package internal(set) var firstMoment: Moment?
  package internal(set) var secondMoment: Moment?
  let flipCounts: AlignedBuffer<UInt16>?

  /// A parameter with all values 0.
  /// - Parameters:
  ///   - operandPrecision: the precision of products that read the parameter; nil if none does.
  ///   - isBinary: whether the value contains latent weights.
  ///   - scaling: the scaling of the signs.
  ///   - quantizer: the quantizer of latent weights; nil for plain signs.
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
    // Latent weights are seldom read directly, so they are not rounded.
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

  /// Number of values.
  package var count: Int { value.count }

  /// Whether products read the parameter.
  package var isOperand: Bool { real != nil }

  /// Whether products currently read latent weights instead of signs.
  var readsLatentWeights: Bool { if isBinary, case .real = form { true } else { false } }

  /// Whether products currently read latent weights instead of quantized ones.
  var readsValue: Bool { readsLatentWeights || quantized != nil && !readsQuantized }

  /// The facts about quantized weights; nil for plain signs, and without latent weights.
  package var facts: WeightFacts? { quantized?.facts }

  /// Updates the quantizer's settings and the fraction of the training that is done.
  package func setQuantizer(_ quantizer: any WeightQuantizer, progress: Double) {
    quantized?.quantizer = quantizer
    quantized?.progress = progress
  }

  /// Whether `value` contains latent weights.
  package var isLatent: Bool { isBinary || quantized != nil }

  /// Whether updates clip the latent weights.
  package var isClipped: Bool { quantized?.facts.readsLatentWeightsAsTheyAre ?? isBinary }

  /// Whether flips of signs or ternary weights are counted.
  package var countsFlips: Bool { flipCounts != nil }

  /// α of each row, if products currently need it.
  package var appliedScales: Tensor? {
    switch form {
    case .binary: scales
    case .real: readsQuantized ? scales : nil
    case .unread: nil
    }
  }

  /// Makes products read the value.
  func readValue() {
    readsQuantized = false
    if let real { form = .real(real) }
  }

  /// Makes products read the quantized weights.
  func readQuantized() {
    guard let quantized else { return }
    readsQuantized = true
    form = quantized.form
  }

  // The rounded value; nil if products read it unrounded.
  var roundedValue: HalfTensor? {
    if case .bfloat16(let tensor) = real { tensor } else { nil }
  }

  private static func unflipped(_ count: Int) -> [Int] {
    [count] + Array(repeating: 0, count: flipBins - 1)
  }

  /// The length of `weightsByFlips`.
  package static let flipBins = 64
}

extension Parameter {
  /// The tensors of the parameter's state by name: `hidden1.weights`, `hidden1.weights.firstMoment`,
  /// `hidden1.weights.secondMoment`. Moments exist after the first update.
  package var stateTensors: [(name: String, source: SafetensorsImage.Source)] {
    [(name, .tensor(value))] + (firstMoment.map { [("\(name).firstMoment", $0.source)] } ?? [])
      + (secondMoment.map { [("\(name).secondMoment", $0.source)] } ?? [])
  }

  /// The number of flips of each weight, row by row, saturated at 65,535; nil if they are not counted.
  package var flipCountValues: [UInt16]? {
    flipCounts.map { Array(UnsafeBufferPointer(start: $0.base, count: count)) }
  }

  /// Totals of the flips so far.
  package struct FlipTotals: Hashable, Codable, Sendable {
    /// Flips of the newest update.
    package var newest: Int
    /// Flips of all updates.
    package var total: Int
    /// Number of weights that have flipped 0, 1, 2, … times.
    package var weightsByFlips: [Int]
  }

  /// Totals of the flips so far.
  package var flipTotals: FlipTotals {
    FlipTotals(newest: newestFlips, total: totalFlips, weightsByFlips: weightsByFlips)
  }

  /// Restores the value and the moments from a file, and removes moments that it lacks.
  /// - Throws: `SafetensorsError` if a tensor is missing or has another shape.
  package func restoreState(_ image: SafetensorsImage) throws(SafetensorsError) {
    try image.copy(name, into: value)
    func moment(_ name: String) throws(SafetensorsError) -> Moment? {
      image.contains(name) ? try image.moment(name, rows: value.rows, columns: value.columns) : nil
    }
    firstMoment = try moment("\(name).firstMoment")
    secondMoment = try moment("\(name).secondMoment")
  }

  /// Restores flip counts.
  /// - Parameter counts: one count per weight.
  package func restoreFlips(_ counts: [UInt16], _ totals: FlipTotals) {
    guard let flipCounts else { return }
    precondition(counts.count == count, "expected \(count) flip counts, found \(counts.count)")
    counts.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { flipCounts.base.update(from: start, count: counts.count) }
    }
    (newestFlips, totalFlips, weightsByFlips) = (totals.newest, totals.total, totals.weightsByFlips)
  }
}

// What diagnostics read of latent weights.

extension Parameter {
  /// b: the signs or quantized weights without their scales, row by row; nil without latent weights. They are those of the
  /// newest preparation of operands.
  package var binarizedValues: [Float]? { signs?.bits.signs ?? quantized?.levels.values }

  /// u: what the quantizer takes the sign of, row by row; the value itself for most methods.
  package var signedValues: [Float] {
    quantized?.quantizer.signed(value.values, columns: value.columns) ?? value.values
  }
}
