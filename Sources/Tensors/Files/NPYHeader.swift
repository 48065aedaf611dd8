/// The header of an array in NumPy's NPY format, version 1.0.
/// - SeeAlso: NumPy's manual, numpy.lib.format.
package struct NPYHeader: Hashable, Sendable {
  /// The type of the values as written by NumPy: `|u1`, `<U12`.
  package let type: String
  /// The length of each axis.
  package let shape: [Int]

  /// A header.
  package init(type: String, shape: [Int]) { (self.type, self.shape) = (type, shape) }

  /// The bytes before the values, which follow row-major.
  package var bytes: [UInt8] {
    let axes = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }"
    // Magic number, version, length and text are padded to a multiple of 64 bytes.
    let rest = (10 + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: rest == 0 ? 0 : 64 - rest) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
  }

  /// Encodes texts as NumPy does: four bytes per scalar, all padded to the longest.
  package static func text(_ words: [String]) -> (bytes: [UInt8], width: Int) {
    let scalars = words.map { Array($0.unicodeScalars) }
    let width = max(1, scalars.map(\.count).max() ?? 1)
    let bytes = scalars.flatMap { word -> [UInt8] in
      let values = word.map(\.value) + [UInt32](repeating: 0, count: width - word.count)
      return values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }
    return (bytes, width)
  }
}
