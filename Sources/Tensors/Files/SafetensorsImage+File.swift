private import Foundation

extension SafetensorsImage {
  /// Writes the image to a new file.
  /// - Returns: the file's size and SHA-256.
  /// - Throws: `POSIXError` if the disk is full or the file can't be created.
  package func write(to path: String) throws -> (bytes: Int, sha256: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw SafetensorsImage.systemError() }
    defer { close(descriptor) }
    try bytes.withUnsafeBytes { buffer in
      var rest = buffer[...]
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          throw SafetensorsImage.systemError()
        }
      }
    }
    return (bytes.count, TensorDigest.sha256(bytes))
  }

  /// Reads a file.
  /// - Parameter sha256: the digest recorded when the file was written; nil if unknown.
  /// - Throws: `SafetensorsError` if the file is missing, truncated, altered or not in safetensors format.
  package static func read(_ path: String, sha256: String?) throws -> SafetensorsImage {
    // O_NONBLOCK: opening a pipe in place of the file must not block.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    if descriptor >= 0, fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
      close(descriptor)
      throw SafetensorsError(message: "\(path): expected a checkpoint, found something other than a regular file")
    }
    let handle = descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    guard let handle, let data = try? handle.readToEnd() else {
      throw SafetensorsError(message: "\(path): expected a checkpoint, found no readable file")
    }
    let bytes = [UInt8](data)
    if let sha256 {
      let found = TensorDigest.sha256(bytes)
      guard found == sha256 else {
        throw SafetensorsError(
          message:
            "\(path): expected the SHA-256 \(sha256.prefix(12))… recorded when it was written, found \(found.prefix(12))…: "
            + "it was truncated or altered")
      }
    }
    do {
      return try SafetensorsImage(bytes: bytes)
    } catch {
      throw SafetensorsError(message: "\(path): \(error.message)")
    }
  }

  private static func systemError() -> POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
