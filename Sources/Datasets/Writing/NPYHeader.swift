/// The beginning of an array in NumPy's format NPY, version 1.0.
/// - SeeAlso: NumPy's manual, numpy.lib.format.
struct NPYHeader {
  /// The type of the values as NumPy writes it: `|u1`, `<U12`.
  let type: String
  /// The length of each axis.
  let shape: [Int]

  /// The bytes in front of the values, which stand row-major.
  var bytes: [UInt8] {
    let axes = shape.map { "\($0)," }.joined(separator: " ")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }"
    // Magic number, version, length and text come to a multiple of 64 bytes.
    let rest = (10 + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: rest == 0 ? 0 : 64 - rest) + "\n"
    let count = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
  }
}
