import EngineProtocol
import Foundation
import RunStore
import Testing

@Suite struct CheckpointTests {
  private let folder: TemporaryFolder
  private let archive: RunArchive

  init() throws {
    folder = try TemporaryFolder()
    archive = try Sample.archive(in: folder)
  }

  private var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: archive.directory + "/checkpoints").sorted() }
  }

  @Test func aCheckpointIsWrittenFoundAndDeleted() throws {
    let saved = try Sample.save(Sample.checkpoint(10, accuracy: 0.5), to: archive)
    try Sample.save(Sample.checkpoint(20, reason: .end), to: archive)
    #expect(saved.bytes == 10)
    #expect(abs(saved.time - Date.now.timeIntervalSince1970) < 60)
    #expect(saved.validationAccuracy == 0.5)
    #expect(try files == ["bnn-1-10.safetensors", "bnn-1-20.safetensors"])
    #expect(try archive.checkpoints().map(\.step) == [10, 20])
    #expect(try archive.checkpoints().first == saved)
    let file = try archive.file(of: saved)
    #expect(file.path == archive.directory + "/checkpoints/bnn-1-10.safetensors")
    #expect(file.sha256 == "sha-10")

    try archive.delete(saved)
    try archive.delete(saved)
    #expect(try files == ["bnn-1-20.safetensors"])
    #expect(try archive.checkpoints().map(\.step) == [20])
    #expect(code { _ = try archive.file(of: saved) } == .notFound)
  }

  @Test func lanesOfLikeNamesKeepFilesOfTheirOwn() throws {
    for lane in ["a b", "a-b", "../a", "a%20b", "ä"] { try Sample.save(Sample.checkpoint(1, lane: lane), to: archive) }
    #expect(
      try files == [
        "%C3%A4-1-1.safetensors", "..%2Fa-1-1.safetensors", "a%20b-1-1.safetensors", "a%2520b-1-1.safetensors",
        "a-b-1-1.safetensors",
      ])
  }

  @Test func aCheckpointOfTheSameStepIsReplacedAndStaysTheLanesBeginning() throws {
    try Sample.save(Sample.checkpoint(0, reason: .start), to: archive, bytes: 10)
    let again = try Sample.save(Sample.checkpoint(0, reason: .change), to: archive, bytes: 20)
    #expect(again.reason == .start)
    #expect(try archive.checkpoints() == [again])
    #expect(try files.count == 1)
    #expect(try Data(contentsOf: URL(filePath: archive.file(of: again).path)).count == 20)
  }

  @Test func whatCannotBeWrittenLeavesNothing() throws {
    let full = failure {
      _ = try archive.save(Sample.checkpoint(1)) { path in
        try Data(count: 5).write(to: URL(filePath: path))
        throw POSIXError(.ENOSPC)
      }
    }
    #expect(full?.code == .diskFull)
    #expect(full?.message.contains(archive.directory) == true)
    #expect(code { _ = try archive.save(Sample.checkpoint(1)) { _ in throw POSIXError(.EROFS) } } == .notWritable)
    #expect(code { _ = try archive.save(Sample.checkpoint(1)) { _ in (1, "no file was written") } } == .notFound)
    #expect(try files.isEmpty)
    #expect(try archive.checkpoints().isEmpty)
  }

  @Test func aFullDatabaseLeavesTheCheckpointBefore() throws {
    let old = try Sample.save(Sample.checkpoint(1), to: archive, bytes: 10)
    try archive.limitDatabase(bytes: 0)
    // Rows are written into free space of a page; a long name needs a new page.
    let long = Sample.checkpoint(1, lane: String(repeating: "x", count: 150))
    #expect(
      code {
        for step in 2...200 {
          var checkpoint = long
          checkpoint.step = step
          try Sample.save(checkpoint, to: archive)
        }
      } == .diskFull)
    #expect(try archive.checkpoints().count == files.count)
    #expect(try archive.file(of: old).sha256 == "sha-1")
  }

  @Test func openingClearsWhatACrashHasLeft() throws {
    try Sample.save(Sample.checkpoint(10), to: archive, bytes: 1_000_000)
    let lost = try Sample.save(Sample.checkpoint(20), to: archive)
    try FileManager.default.removeItem(atPath: archive.file(of: lost).path)
    for name in ["bnn-1-30.safetensors", "5F.tmp"] {
      try folder.write([1, 2, 3], to: "runs/\(archive.id)/checkpoints/\(name)")
    }
    #expect(code { _ = try archive.file(of: lost) } == .damaged)
    archive.close()
    let again = try RunArchive.open(directory: archive.directory)
    #expect(try files == ["bnn-1-10.safetensors"])
    #expect(try again.checkpoints().map(\.step) == [10])
    let before = again.bytes
    try again.delete(Sample.checkpoint(10))
    #expect(again.bytes < before - 900_000)
  }
}
