private import COpenSSL

/// A SHA-256 under way.
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
