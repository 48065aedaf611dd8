/// SHA-256 over tensors: what tells whether two trainings have come to the same weights.
package enum TensorDigest {
  /// The digest of the tensors' elements in order, as little-endian float32, in 64 hexadecimal digits.
  package static func sha256(_ tensors: [Tensor]) -> String {
    let hash = SHA256()
    for tensor in tensors {
      hash.update(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.base, count: tensor.count)))
    }
    return hash.finish()
  }

  /// The digest of bytes, in 64 hexadecimal digits.
  package static func sha256(_ bytes: [UInt8]) -> String { sha256(ByteStorage(bytes)) }

  /// The digest of bytes, in 64 hexadecimal digits.
  package static func sha256(_ bytes: ByteStorage) -> String {
    let hash = SHA256()
    bytes.withBytes { hash.update(UnsafeRawBufferPointer($0)) }
    return hash.finish()
  }
}
