internal import FoundationEssentials
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
    guard FileManager.default.isFile(path), let file = try? ByteStorage(mapping: path),
      file.count >= smallestMappedSize
    else { return nil }
    return file
  }

  /// The whole file.
  /// - Throws: `DatasetError` where it is missing, is a folder, is too large or can't be read.
  static func contents(of path: String) throws -> Data {
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw DatasetError(.notFound, "\(path): no such file")
    }
    guard !isDirectory else {
      throw DatasetError(.unreadable, path: path, expected: "a file", found: "a folder")
    }
    do {
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= largestSize else {
        throw DatasetError(.tooLarge, path: path, expected: "at most \(largestSize) bytes", found: "\(size)")
      }
      return try Data(contentsOf: URL(filePath: path))
    } catch let error as DatasetError {
      throw error
    } catch let error as CocoaError where error.code == .fileReadNoPermission {
      throw DatasetError(.unreadable, "\(path): no permission to read it", cause: error)
    } catch {
      throw DatasetError(.unreadable, "\(path): cannot be read", cause: error)
    }
  }
}
