import Datasets
import Foundation
import Testing

@Suite("Unpacking an archive")
struct ArchiveUnpackerTests {
  private let temporary: TemporaryFolder
  private let target: String

  init() throws {
    temporary = try TemporaryFolder()
    target = try temporary.folder("target")
  }

  private func unpack(_ archive: [UInt8]) throws {
    let path = try temporary.write(archive, to: "archive.tar.gz")
    try ArchiveUnpacker(path: path, folder: "set", names: ["a.bin", "b.bin"]).unpack(into: target) {}
  }

  private func unpack(_ entries: [Tar.Entry]) throws { try unpack(Tar.archive(entries)) }

  private func contents(of name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: name))) }

  private let a = Tar.Entry(name: "set/a.bin", bytes: (0..<200_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
  private let b = Tar.Entry(name: "./set/b.bin", bytes: [])

  @Test("only the expected files are unpacked")
  func whole() throws {
    try unpack([Tar.Entry(name: "set/", type: "5"), Tar.Entry(name: "set/readme.html", bytes: [1]), b, a])
    #expect(try FileManager.default.contentsOfDirectory(atPath: target).sorted() == ["a.bin", "b.bin"])
    #expect(try contents(of: target + "/a.bin") == a.bytes)
    #expect(try contents(of: target + "/b.bin") == [])
  }

  @Test(
    "nothing is written elsewhere",
    arguments: [
      "../a.bin", "set/../../a.bin", "../target/a.bin", "/set/a.bin", "set//../a.bin", "set/x/../a.bin", "a.bin",
      "SET/a.bin", "set/a.bin/x",
    ])
  func traversal(name: String) throws {
    let error = try #require(throws: DatasetError.self) { try unpack([Tar.Entry(name: name, bytes: [1]), b]) }
    #expect(error.code == .notFound)
    #expect(error.message.contains("expected an archive with set/a.bin, found none of that name"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: target) == ["b.bin"])
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: temporary.path)) == ["archive.tar.gz", "target"])
  }

  @Test("links, folders and devices are no files", arguments: ["1", "2", "3", "5", "6"] as [Character])
  func types(type: Character) throws {
    let victim = try temporary.write([7], to: "victim")
    let link = Tar.Entry(name: "set/a.bin", type: type, target: victim)
    let error = try #require(throws: DatasetError.self) { try unpack([link, b]) }
    #expect(error.code == .notFound)
    try FileManager.default.removeItem(atPath: target + "/b.bin")
    // A file after a link of the same name is not written through the link.
    try unpack([link, a, b])
    #expect(try contents(of: victim) == [7])
    #expect(try contents(of: target + "/a.bin") == a.bytes)
  }

  @Test("a file that is no archive, or a truncated one, is refused")
  func damage() throws {
    let whole = Tar.archive([b, a])
    for bytes in [[], Array("<html>not found</html>".utf8), Array(whole.prefix(100_000)), Gzip.stored([1, 2, 3])] {
      let error = try #require(throws: DatasetError.self) { try unpack(bytes) }
      #expect(error.code == .corrupted)
      #expect(error.message.contains("expected an intact tar archive"))
      try? FileManager.default.removeItem(atPath: target + "/a.bin")
      try? FileManager.default.removeItem(atPath: target + "/b.bin")
    }
  }

  @Test("existing files are not overwritten")
  func existing() throws {
    try temporary.write([7], to: "target/a.bin")
    #expect(throws: DatasetError.self) { try unpack([a, b]) }
    #expect(try contents(of: target + "/a.bin") == [7])
  }

  @Test("a wrong gzip checksum and a truncated end are noticed")
  func checksum() throws {
    let whole = Tar.archive([a, b])
    var flipped = whole
    flipped[whole.count - 8] ^= 1
    for (bytes, says) in [(flipped, "does not match the gzip checksum"), (Array(whole.dropLast(4)), "truncated")] {
      let error = try #require(throws: DatasetError.self) { try unpack(bytes) }
      #expect(error.code == .corrupted)
      #expect(error.message.contains(says))
      #expect(try FileManager.default.contentsOfDirectory(atPath: target).isEmpty)
    }
  }
}
