import Dashboard
import Foundation
import Testing

@Suite struct StateFileTests {
  private func inFolder(_ body: (String) throws -> Void) rethrows {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder + "/state")
  }

  @Test func aFileIsPrivateAndReplacedAsAWhole() throws {
    try inFolder { folder in
      let file = StateFile("charts", in: folder)
      #expect(try file.read(limit: 10) == nil)
      try file.replace { Data("one".utf8) }
      try file.replace { Data("two".utf8) }
      #expect(try file.read(limit: 10) == Data("two".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["charts"])
      for (path, mode) in [(folder, 0o700), (file.path, 0o600)] {
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == mode)
      }
    }
  }

  @Test func failuresNameThePathAndTheReason() throws {
    try inFolder { folder in
      let file = StateFile("history", in: folder)
      try file.replace { Data(repeating: 65, count: 20) }
      #expect {
        _ = try file.read(limit: 10)
      } throws: { "\($0)" == "\(file.path): expected at most 10 bytes, found 20" }
      // A file where the folder should be.
      let other = StateFile("history", in: file.path)
      #expect {
        try other.replace { Data() }
      } throws: { "\($0)" == "\(file.path): the folder cannot be made" }
      // A folder where the file should be.
      try FileManager.default.createDirectory(atPath: folder + "/lessons.json/a", withIntermediateDirectories: true)
      #expect {
        try StateFile("lessons.json", in: folder).replace { Data("{}".utf8) }
      } throws: { "\($0)" == "\(folder)/lessons.json: Is a directory" }
    }
  }

  @Test func aSessionThatWasStoppedWithTheLockIsNotWaitedForForEver() throws {
    try inFolder { folder in
      let file = StateFile("history", in: folder)
      try file.replace { Data("a".utf8) }
      let descriptor = open(folder, O_RDONLY | O_DIRECTORY)
      defer { close(descriptor) }
      #expect(flock(descriptor, LOCK_EX) == 0)
      #expect {
        try file.replace { Data("b".utf8) }
      } throws: { "\($0)" == "\(folder): another session has locked it for a second" }
      #expect(try file.read(limit: 10) == Data("a".utf8))
    }
  }
}
