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
    case .unknown(let number): DatasetError(.unreadable, "\(path): cannot be read: \(DatasetError.reason(number))")
    default: DatasetError(.unreadable, path: "\(path)", expected: "a file", found: kind.words)
    }
  }
}
