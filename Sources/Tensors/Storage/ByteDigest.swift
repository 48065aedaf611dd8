/// SHA-256 over bytes that come in parts: what tells whether a file is the one it should be.
package struct ByteDigest: ~Copyable {
  private let hash = SHA256()

  /// A digest of nothing yet.
  package init() {}

  /// Takes in bytes.
  package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { hash.update($0) } }

  /// The digest of all bytes taken in, in 64 hexadecimal digits.
  package consuming func finish() -> String { hash.finish() }
}
