import Datasets
import Foundation
import Testing

@Suite("Refusing bad IDX files")
struct IDXFaultTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  /// A way to damage a corpus, and the expected message.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: DatasetError.Code
    /// The text that the message must contain in addition to the folder's path.
    let says: [String]
    let spoil: @Sendable (inout IDXCorpus) -> Void

    init(
      _ description: String, _ code: DatasetError.Code, says: String...,
      spoil: @escaping @Sendable (inout IDXCorpus) -> Void
    ) {
      testDescription = description
      self.code = code
      self.says = says
      self.spoil = spoil
    }
  }

  static let faults: [Fault] = [
    Fault("missing file", .notFound, says: "t10k-labels", "t10k-labels-idx1-ubyte.gz", "found none") {
      $0.files["t10k-labels-idx1-ubyte"] = nil
    },
    Fault("empty file", .empty, says: "train-images-idx3-ubyte", "header of 16 bytes", "found nothing") {
      $0.files["train-images-idx3-ubyte"] = []
    },
    Fault("three bytes", .wrongFormat, says: "train-images-idx3-ubyte", "0x00000803", "found 3 bytes") {
      $0.files["train-images-idx3-ubyte"] = [0, 0, 8]
    },
    Fault("header cut short", .truncated, says: "header of 16 bytes", "the end after 10") {
      $0.files["train-images-idx3-ubyte"]?.removeSubrange(10...)
    },
    Fault("data cut short", .truncated, says: "36 bytes of data for 6 × 2 × 3", "the end after 35") {
      $0.files["train-images-idx3-ubyte"]?.removeLast()
    },
    Fault("bytes at the end", .trailingBytes, says: "the end after 36 bytes", "found 2 more") {
      $0.files["train-images-idx3-ubyte"]? += [1, 2]
    },
    Fault("labels in place of images", .wrongFormat, says: "0x00000803 of IDX images", "found 0x00000801") {
      $0.files["train-images-idx3-ubyte"] = $0.files["train-labels-idx1-ubyte"]
    },
    Fault("images in place of labels", .wrongFormat, says: "0x00000801 of IDX labels", "found 0x00000803") {
      $0.files["t10k-labels-idx1-ubyte"] = $0.files["t10k-images-idx3-ubyte"]
    },
    Fault("floats", .wrongFormat, says: "found 0x00000D03") {
      $0.files["train-images-idx3-ubyte"]?[2] = 0x0D
    },
    Fault("a web page", .wrongFormat, says: "found 0x3C21444F") {
      $0.files["train-images-idx3-ubyte"] = [UInt8]("<!DOCTYPE html><title>404</title>".utf8)
    },
    Fault("no images", .empty, says: "at least one value", "0 × 2 × 3") {
      $0.files["train-images-idx3-ubyte"] = IDXCorpus.images([0, 2, 3])
    },
    Fault("images without width", .empty, says: "6 × 2 × 0") {
      $0.files["train-images-idx3-ubyte"] = IDXCorpus.images([6, 2, 0])
    },
    Fault("a claim that overflows", .tooLarge, says: "4294967295 × 4294967295 × 4294967295") {
      $0.files["train-images-idx3-ubyte"] = IDXCorpus.header(magic: 0x0803, shape: [.max, .max, .max])
    },
    Fault("a claim of gigabytes without data", .truncated, says: "4294967295 × 1 × 1", "the end after 0") {
      $0.files["train-images-idx3-ubyte"] = IDXCorpus.header(magic: 0x0803, shape: [.max, 1, 1])
    },
    Fault("fewer labels than images", .mismatch, says: "train-labels", "6 labels", "found 5") {
      $0.files["train-labels-idx1-ubyte"] = IDXCorpus.labels([0, 1, 2, 0, 1])
    },
    Fault("images of another size", .mismatch, says: "3 × 2 and 2 × 3") {
      $0.files["t10k-images-idx3-ubyte"] = IDXCorpus.images([4, 3, 2])
    },
    Fault("a test label that is never taught", .invalidLabel, says: "t10k-labels", "from 0 to 2", "found 3 at index 1")
    {
      $0.files["t10k-labels-idx1-ubyte"] = IDXCorpus.labels([2, 3, 0, 1])
    },
    Fault("a single class", .empty, says: "at least two classes") {
      $0.files["train-labels-idx1-ubyte"] = IDXCorpus.labels([0, 0, 0, 0, 0, 0])
    },
  ]

  @Test("is refused with path, expected and found", arguments: faults, [false, true])
  func fault(_ fault: Fault, compressed: Bool) throws {
    var corpus = IDXCorpus()
    fault.spoil(&corpus)
    let path = try corpus.write(into: temporary, compressed: compressed)
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    }
    #expect(error.code == fault.code)
    #expect(error.description.contains(path))
    for words in fault.says {
      // A compressed file is read up to one byte beyond its expected size.
      let words = compressed && words == "found 2 more" ? "found more" : words
      #expect(error.description.contains(words))
    }
    #expect(!error.description.contains("\n"))
  }

  /// A damaged compressed file of labels, and the expected message.
  static let damages: [(name: String, spoil: @Sendable ([UInt8]) -> [UInt8], says: String)] = [
    ("cut in the data", { [UInt8]($0[..<20]) }, "expected intact gzip data"),
    ("cut in the header", { [UInt8]($0[..<5]) }, "found: the gzip header is damaged"),
    ("trailer missing", { $0.dropLast(8) }, "expected intact gzip data"),
    ("flipped bit in a label", { $0.replacing(at: 25, with: $0[25] ^ 1) }, "does not match the gzip checksum"),
    ("flipped bit in the checksum", { $0.replacing(at: $0.count - 6, with: $0[$0.count - 6] ^ 1) }, "checksum"),
    ("wrong length", { $0.replacing(at: $0.count - 4, with: 99) }, "announces 99 bytes, the data contains 14"),
    ("unknown method", { $0.replacing(at: 2, with: 7) }, "found: the gzip header is damaged"),
    ("unknown block", { $0.replacing(at: 10, with: 7) }, "expected intact gzip data"),
  ]

  @Test("damaged gzip data are refused", arguments: damages.indices)
  func damagedGzip(index: Int) throws {
    let damage = Self.damages[index]
    let corpus = IDXCorpus()
    let path = try corpus.write(into: temporary, compressed: true)
    let file = "train-labels-idx1-ubyte"
    let labels = try #require(corpus.files[file])
    try temporary.write(damage.spoil(Gzip.stored(labels)), to: "data/\(file).gz")
    let error = try #require(throws: DatasetError.self, "\(damage.name)") {
      try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    }
    #expect(error.code == .corrupted, "\(damage.name)")
    #expect(error.description.contains("\(path)/\(file).gz"))
    #expect(error.description.contains(damage.says), "\(damage.name)")
  }

  @Test("a file that may not be read is named", .disabled(if: getuid() == 0, "root may read everything"))
  func permission() throws {
    let path = try IDXCorpus().write(into: temporary)
    let file = path + "/train-labels-idx1-ubyte"
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    }
    #expect(error.code == .unreadable)
    #expect(error.description == "\(file): no permission to read it")
    #expect(error.cause != nil)
  }

  @Test("a file that fails while it is read is named")
  func readFailure() throws {
    let path = try IDXCorpus().write(into: temporary)
    let file = path + "/train-labels-idx1-ubyte"
    try FileManager.default.removeItem(atPath: file)
    // Its first page is not mapped, so reading it fails even for root.
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "/proc/self/mem")
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    }
    #expect(error.code == .unreadable)
    #expect(error.description == "\(file): cannot be read")
  }

  @Test("a name must have ten classes")
  func namedClasses() throws {
    var corpus = IDXCorpus()
    corpus.files["train-labels-idx1-ubyte"] = IDXCorpus.labels([0, 1, 2, 0, 10, 2])
    try corpus.write(into: temporary, folder: "mnist")
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: [temporary.path]).load("mnist", progress: nil)
    }
    #expect(error.code == .invalidLabel)
    #expect(error.description.contains("expected labels from 0 to 9, found 10 at index 4"))
  }
}

extension [UInt8] {
  /// The bytes with one of them replaced.
  fileprivate func replacing(at index: Int, with byte: UInt8) -> [UInt8] {
    var bytes = self
    bytes[index] = byte
    return bytes
  }
}
