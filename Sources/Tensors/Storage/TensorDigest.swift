private import COpenSSL

/// SHA-256 over tensors: what tells whether two trainings have come to the same weights.
package enum TensorDigest {
  /// The digest of the tensors' elements in order, as little-endian float32, in 64 hexadecimal digits.
  package static func sha256(_ tensors: [Tensor]) -> String {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var isDone = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    for tensor in tensors {
      let bytes = tensor.count * MemoryLayout<Float>.stride
      isDone = isDone && EVP_DigestUpdate(context, tensor.base, bytes) == 1
    }
    var digest = [UInt8](repeating: 0, count: 32)
    isDone = isDone && EVP_DigestFinal_ex(context, &digest, nil) == 1
    // SHA-256 is in every libcrypto; what is left is memory that ran out.
    precondition(isDone, "libcrypto computes no SHA-256")
    return digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
