internal import Foundation
internal import Tensors

/// Reads files from disk.
enum DatasetFile {
  /// The maximum size of a file that is read into memory: 4 GiB.
  static let largestSize = 1 << 32
  /// The minimum size of a file that is mapped: 1 GiB. A mapped file must not change while it is used.
  static let smallestMappedSize = 1 << 30

  /// Maps a large file; nil if it is smaller or can't be mapped.
  static func mapped(_ path: String) -> ByteStorage? {
    // Mapping reads nothing yet, and gives the size also through a link.
    guard FileKind(of: SystemPath(path)) == .file, let file = try? ByteStorage(mapping: path),
      file.count >= smallestMappedSize
    else { return nil }
    return file
  }

  /// Returns the contents of a file.
  /// - Throws: `DatasetError` if it is missing, not a regular file, too large or unreadable.
  static func contents(of path: String) throws -> Data { try contents(of: SystemPath(path)) }

  /// Returns the contents of a file. Only regular files are accepted, because reading a FIFO would block.
  /// - Throws: `DatasetError` if it is missing, not a regular file, too large or unreadable.
  static func contents(of path: SystemPath) throws -> Data {
    let kind = FileKind(of: path)
    guard kind == .file else { throw fault(path, kind) }
    // O_NONBLOCK, in case a FIFO has replaced it meanwhile.
    let file = open(path.cString, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { throw fault(path, .unknown(errno)) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw fault(path, .unknown(errno)) }
    guard FileKind(status) == .file else { throw fault(path, FileKind(status)) }
    let size = Int(status.st_size)
    guard size <= largestSize else {
      throw DatasetError(.tooLarge, path: "\(path)", expected: "at most \(largestSize) bytes", found: "\(size)")
    }
    var data = Data(capacity: size)
    var piece = [UInt8](repeating: 0, count: min(max(size, 1), 1 << 20))
    while true {
      let count = read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw fault(path, .unknown(errno)) }
      guard count > 0, data.count + count <= largestSize else { return data }
      data.append(contentsOf: piece[..<count])
    }
  }

  private static func fault(_ path: SystemPath, _ kind: FileKind) -> DatasetError {
    switch kind {
    case .missing: DatasetError(.notFound, "\(path): no such file")
    case .unknown(EACCES): DatasetError(.unreadable, "\(path): no permission to read it")
    case .unknown(let number):
      DatasetError(
        .unreadable, "\(path): cannot be read", cause: POSIXErrorCode(rawValue: number).map { POSIXError($0) })
    default: DatasetError(.unreadable, path: "\(path)", expected: "a file", found: kind.words)
    }
  }

  /// The contents of a file, decompressed if it is gzipped, whatever its name.
  struct Contents {
    /// The bytes, at most `largestSize`.
    var bytes: [UInt8]
    /// What was ignored.
    var notes: [String] = []
  }

  /// Returns the contents of a file, decompressed if it is gzipped.
  /// - Throws: `DatasetError` if it can't be read, is damaged, or is too large.
  static func unpackedContents(of path: String) throws -> Contents {
    let data = try contents(of: path)
    guard GzipReader.recognizes(data) else { return Contents(bytes: [UInt8](data)) }
    let unpacked = try gzipPrefix(largestSize + 1, GzipReader(data: data), path: path)
    guard unpacked.bytes.count <= largestSize else {
      throw DatasetError(.tooLarge, path: path, expected: "at most \(largestSize) bytes", found: "more in gzip data")
    }
    return Contents(bytes: unpacked.bytes, notes: notes(on: unpacked, path: path))
  }

  /// Returns the beginning of gzipped contents.
  /// - Throws: `DatasetError` if they are truncated or damaged.
  static func gzipPrefix(_ count: Int, _ gzip: GzipReader, path: String) throws -> GzipReader.Contents {
    do {
      return try gzip.prefix(count)
    } catch {
      throw DatasetError(.corrupted, "\(path): expected intact gzip data, found: \(error.reason)", cause: error)
    }
  }

  /// Returns notes about ignored parts of gzip data.
  static func notes(on contents: GzipReader.Contents, path: String) -> [String] {
    guard contents.ignored > 0 else { return [] }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return ["\(name): ignored \(contents.ignored) bytes after the gzip data"]
  }

  /// Returns what is wrong with a gzip file, as a clause; nil if it is valid or not gzipped.
  /// - Parameter pulse: called periodically; errors that it throws cancel the reading.
  static func gzipFault(_ path: String, pulse: () throws -> Void) throws -> String? {
    let data = try (try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped)) ?? contents(of: path)
    guard GzipReader.recognizes(data) else { return nil }
    do {
      try GzipReader(data: data).verify(pulse: pulse)
      return nil
    } catch let failure as GzipReader.Failure {
      return failure.reason
    }
  }
}
