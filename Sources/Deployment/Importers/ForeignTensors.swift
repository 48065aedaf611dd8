import Tensors

/// The tensors of a safetensors file that another program has written.
package struct ForeignTensors: Sendable {
  /// A tensor of the file.
  package struct Entry: Sendable {
    /// Its name: `features.0.weight`.
    package let name: String
    /// Its shape.
    package let shape: [Int]
    fileprivate let type: SafetensorsHeader.ElementType
    fileprivate let range: Range<Int>

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }
    /// The last part of the name: `weight`.
    var role: String { name.split(separator: ".").last.map(String.init) ?? name }
    /// The name without its last part: `features.0`.
    var prefix: String { name.split(separator: ".").dropLast().joined(separator: ".") }
  }

  /// The file's path, for messages.
  package let path: String
  /// The tensors, in the order of the file.
  package let entries: [Entry]
  /// Whether signflip has written the file: its images have their channels last, and it says so.
  package let isOwn: Bool
  /// The SHA-256 of the file.
  package let sha256: String

  private let bytes: ByteStorage

  /// Reads a file.
  /// - Throws: `SafetensorsError` with the path, if it is not a safetensors file or is truncated.
  package init(path: String) throws {
    self.path = path
    do {
      bytes = try ByteStorage(mapping: path)
      let header = try SafetensorsHeader(reading: bytes)
      entries = header.entries.map { Entry(name: $0.name, shape: $0.shape, type: $0.type, range: $0.range) }
      isOwn = header.metadata["format"]?.hasPrefix("signflip") ?? false
      sha256 = TensorDigest.sha256(bytes)
    } catch let error as SafetensorsError {
      throw SafetensorsError(message: "\(path): \(error.message)")
    }
  }

  /// Returns the elements of a tensor as float32.
  /// - Throws: `WeightImportError` if they are no floating-point numbers.
  package func floats(_ entry: Entry) throws -> [Float] {
    switch entry.type {
    case .float32: LittleEndian.numbers(UInt32.self, in: bytes, entry.range).map { Float(bitPattern: $0) }
    case .float64: LittleEndian.numbers(UInt64.self, in: bytes, entry.range).map { Float(Double(bitPattern: $0)) }
    case .float16: LittleEndian.numbers(UInt16.self, in: bytes, entry.range).map(Self.float)
    case .bfloat16:
      LittleEndian.numbers(UInt16.self, in: bytes, entry.range).map { Float(bitPattern: UInt32($0) << 16) }
    default:
      throw WeightImportError(
        "\(path): tensor \(entry.name): expected floating-point numbers, found \(entry.type.rawValue)")
    }
  }

  // Converts a half-precision number. The compiler's own function is missing in programs that link the shared library.
  private static func float(half: UInt16) -> Float {
    let (sign, rest) = (UInt32(half & 0x8000) << 16, UInt32(half & 0x7FFF))
    // Infinity or NaN.
    if rest >= 0x7C00 { return Float(bitPattern: sign | 0x7F80_0000 | (rest & 0x3FF) << 13) }
    // The biases of the exponents differ by 112. The product is exact, also of subnormal numbers.
    let magnitude = Float(bitPattern: rest << 13) * 0x1p112
    return Float(bitPattern: sign | magnitude.bitPattern)
  }
}
