private import COpenSSL

/// SHA-256 over tensors: shows whether two trainings have the same weights.
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

/// SHA-256 over bytes that come in parts: shows whether a file is the expected one.
package struct ByteDigest: ~Copyable {
  private let hash = SHA256()

  /// A digest before the first byte.
  package init() {}

  /// Takes in bytes.
  package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { hash.update($0) } }

  /// The digest of all bytes taken in, in 64 hexadecimal digits.
  package consuming func finish() -> String { hash.finish() }
}

/// A SHA-256 computation.
final class SHA256 {
  private let context = EVP_MD_CTX_new()
  private var isSound: Bool

  init() { isSound = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 }

  deinit { EVP_MD_CTX_free(context) }

  /// Takes in bytes.
  func update(_ bytes: UnsafeRawBufferPointer) {
    isSound = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 && isSound
  }

  /// The digest of all bytes taken in, in 64 hexadecimal digits. To be asked for once.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    isSound = EVP_DigestFinal_ex(context, &digest, nil) == 1 && isSound
    // SHA-256 is in every libcrypto; what is left is memory that ran out.
    precondition(isSound, "libcrypto computes no SHA-256")
    return digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
