import EngineProtocol
import Foundation
import RunStore
import Testing

@Suite struct DamageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aSecondEngineIsToldWhoHasTheRun() throws {
    let archive = try Sample.archive(in: folder)
    let error = failure { _ = try RunArchive.open(directory: archive.directory) }
    #expect(error?.code == .locked)
    #expect(error?.message.contains("process \(getpid())") == true, "\(error?.message ?? "")")
    archive.close()
    try RunArchive.open(directory: archive.directory).close()
  }

  @Test func aRunOfANewerFormatIsNotTouched() throws {
    let archive = try Sample.archive(in: folder)
    archive.close()
    try setFormat(7, of: archive.directory)
    let database = archive.directory + "/run.sqlite"
    let before = try Data(contentsOf: URL(filePath: database))
    for body in [
      { _ = try RunArchive.open(directory: archive.directory) },
      { _ = try RunArchive.history(of: archive.directory) },
    ] {
      let error = failure(of: body)
      #expect(error?.code == .newerFormat)
      #expect(error?.message.contains("format 1 ") == true && error?.message.contains("format 7 ") == true)
      #expect(error?.message.contains(database) == true)
    }
    #expect(try Data(contentsOf: URL(filePath: database)) == before)
    // The lock is released, for a program that can read the run.
    try setFormat(1, of: archive.directory)
    try RunArchive.open(directory: archive.directory).close()
  }

  @Test func aDamagedDatabaseIsNamed() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...5000)]), time: 0)
    archive.close()
    let database = archive.directory + "/run.sqlite"
    let whole = try Data(contentsOf: URL(filePath: database))

    var altered = whole
    altered.replaceSubrange(8192..<40_960, with: Data(repeating: 0x5A, count: 32_768))
    let text = Data("no database at all, but a text of some length".utf8)
    for bytes in [altered, Data(whole.prefix(9000)), text, Data()] {
      try bytes.write(to: URL(filePath: database))
      let error = failure { _ = try RunArchive.open(directory: archive.directory) }
      #expect(error?.code == .damaged, "\(error?.message ?? "no error") for \(bytes.count) bytes")
      #expect(error?.message.contains(database) == true)
    }
    try whole.write(to: URL(filePath: database))
    #expect(try RunArchive.open(directory: archive.directory).history().series.count == 1)
  }

  @Test(arguments: ["run.sqlite", "log", "lock"])
  func aPipeInTheFilesPlaceIsNotWaitedFor(name: String) throws {
    let archive = try Sample.archive(in: folder)
    archive.close()
    let path = archive.directory + "/" + name
    unlink(path)
    #expect(mkfifo(path, 0o600) == 0)
    let error = failure { _ = try RunArchive.open(directory: archive.directory) }
    #expect(error?.code == .damaged)
    #expect(error?.message == "\(path): expected a file, found a pipe (FIFO)")
    if name == "run.sqlite" {
      #expect(code { _ = try RunArchive.history(of: archive.directory) } == .damaged)
      #expect(RunsFolder(path: folder.path + "/runs").list().first?.state == .failed)
    }
    #expect(code { _ = try RegularFile.text(at: path) } == .damaged)
    #expect(try RegularFile.text(at: path + ".none") == nil)
  }

  @Test func checkpointsWhoseFilesAreGoneAreNamed() throws {
    let archive = try Sample.archive(in: folder)
    for step in [10, 20, 30] { try Sample.save(Sample.checkpoint(step), to: archive) }
    let file = try archive.file(of: Sample.checkpoint(20)).path
    let other = try archive.file(of: Sample.checkpoint(30)).path
    archive.close()
    unlink(file)
    unlink(other)
    #expect(mkdir(other, 0o700) == 0)
    let again = try RunArchive.open(directory: archive.directory)
    #expect(again.lostCheckpoints.map(\.step) == [20])
    let error = failure { _ = try again.file(of: Sample.checkpoint(30)) }
    #expect(error?.message == "\(other): expected a file, found a folder")
    again.close()
  }

  @Test(arguments: [
    ("übung", "übung"), ("Größe 2", "Größe-2"), ("u\u{308}bung", "übung"), ("../a", "a"), ("a/b\u{0}c\nd", "a-b-c-d"),
    ("--", "run"), ("", "run"), ("\u{202E}abc\u{200B}d", "abc-d"), ("データ", "データ"), ("..", "run"),
    (String(repeating: "漢", count: 90), String(repeating: "漢", count: 60)),
  ])
  func aRunsNameKeepsItsLetters(name: String, expected: String) throws {
    let archive = try Sample.archive(in: folder, name: name)
    archive.close()
    #expect(archive.id.hasSuffix("-" + expected))
    #expect(archive.id.utf8.count < 255 && !archive.id.contains("/"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/runs") == [archive.id])
  }

  @Test func aRunsFolderThatCannotBeWrittenIsSaidSo() throws {
    // A file in place of a folder: this also fails for root, who ignores modes.
    let file = try folder.write([1], to: "file")
    for path in [file, file + "/runs", "/proc/runs"] {
      let error = failure {
        _ = try RunArchive.create(in: path, name: "digits", time: 0, files: [:], environment: [:])
      }
      #expect(error?.code == .notWritable, "\(error?.message ?? "")")
      #expect(error?.message.contains(path) == true && error?.message.contains("--runs DIR") == true)
    }
  }

  @Test func aRunThatCannotBeMadeWholeIsNotLeftInHalf() throws {
    #expect(
      code {
        _ = try RunArchive.create(
          in: folder.path, name: "digits", time: 0, files: ["no/such/folder.yaml": ""], environment: [:])
      } == .notFound)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aRunCanBeReadWhereNothingCanBeWritten() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...100)]), time: 0)
    archive.close()
    // The write-ahead log's index can't be opened; changing its mode would not stop root.
    unlink(archive.directory + "/run.sqlite-shm")
    _ = try folder.folder("runs/\(archive.id)/run.sqlite-shm")
    #expect(try RunArchive.history(of: archive.directory).series.values.map(\.count) == [100])
    #expect(code { _ = try RunArchive.open(directory: archive.directory) } == .notWritable)
  }

  @Test func readingLeavesNothingBehind() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(RunBatch(events: [.started(Sample.run()), Sample.points(1...100)]), time: 0)
    archive.close()
    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: archive.directory).sorted() }
    let before = try files()
    #expect(before == ["checkpoints", "experiment.yaml", "lock", "log", "run.sqlite"])
    _ = try RunArchive.history(of: archive.directory)
    _ = RunsFolder(path: folder.path + "/runs").list()
    #expect(try files() == before)
  }

  @Test func aFolderWithoutARunIsNoRun() throws {
    let empty = try folder.folder("empty")
    #expect(code { _ = try RunArchive.open(directory: empty) } == .notFound)
    #expect(code { _ = try RunArchive.history(of: empty) } == .notFound)
    #expect(try FileManager.default.contentsOfDirectory(atPath: empty).isEmpty)
  }

  // The version is at byte 60 of the database's header, big-endian.
  private func setFormat(_ version: UInt8, of directory: String) throws {
    let file = URL(filePath: directory + "/run.sqlite")
    var bytes = try Data(contentsOf: file)
    bytes.replaceSubrange(60..<64, with: [0, 0, 0, version])
    try bytes.write(to: file)
  }
}
