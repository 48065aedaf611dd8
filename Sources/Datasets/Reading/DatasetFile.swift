internal import Foundation
internal import Tensors

/// Files as they lie on the disk.
enum DatasetFile {
  /// The largest file read into memory: four gibibytes.
  static let largestSize = 1 << 32
  /// The smallest file that is mapped: a gibibyte. What is mapped must not change while it is used; what is copied may.
  static let smallestMappedSize = 1 << 30

  /// A file large enough to be mapped; nil where it is smaller or can't be.
  static func mapped(_ path: String) -> ByteStorage? {
    // Mapping reads nothing yet, and tells the size also behind a link.
    guard FileKind(of: SystemPath(path)) == .file, let file = try? ByteStorage(mapping: path),
      file.count >= smallestMappedSize
    else { return nil }
    return file
  }

  /// The whole file.
  /// - Throws: `DatasetError` where it is missing, is no regular file, is too large or can't be read.
  static func contents(of path: String) throws -> Data { try contents(of: SystemPath(path)) }

  /// The whole file. What is not a regular file is refused, and never waited for: a FIFO has no end.
  /// - Throws: `DatasetError` where it is missing, is no regular file, is too large or can't be read.
  static func contents(of path: SystemPath) throws -> Data {
    let kind = FileKind(of: path)
    guard kind == .file else { throw fault(path, kind) }
    // Should a FIFO have taken its place meanwhile, opening it does not wait.
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

  /// A file's contents, unpacked where they are gzipped, whatever its name.
  struct Contents {
    /// The bytes, at most `largestSize`.
    var bytes: [UInt8]
    /// What was ignored.
    var notes: [String] = []
  }

  /// The whole file, unpacked where it is gzipped.
  /// - Throws: `DatasetError` where it can't be read, is damaged, or is too large.
  static func unpackedContents(of path: String) throws -> Contents {
    let data = try contents(of: path)
    guard GzipReader.recognizes(data) else { return Contents(bytes: [UInt8](data)) }
    let unpacked = try gzipPrefix(largestSize + 1, GzipReader(data: data), path: path)
    guard unpacked.bytes.count <= largestSize else {
      throw DatasetError(.tooLarge, path: path, expected: "at most \(largestSize) bytes", found: "more in gzip data")
    }
    return Contents(bytes: unpacked.bytes, notes: notes(on: unpacked, path: path))
  }

  /// The beginning of gzipped contents.
  /// - Throws: `DatasetError` where they are cut or damaged.
  static func gzipPrefix(_ count: Int, _ gzip: GzipReader, path: String) throws -> GzipReader.Contents {
    do {
      return try gzip.prefix(count)
    } catch {
      throw DatasetError(.corrupted, "\(path): expected intact gzip data, found: \(error.reason)", cause: error)
    }
  }

  /// What is ignored of gzipped data.
  static func notes(on contents: GzipReader.Contents, path: String) -> [String] {
    guard contents.ignored > 0 else { return [] }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    return ["\(name): ignored \(contents.ignored) bytes behind the gzip data"]
  }

  /// What is wrong with a file of gzip data, in a clause; nil where nothing is, or it begins otherwise.
  /// - Parameter pulse: called now and then; what it throws ends the reading.
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
