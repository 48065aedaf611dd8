import Foundation
import Tensors
import Testing

@testable import Datasets

/// Data sets that are read once on this machine.
@Suite struct PreparedDatasetsTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-prepared-\(UUID().uuidString)")

  private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

  private static func set(_ seed: UInt8, notes: [String] = []) -> Dataset {
    func part(_ count: Int) -> ImageDataset {
      let pixels = (0..<count * 6).map { UInt8(truncatingIfNeeded: $0) &* 7 &+ seed }
      return ImageDataset(
        width: 3, height: 2, channels: 1, pixels: .init(pixels), labels: (0..<count).map { UInt8($0 % 2) })
    }
    return Dataset(
      name: "tiny", origin: "/somewhere", training: part(1000), test: part(10), classes: ["cat", "dog"], notes: notes,
      reading: PixelReading(channels: 1, largestValue: 1023))
  }

  /// Writes the file that a set is said to be read from, and returns its folder.
  private func source(_ text: String) throws -> String {
    let source = folder.appending(path: "source")
    try FileManager.default.createDirectory(at: source, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: source.appending(path: "file"))
    return source.path(percentEncoded: false)
  }

  @Test func aSetIsReadOnce() throws {
    let source = try source("a")
    defer { try? FileManager.default.removeItem(at: folder) }
    let prepared = PreparedDatasets(folder: path("prepared"))
    let first = try prepared.dataset("tiny", name: "tiny", path: source) { Self.set(1, notes: ["ignored 3 files"]) }
    #expect(first == Self.set(1, notes: ["ignored 3 files"]))
    let second = try prepared.dataset("tiny", name: "tiny", path: source) {
      Issue.record("the set was read again")
      return Self.set(2)
    }
    #expect(second == first)
    // It is used as if it were in memory.
    #expect(!second.training.pixels.staysInFile)
  }

  @Test func changedFilesAreReadAgain() throws {
    let source = try source("a")
    defer { try? FileManager.default.removeItem(at: folder) }
    let prepared = PreparedDatasets(folder: path("prepared"))
    func seed() throws -> UInt8 {
      try prepared.dataset("tiny", name: "tiny", path: source) { Self.set(2) }.training.pixels[0]
    }
    _ = try prepared.dataset("tiny", name: "tiny", path: source) { Self.set(1) }
    #expect(try seed() == 1)
    _ = try self.source("another text")
    #expect(try seed() == 2)
    // Another request of the same files is another set.
    #expect(try prepared.dataset("tiny true", name: "tiny", path: source) { Self.set(3) }.training.pixels[0] == 3)
  }

  @Test func brokenFilesAreReplaced() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let prepared = PreparedDatasets(folder: folder.path(percentEncoded: false))
    _ = try prepared.dataset("tiny", name: "tiny", path: nil) { Self.set(1) }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
    let file = path(try #require(names.first { $0.hasSuffix(".data") }))
    let whole = try #require(FileManager.default.contents(atPath: file))
    for broken in [Data(), whole.prefix(5000), Data("SFPREP01".utf8) + Data(count: 5000), whole + Data([0])] {
      try broken.write(to: URL(filePath: file))
      let set = try prepared.dataset("tiny", name: "tiny", path: nil) { Self.set(1) }
      #expect(set == Self.set(1))
      #expect(FileManager.default.contents(atPath: file) == whole)
    }
  }

  @Test func anUnusableFolderIsSaidInTheNotes() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data().write(to: folder.appending(path: "file"))
    chmod(folder.path(percentEncoded: false), 0o777)
    for place in [folder.path(percentEncoded: false), path("file"), "/proc/nowhere"] {
      let set = try PreparedDatasets(folder: place).dataset("tiny", name: "tiny", path: nil) { Self.set(1) }
      #expect(set.training == Self.set(1).training)
      #expect(set.notes.count == 1)
      #expect(set.notes[0].hasPrefix("not prepared for other processes of this machine: \(place)"), "\(set.notes)")
    }
  }

  @Test func filesThatWereNotUsedForAMonthAreRemoved() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let prepared = PreparedDatasets(folder: folder.path(percentEncoded: false))
    _ = try prepared.dataset("old", name: "tiny", path: nil) { Self.set(1) }
    _ = try prepared.dataset("kept", name: "tiny", path: nil) { Self.set(1) }
    let place = folder.path(percentEncoded: false)
    let before = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".data") }
    #expect(before.count == 2)
    for name in before {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -31 * 86400)], ofItemAtPath: path(name))
    }
    // Use is what counts.
    _ = try prepared.dataset("kept", name: "tiny", path: nil) { Self.set(1) }
    _ = try prepared.dataset("new", name: "tiny", path: nil) { Self.set(1) }
    let after = try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.hasSuffix(".data") }
    #expect(after.count == 2)
    #expect(Set(after).intersection(before).count == 1)
  }

  @Test func theLibraryPreparesTheDigits() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let library = DatasetLibrary(
      dataDirectory: nil, environment: [PreparedDatasets.variable: folder.path(percentEncoded: false)])
    var words: [String] = []
    let first = try library.load("digits") { words.append($0) }
    #expect(!words.isEmpty)
    words = []
    let second = try library.load("digits") { words.append($0) }
    #expect(words.isEmpty)
    #expect(first == second)
    #expect(second.isBuiltIn)
    #expect(second.training.count == 60_000)
  }
}
