/// Numbers that an optimizer learns, with what lies beside them: gradient, moments, flips, and the copy that matrix
/// products read.
///
/// The weights of a binary layer stand twice (“why are my weights floats?”): `value` holds the real-valued *latent*
/// weights, which gather small updates and decide when a sign flips; `operand` holds the binary weights, their signs,
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
  /// What matrix products read: signs of latent weights, or the weights themselves; nil where no product reads them.
  package let operand: Operand?
  /// `weightsByFlips[n]`: how many weights have flipped `n` times; the last place counts that many or more. Empty
  /// without latent weights.
  package internal(set) var weightsByFlips: [Int]
  /// Flips of the newest update.
  package internal(set) var newestFlips = 0
  /// Flips of all updates.
  package internal(set) var totalFlips = 0

  var firstMoment: Tensor?
  var secondMoment: Tensor?
  let flipCounts: AlignedBuffer<UInt16>?

  /// A parameter of zeros.
  /// - Parameter operandPrecision: the precision of the products that read the parameter; nil where none does.
  package init(
    name: String, rows: Int, columns: Int, isBinary: Bool = false, updateScale: Float = 1,
    operandPrecision: Precision? = nil
  ) {
    self.name = name
    self.isBinary = isBinary
    self.updateScale = updateScale
    value = Tensor(rows: rows, columns: columns)
    gradient = Tensor(rows: rows, columns: columns)
    switch operandPrecision {
    case nil: operand = nil
    case .float32: operand = .float32(isBinary ? Tensor(rows: rows, columns: columns) : value)
    case .bfloat16: operand = .bfloat16(HalfTensor(rows: rows, columns: columns))
    }
    flipCounts = isBinary ? AlignedBuffer(capacity: rows * columns) : nil
    weightsByFlips = isBinary ? Parameter.unflipped(rows * columns) : []
  }

  /// How many numbers there are.
  package var count: Int { value.count }

  // Where an update writes what products read; nil where they read `value` itself.
  var operandPointers: (float32: UnsafeMutablePointer<Float>?, bfloat16: UnsafeMutablePointer<UInt16>?) {
    switch operand {
    case nil: (nil, nil)
    case .float32(let tensor): (tensor === value ? nil : tensor.base, nil)
    case .bfloat16(let tensor): (nil, tensor.base)
    }
  }

  private static func unflipped(_ count: Int) -> [Int] {
    [count] + Array(repeating: 0, count: flipBins - 1)
  }

  /// How many places `weightsByFlips` has.
  package static let flipBins = 64
}
