/// Numbers that an optimizer learns, with what lies beside them: gradient, moments, flips, and the copy that matrix
/// products read.
///
/// The weights of a binary layer stand twice (“why are my weights floats?”): `value` holds the real-valued *latent*
/// weights, which gather small updates and decide when a sign flips; `signs` holds the binary weights, a bit each,
/// which is all that the network computes with.
package final class Parameter {
  /// The name, unique in its network: `hidden1.weights`.
  package let name: String
  /// The float weights, or the latent weights of a binary layer. A weight matrix has shape `[outputs, inputs]`.
  package let value: Tensor
  /// dC/dvalue; for latent weights the gradient with respect to the *binary* weights.
  package let gradient: Tensor
  /// Whether `value` holds latent weights.
  package let isBinary: Bool
  /// Multiplies the update of an adaptive optimizer, its square that of SGD: Glorot's `1/√(1.5/(fanIn + fanOut))`, or 1.
  package let updateScale: Float
  /// What matrix products read.
  package internal(set) var form: Form

  /// What matrix products read of a parameter.
  package enum Form {
    /// Nothing: no product reads it.
    case unread
    /// Its value, or the value rounded.
    case real(Operand)
    /// Binary weights.
    case binary(SignMatrix)
  }

  /// `weightsByFlips[n]`: how many weights have flipped `n` times; the last place counts that many or more. Empty
  /// without latent weights.
  package internal(set) var weightsByFlips: [Int]
  /// Flips of the newest update.
  package internal(set) var newestFlips = 0
  /// Flips of all updates.
  package internal(set) var totalFlips = 0

  /// How the signs are scaled; nil for ±1.
  package let scaling: WeightScaling?
  /// α of each row, shape `[1, rows]`, where signs are scaled.
  package let scales: Tensor?
  /// The signs of latent weights; nil for others.
  package let signs: SignMatrix?
  // Binary weights drawn for a batch.
  let drawnSigns: SignMatrix?
  // The value as products read it, where they read no signs.
  private let real: Operand?
  var firstMoment: Tensor?
  var secondMoment: Tensor?
  let flipCounts: AlignedBuffer<UInt16>?

  /// A parameter of zeros.
  /// - Parameters:
  ///   - operandPrecision: the precision of the products that read the parameter; nil where none does.
  ///   - scaling: how the signs of latent weights are scaled.
  package init(
    name: String, rows: Int, columns: Int, isBinary: Bool = false, updateScale: Float = 1,
    operandPrecision: Precision? = nil, scaling: WeightScaling? = nil
  ) {
    self.name = name
    self.scaling = isBinary ? scaling : nil
    scales = isBinary && scaling != nil ? Tensor(rows: 1, columns: rows) : nil
    self.isBinary = isBinary
    self.updateScale = updateScale
    let value = Tensor(rows: rows, columns: columns)
    self.value = value
    gradient = Tensor(rows: rows, columns: columns)
    // Latent weights are read as they are, and seldom.
    let real: Operand? = operandPrecision.map { precision in
      isBinary || precision == .float32
        ? .float32(value) : .bfloat16(HalfTensor(rows: rows, columns: columns))
    }
    self.real = real
    let signs = isBinary ? SignMatrix(rows: rows, columns: columns) : nil
    self.signs = signs
    drawnSigns = isBinary ? SignMatrix(rows: rows, columns: columns) : nil
    form = signs.map { .binary($0) } ?? real.map { .real($0) } ?? .unread
    flipCounts = isBinary ? AlignedBuffer(capacity: rows * columns) : nil
    weightsByFlips = isBinary ? Parameter.unflipped(rows * columns) : []
  }

  /// How many numbers there are.
  package var count: Int { value.count }

  /// Whether a product reads the parameter.
  package var isOperand: Bool { real != nil }

  /// Whether products read latent weights as they are, in place of signs.
  var readsLatentWeights: Bool { if isBinary, case .real = form { true } else { false } }

  /// α of each row, where products read scaled signs now.
  package var appliedScales: Tensor? { if case .binary = form { scales } else { nil } }

  /// Has products read the value.
  func readValue() { if let real { form = .real(real) } }

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
