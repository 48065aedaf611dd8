private import COpenSSL

/// SHA-256 over tensors, to check whether two trainings have the same weights.
package enum TensorDigest {
  /// Returns the digest of the tensors' elements in order, as little-endian float32, in 64 hexadecimal digits.
  package static func sha256(_ tensors: [Tensor]) -> String {
    let hash = SHA256()
    for tensor in tensors {
      hash.update(UnsafeRawBufferPointer(UnsafeBufferPointer(start: tensor.base, count: tensor.count)))
    }
    return hash.finish()
  }

  /// Returns the digest of bytes, in 64 hexadecimal digits.
  package static func sha256(_ bytes: [UInt8]) -> String { sha256(ByteStorage(bytes)) }

  /// Returns the digest of bytes, in 64 hexadecimal digits.
  package static func sha256(_ bytes: ByteStorage) -> String {
    let hash = SHA256()
    bytes.withBytes { hash.update(UnsafeRawBufferPointer($0)) }
    return hash.finish()
  }

  /// Returns the digest of a range of bytes, in 64 hexadecimal digits.
  package static func sha256(_ bytes: ByteStorage, _ range: Range<Int>) -> String {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "bytes \(range) do not exist")
    let hash = SHA256()
    bytes.withBytes { hash.update(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: $0[range]))) }
    return hash.finish()
  }
}

/// An incremental SHA-256 digest, to check whether a file is the expected one.
package struct ByteDigest: ~Copyable {
  private let hash = SHA256()

  /// The digest of no bytes.
  package init() {}

  /// Adds bytes.
  package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { hash.update($0) } }

  /// Returns the digest of all bytes, in 64 hexadecimal digits.
  package consuming func finish() -> String { hash.finish() }
}

/// A SHA-256 computation.
final class SHA256 {
  private let context = EVP_MD_CTX_new()
  private var isSound: Bool

  init() { isSound = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes.
  func update(_ bytes: UnsafeRawBufferPointer) {
    isSound = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isSound
  }

  /// Returns the digest of all bytes, in 64 hexadecimal digits. Must be called only once.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    isSound = EVP_DigestFinal_ex(context, &digest, nil) == 1 && isSound
    // Every libcrypto has SHA-256, so the only remaining error is lack of memory.
    precondition(isSound, "libcrypto computes no SHA-256")
    return digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
