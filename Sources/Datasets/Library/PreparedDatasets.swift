private import Foundation
private import Tensors
private import TrainingMetrics

/// Data sets that are read once on this machine, into files that all processes of a user map into memory.
///
/// Of several processes that need the same set, one reads it, and the others wait. A file is known by what it was read
/// from: the program, and the paths, sizes and times of the set's files; so a change of these makes a new one. Files that
/// were not used for a month are removed.
package struct PreparedDatasets: Sendable {
  /// The variable of the environment with the folder; empty or missing for none.
  package static let variable = "SIGNFLIP_PREPARED"

  /// The folder for a user who names none: on this machine's disk, also where home folders are on a server.
  package static var standardFolder: String { "/var/tmp/signflip-\(getuid())" }

  // A set as it is in a file. Its bytes follow, from the next multiple of a page: the pixels of the training images, the
  // pixels of the test images, the labels of both.
  private struct Header: Codable {
    struct Part: Codable {
      var width: Int
      var height: Int
      var channels: Int
      var count: Int

      var bytes: Int { width * height * channels * count }

      init(_ images: ImageDataset) {
        (width, height, channels, count) = (images.width, images.height, images.channels, images.count)
      }

      func images(_ pixels: ByteStorage, _ labels: ByteStorage) -> ImageDataset {
        ImageDataset(width: width, height: height, channels: channels, pixels: pixels, labels: [UInt8](labels))
      }
    }

    var origin: String
    var isBuiltIn: Bool
    var training: Part
    var test: Part
    var classes: [String]
    var notes: [String]
    var reading: PixelReading?

    var bytes: Int { training.bytes + test.bytes + training.count + test.count }
  }

  // Before the header, with its length in eight bytes.
  private static let magic = Array("SFPREP01".utf8)
  private static let page = 4096
  private static let lifetime = 30.0 * 24 * 3600

  private let folder: String

  /// Sets in a folder, which need not exist yet.
  package init(folder: String) { self.folder = folder }

  /// Returns a data set: from its file, or else by reading it, and making the file.
  /// - Parameters:
  ///   - request: what was asked for; the set's name too.
  ///   - path: the folder or file with the set; nil if the program makes it.
  ///   - read: reads the set.
  /// - Returns: the set. If no file could be made, it says so in its notes.
  /// - Throws: errors of `read`.
  func dataset(_ request: String, name: String, path: String?, read: () throws -> Dataset) throws -> Dataset {
    let file: String
    let lock: Int32
    do {
      try makeFolder()
      file = "\(folder)/\(try Self.key(request, path)).data"
      if let dataset = Self.open(file, name: name) { return dataset }
      lock = try Self.lock(file)
    } catch {
      return try read().adding(note: "not prepared for other processes of this machine: \(error)")
    }
    defer { close(lock) }
    // Another process may have made it meanwhile.
    if let dataset = Self.open(file, name: name) { return dataset }
    let dataset = try read()
    // Large files are mapped as they are.
    guard !dataset.training.pixels.staysInFile, !dataset.test.pixels.staysInFile else { return dataset }
    do {
      try Self.write(dataset, to: file)
      removeUnused()
    } catch {
      return dataset.adding(note: "not prepared for other processes of this machine: \(error)")
    }
    return Self.open(file, name: name) ?? dataset
  }

  // The folder is in a place where others may have put one of its name.
  private func makeFolder() throws {
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw DatasetError(errno: errno, writing: folder) }
    var status = stat()
    guard lstat(folder, &status) == 0 else { throw DatasetError(errno: errno, writing: folder) }
    guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o022 == 0 else {
      throw DatasetError(
        .unwritable, path: folder, expected: "a folder that only this user can write to",
        found: "another file or folder")
    }
  }

  // MARK: The key

  /// The digest of what a set depends on.
  private static func key(_ request: String, _ path: String?) throws -> String {
    var words = [request, try facts("/proc/self/exe")]
    var folders = path.map { [$0] } ?? []
    var known: Set<String> = []
    while let place = folders.popLast() {
      let fact = try facts(place)
      words.append(fact)
      // A link may lead back to a folder above it.
      guard known.insert(fact).inserted, let names = try? FolderListing(SystemPath(place)).names else { continue }
      for name in names {
        let inside = SystemPath(place).appending(name)
        if FileKind(of: inside) == .folder { folders.append("\(inside)") } else { words.append(try facts("\(inside)")) }
      }
    }
    return String(TensorDigest.sha256(Array(words.joined(separator: "\n").utf8)).prefix(32))
  }

  private static func facts(_ path: String) throws -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { throw DatasetError(errno: errno, writing: path) }
    return
      "\(path) \(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
  }

  // MARK: Files

  // Returns the descriptor that holds the lock. It waits for a process that makes the file.
  private static func lock(_ file: String) throws -> Int32 {
    let descriptor = Foundation.open(file + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DatasetError(errno: errno, writing: file + ".lock") }
    // Without a lock several processes make the same file; each renames a whole one.
    while flock(descriptor, LOCK_EX) != 0, errno == EINTR {}
    return descriptor
  }

  private static func write(_ dataset: Dataset, to file: String) throws {
    let header = Header(
      origin: dataset.origin, isBuiltIn: dataset.isBuiltIn, training: .init(dataset.training),
      test: .init(dataset.test),
      classes: dataset.classes, notes: dataset.notes, reading: dataset.reading)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let words = try encoder.encode(header)
    var start = magic + (0..<8).map { UInt8(truncatingIfNeeded: words.count >> (8 * $0)) } + words
    start += [UInt8](repeating: 0, count: (page - start.count % page) % page)
    let temporary = "\(file).\(getpid())"
    let descriptor = Foundation.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DatasetError(errno: errno, writing: temporary) }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      for bytes in [
        ByteStorage(start), dataset.training.pixels, dataset.test.pixels, ByteStorage(dataset.training.labels),
        ByteStorage(dataset.test.labels),
      ] {
        for first in stride(from: 0, to: bytes.count, by: 1 << 20) {
          try handle.write(contentsOf: Data(bytes[first..<min(bytes.count, first + 1 << 20)]))
        }
      }
      try handle.synchronize()
      guard rename(temporary, file) == 0 else { throw DatasetError(errno: errno, writing: file) }
    } catch {
      unlink(temporary)
      throw error is DatasetError
        ? error : DatasetError(.unwritable, "\(file): cannot be written: \(error.localizedDescription)")
    }
  }

  // Returns nil if there is no whole file of this format.
  private static func open(_ file: String, name: String) -> Dataset? {
    guard let whole = try? ByteStorage(sharing: file), whole.count > page, [UInt8](whole[..<8]) == magic else {
      return nil
    }
    let length = (0..<8).reduce(0) { $0 | Int(whole[8 + $1]) << (8 * $1) }
    guard length > 0, length < whole.count - 16,
      let header = try? JSONDecoder().decode(Header.self, from: Data(whole[16..<16 + length]))
    else { return nil }
    var position = (16 + length + page - 1) / page * page
    guard whole.count == position + header.bytes else { return nil }
    // Used now.
    utimes(file, nil)
    func next(_ count: Int) -> ByteStorage {
      defer { position += count }
      return whole.part(position..<position + count)
    }
    let (trainingPixels, testPixels) = (next(header.training.bytes), next(header.test.bytes))
    let (trainingLabels, testLabels) = (next(header.training.count), next(header.test.count))
    return Dataset(
      name: name, origin: header.origin, isBuiltIn: header.isBuiltIn,
      training: header.training.images(trainingPixels, trainingLabels),
      test: header.test.images(testPixels, testLabels),
      classes: header.classes, notes: header.notes, reading: header.reading)
  }

  // A process that still maps one keeps it.
  private func removeUnused() {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    for name in names {
      var status = stat()
      let path = "\(folder)/\(name)"
      guard name.contains(".data"), lstat(path, &status) == 0 else { continue }
      if Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > Self.lifetime { unlink(path) }
    }
  }
}

extension Dataset {
  fileprivate func adding(note: String) -> Dataset {
    Dataset(
      name: name, origin: origin, isBuiltIn: isBuiltIn, training: training, test: test, classes: classes,
      notes: notes + [note], reading: reading)
  }
}
