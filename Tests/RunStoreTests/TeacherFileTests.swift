import Foundation
import RunStore
import Testing

@Suite struct TeacherFileTests {
  private let folder: TemporaryFolder
  private let archive: RunArchive

  init() throws {
    folder = try TemporaryFolder()
    archive = try Sample.archive(in: folder)
  }

  private func save(_ lane: String, _ epoch: Int) throws {
    try archive.saveTeacher(lane, epoch: epoch) { try Data([1, 2]).write(to: URL(filePath: $0)) }
  }

  @Test func whatALaneHasShownIsFound() throws {
    #expect(archive.teacherEpochs(of: "a").isEmpty)
    for (lane, epoch) in [("a", 1), ("a", 12), ("a-1", 5), ("ä", 7)] { try save(lane, epoch) }
    #expect(archive.teacherEpochs(of: "a") == [1, 12])
    #expect(archive.teacherEpochs(of: "a-1") == [5])
    #expect(archive.teacherEpochs(of: "ä") == [7])
    #expect(FileManager.default.contents(atPath: archive.teacherFile(of: "a", epoch: 12)) == Data([1, 2]))
  }

  @Test func whatCantBeWrittenIsNotThere() throws {
    // Files left by a crash cause no errors.
    try save("a", 1)
    try Data([9]).write(to: URL(filePath: archive.teacherFile(of: "a", epoch: 2) + ".tmp"))
    try save("a", 2)
    #expect(throws: StoreError.self) {
      try archive.saveTeacher("a", epoch: 3) { path in
        try Data([1]).write(to: URL(filePath: path))
        throw POSIXError(.ENOSPC)
      }
    }
    #expect(archive.teacherEpochs(of: "a") == [1, 2])
    let files = try FileManager.default.contentsOfDirectory(atPath: archive.directory + "/teachers")
    #expect(files.sorted() == ["a-1.safetensors", "a-2.safetensors"])
  }
}
