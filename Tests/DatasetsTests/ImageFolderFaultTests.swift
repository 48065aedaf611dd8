import Datasets
import Foundation
import Testing

@Suite("Refusing bad folders of images")
struct ImageFolderFaultTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  /// The message about the corpus with some files replaced or added.
  private func refusal(_ changes: [String: [UInt8]]) throws -> DatasetError {
    let isThere = FileManager.default.fileExists(atPath: "\(temporary.path)/pets/test/cat/y.png")
    let corpus = isThere ? [:] : ImageFolderTests.corpus
    for (name, bytes) in corpus.merging(changes, uniquingKeysWith: { $1 }) {
      try temporary.write(bytes, to: "pets/\(name)")
    }
    return try refusal()
  }

  private func refusal() throws -> DatasetError {
    try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere"]).load("\(temporary.path)/pets", progress: nil)
    }
  }

  /// A file in place of `train/cat/2.png`, and the expected message.
  static let faults: [(file: [UInt8], code: DatasetError.Code, says: String)] = [
    ([], .empty, "expected a PNG or JPEG image, found nothing"),
    ([UInt8]("<!DOCTYPE html>".utf8), .wrongFormat, "expected a PNG or JPEG image, found something else"),
    (PNG.image(2, 3, [1, 2, 3, 4, 5, 6]), .mismatch, "expected 3 × 2 pixels as the first image has, found 2 × 3"),
    (
      JPEG.image(4, 2, [UInt8](repeating: 9, count: 8), channels: 1), .mismatch,
      "expected 3 × 2 pixels as the first image has, found 4 × 2"
    ),
    (
      JPEG.image(3, 2, [UInt8](repeating: 9, count: 24), channels: 4), .corrupted,
      "expected an intact image, found: CMYK in place of grey or colour"
    ),
  ]

  @Test("a bad image is named", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    let error = try refusal(["train/cat/2.png": fault.file])
    #expect(error.code == fault.code)
    #expect(error.message == "\(temporary.path)/pets/train/cat/2.png: \(fault.says)")
  }

  @Test("a PNG that is cut off anywhere before its last chunk is refused")
  func truncatedPNG() throws {
    let file = PNG.image(3, 2, [1, 2, 3, 4, 5, 6])
    for count in 1..<file.count - 12 {
      let error = try refusal(["train/cat/2.png": [UInt8](file[..<count])])
      #expect(error.code == (count < 4 ? .wrongFormat : .corrupted), "\(count) bytes")
      #expect(error.message.hasPrefix("\(temporary.path)/pets/train/cat/2.png: "))
    }
  }

  @Test("a PNG with a flipped bit anywhere in its header or pixels is refused")
  func flippedPNG() throws {
    let file = PNG.image(3, 2, [1, 2, 3, 4, 5, 6])
    for index in 4..<file.count - 12 {
      var damaged = file
      damaged[index] ^= 4
      let error = try refusal(["train/cat/2.png": damaged])
      #expect(error.code == .corrupted, "byte \(index)")
    }
  }

  @Test("a JPEG that is cut off anywhere before its end mark is refused")
  func truncatedJPEG() throws {
    let file = JPEG.image(3, 2, [9, 200, 30, 40, 100, 60], channels: 1)
    for count in 3..<file.count - 2 {
      let error = try refusal(["train/cat/2.png": [UInt8](file[..<count])])
      #expect(error.code == .corrupted, "\(count) of \(file.count) bytes")
      #expect(error.message.hasPrefix("\(temporary.path)/pets/train/cat/2.png: expected an intact image, found: "))
    }
  }

  /// A valid JPEG with stray bytes before a quantization table and before its end marker.
  static let strayJPEG: [UInt8] = {
    var file = JPEG.image(3, 2, [9, 200, 30, 40, 100, 60], channels: 1)
    file.insert(contentsOf: [0x11, 0x22, 0x33], at: file.count - 2)
    let table = file.indices.first { file[$0...].starts(with: [0xFF, 0xDB]) } ?? 2
    file.insert(contentsOf: [0, 7], at: table)
    return file
  }()

  @Test("stray bytes before markers of a JPEG change nothing; that it is cut off is still found behind them")
  func strayBytes() throws {
    for (name, bytes) in ImageFolderTests.corpus { try temporary.write(bytes, to: "pets/\(name)") }
    let path = "pets/train/cat/2.png"
    func load() throws -> Dataset {
      try DatasetLibrary(searchPath: ["/nowhere"]).load("\(temporary.path)/pets", progress: nil)
    }
    try temporary.write(JPEG.image(3, 2, [9, 200, 30, 40, 100, 60], channels: 1), to: path)
    let clean = try load()
    try temporary.write(Self.strayJPEG, to: path)
    let read = try load()
    #expect(read.training == clean.training && read.test == clean.test)
    #expect(clean.notes.isEmpty)
    #expect(read.notes.count == 1 && read.notes[0].contains("extraneous bytes before marker"))
    let file = Self.strayJPEG
    for count in 3..<file.count - 5 {
      let error = try refusal(["train/cat/2.png": [UInt8](file[..<count])])
      #expect(error.code == .corrupted, "\(count) of \(file.count) bytes")
    }
  }

  @Test("a header that claims many pixels allocates no memory")
  func bomb() throws {
    var file = PNG.image(3, 2, [1, 2, 3, 4, 5, 6])
    let header = [UInt8]([0, 0x0F, 0x42, 0x40, 0, 0x0F, 0x42, 0x40, 8, 0, 0, 0, 0])
    file.replaceSubrange(8..<33, with: PNG.chunk("IHDR", header))
    let error = try refusal(["train/cat/1.png": file])
    #expect(error.code == .tooLarge)
    #expect(error.message.hasSuffix("/train/cat/1.png: expected at most 67108864 pixels, found 1000000 × 1000000"))
  }

  @Test("the first of several bad images is the one that is named")
  func first() throws {
    let error = try refusal(["train/cat/2.png": [1], "train/dog/a.PNG": [2], "train/cat/3.png": [3]])
    #expect(error.message.contains("train/cat/2.png"))
  }

  @Test("an empty class folder is named", arguments: ["train", "test"])
  func emptyClass(part: String) throws {
    _ = try temporary.folder("pets/train/eel")
    _ = try temporary.folder("pets/\(part)/eel")
    if part == "test" { try temporary.write(PNG.image(3, 2, [1, 2, 3, 4, 5, 6]), to: "pets/train/eel/1.png") }
    let error = try refusal([:])
    #expect(error.code == .empty)
    #expect(
      error.message
        == "\(temporary.path)/pets/\(part)/eel: expected at least one image (.png, .jpg, .jpeg), found none")
  }

  @Test("a test class without training images is named")
  func stranger() throws {
    let error = try refusal(["test/eel/1.png": [1]])
    #expect(error.code == .invalidLabel)
    #expect(
      error.message.hasPrefix("\(temporary.path)/pets/test/eel: expected a class of \(temporary.path)/pets/train"))
  }

  @Test("a single class")
  func singleClass() throws {
    let files = ImageFolderTests.corpus.filter { $0.key.contains("/cat/") }
    for (name, bytes) in files { try temporary.write(bytes, to: "pets/\(name)") }
    let error = try refusal()
    #expect(error.code == .empty)
    #expect(error.message == "\(temporary.path)/pets/train: expected from 2 to 256 class folders, found 1")
  }

  @Test("no test part: how to make one")
  func noTest() throws {
    for (name, bytes) in ImageFolderTests.corpus where name.hasPrefix("train") {
      try temporary.write(bytes, to: "pets/\(name)")
    }
    let error = try refusal()
    #expect(error.code == .notFound)
    #expect(
      error.message.contains("expected a folder test beside \(temporary.path)/pets/train, found none; to make one"))
    #expect(error.message.hasSuffix("into \(temporary.path)/pets/test/CLASS"))
  }

  @Test("class folders alone: how to make both parts")
  func noParts() throws {
    for (name, bytes) in ImageFolderTests.corpus where name.hasPrefix("train") {
      try temporary.write(bytes, to: "pets/\(name.dropFirst(6))")
    }
    let error = try refusal()
    #expect(error.code == .notFound)
    #expect(error.message.contains("found class folders alone; to make both parts"))
    #expect(error.message.contains("\(temporary.path)/pets/train"))
  }

  @Test("several bad images are counted and listed, ten of them by name")
  func several() throws {
    var files: [String: [UInt8]] = [:]
    for index in 10..<22 { files["train/cat/\(index).png"] = [UInt8](repeating: 7, count: index) }
    let error = try refusal(files)
    #expect(error.code == .wrongFormat)
    #expect(error.message.hasPrefix("12 of 17 files cannot be read (--skip-unreadable skips them): "))
    #expect(error.message.contains("train/cat/19.png: ") && !error.message.contains("train/cat/20.png"))
    #expect(error.message.hasSuffix("; and 2 more"))
    let dataset = try DatasetLibrary(searchPath: ["/nowhere"]).load(
      "\(temporary.path)/pets", skippingUnreadable: true, progress: nil)
    #expect(dataset.training.count == 3)
    #expect(dataset.notes.contains { $0.hasPrefix("12 files skipped because unreadable: ") })
  }
}
