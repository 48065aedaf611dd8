/// A file as the mirrors have it.
package struct RemoteFile: Hashable, Sendable {
  /// Its name on the mirrors.
  package let name: String
  /// Its size in bytes; nil where only the checksum is known.
  package let size: Int?
  /// Its SHA-256 in 64 hexadecimal digits, lower case.
  package let sha256: String

  /// A file of a name, by its checksum.
  package init(name: String, size: Int?, sha256: String) {
    self.name = name
    self.size = size
    self.sha256 = sha256
  }

  /// The same file by another checksum, of any size.
  func expecting(sha256: String) -> RemoteFile {
    // Whoever gives the known sum means the known file.
    RemoteFile(name: name, size: sha256 == self.sha256 ? size : nil, sha256: sha256)
  }
}
