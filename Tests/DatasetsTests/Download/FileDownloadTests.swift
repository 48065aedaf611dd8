import Datasets
import Foundation
import Testing

@Suite("Getting a file")
struct FileDownloadTests {
  private let temporary: TemporaryFolder
  // The SHA-256 of “abc”, FIPS 180-2, appendix B.1.
  private let file = RemoteFile(
    name: "abc", size: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")

  init() throws { temporary = try TemporaryFolder() }

  private func address(_ name: String, _ text: String) throws -> String {
    try "file://" + temporary.write(Array(text.utf8), to: name)
  }

  /// Downloads the file and returns the notes.
  private func get(_ addresses: [String], interrupted: Bool = false) throws -> [String] {
    var notes: [String] = []
    let observer = DownloadObserver(
      note: { notes.append($0) }, progress: { _ in }, isInterrupted: { interrupted })
    var download = try FileDownload(
      of: DownloadPlan.Item(file: file, addresses: addresses), into: PartFile(path: temporary.path + "/abc.part"),
      observer: observer)
    try download.run()
    return notes
  }

  private var part: String? { try? String(contentsOfFile: temporary.path + "/abc.part", encoding: .utf8) }

  @Test("the next mirror is tried if one lacks the file or has wrong bytes")
  func mirrors() throws {
    let addresses = try [
      "file:///nowhere/abc", address("wrong", "abd"), address("short", "ab"), address("long", "abcd"),
      address("right", "abc"),
    ]
    let notes = try get(addresses)
    #expect(notes.count == 4)
    #expect(notes.allSatisfy { $0.hasSuffix("trying the next mirror") })
    #expect(part == "abc")
  }

  @Test("if no mirror has the file, all are named, and wrong bytes are deleted")
  func none() throws {
    let wrong = try address("wrong", "abd")
    let error = try #require(throws: DatasetError.self) { try get(["file:///nowhere/abc", wrong]) }
    #expect(error.code == .wrongChecksum)
    #expect(error.message.contains("file:///nowhere/abc: "))
    // The SHA-256 of “abd”, by sha256sum.
    let found = "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9"
    #expect(error.message.hasSuffix("\(wrong): expected SHA-256 \(file.sha256), found \(found)"))
    #expect(part == "")
  }

  @Test("a partial file is continued, or discarded", arguments: ["", "a", "ab", "abc", "x", "xyz", "wxyz"])
  func pieces(before: String) throws {
    try temporary.write(Array(before.utf8), to: "abc.part")
    let notes = try get([address("right", "abc")])
    #expect(part == "abc")
    #expect(notes.isEmpty == "abc".hasPrefix(before))
  }

  @Test("an interruption keeps the received part")
  func interruption() throws {
    try temporary.write(Array("ab".utf8), to: "abc.part")
    let error = try #require(throws: DatasetError.self) { try get([address("right", "abc")], interrupted: true) }
    #expect(error.code == .interrupted)
    #expect(error.message.contains("abc.part"))
    #expect(part == "ab")
  }

  @Test("two programs do not download the same file at once")
  func lock() throws {
    let first = try PartFile(path: temporary.path + "/abc.part")
    let error = try #require(throws: DatasetError.self) { try PartFile(path: first.path) }
    #expect(error.code == .busy)
  }
}
