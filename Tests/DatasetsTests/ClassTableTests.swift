import Datasets
import Testing

@Suite("Labels become classes")
struct ClassTableTests {
  private let temporary: TemporaryFolder
  private let library = DatasetLibrary(searchPath: ["/nowhere"])

  init() throws {
    temporary = try TemporaryFolder()
  }

  private func load(_ training: [UInt8], _ test: [UInt8], prefix: String = "") throws -> Dataset {
    try IDXCorpus(training: training, test: test, prefix: prefix).write(into: temporary)
    return try library.load("\(temporary.path)/data", progress: nil)
  }

  @Test("consecutive labels are unchanged, without a note")
  func plain() throws {
    let dataset = try load([2, 0, 1, 1], [0, 1, 2])
    #expect(dataset.classes == ["0", "1", "2"])
    #expect(dataset.training.labels == [2, 0, 1, 1])
    #expect(dataset.notes.isEmpty)
    #expect(dataset.withGaps == nil)
  }

  @Test("labels from 1, and with gaps, are mapped in their order; the note says so")
  func gaps() throws {
    let dataset = try load([3, 1, 255, 1], [255, 3, 1])
    #expect(dataset.classes == ["1", "3", "255"])
    #expect(dataset.training.labels == [1, 0, 2, 0])
    #expect(dataset.test.labels == [2, 1, 0])
    #expect(
      dataset.notes == ["labels 1, 3, 255 are 3 classes, numbered from 0 in this order, with the labels as names"])
  }

  @Test("a run of an older version keeps its outputs")
  func formerReading() throws {
    let former = try #require(try load([1, 2, 1, 4], [2, 1]).withGaps)
    #expect(former.classes == ["0", "1", "2", "3", "4"])
    #expect(former.training.labels == [1, 2, 1, 4])
    #expect(former.test.labels == [2, 1])
  }

  @Test("a single class is refused, whatever its label", arguments: [0, 7, 255] as [UInt8])
  func single(label: UInt8) throws {
    let error = try #require(throws: DatasetError.self) { try load([label, label], [label]) }
    #expect(error.code == .empty)
    #expect(error.message.hasSuffix("expected at least two classes, found only label \(label)"))
  }

  @Test("a class of the test part alone is refused, with its count")
  func stranger() throws {
    let error = try #require(throws: DatasetError.self) { try load([1, 5, 1], [5, 3, 3, 2]) }
    #expect(error.code == .invalidLabel)
    #expect(
      error.message.hasSuffix("expected the labels of the training images (1, 5), found 3 at index 1, and 2 more such"))
  }

  @Test("classes without images are reported")
  func lacking() throws {
    #expect(try load([0, 1, 2, 3], [2, 2]).notes == ["3 of 4 classes have no test images: 0, 1, 3"])
    try IDXCorpus(training: [0, 1, 9], test: Array(0...9)).write(into: temporary, folder: "mnist")
    let dataset = try DatasetLibrary(searchPath: [temporary.path]).load("mnist", progress: nil)
    #expect(dataset.classes.count == 10)
    #expect(dataset.notes == ["7 of 10 classes have no training images: 2, 3, 4, 5, 6, 7, 8"])
  }

  @Test("EMNIST's files are known by their names, turned upright, and their labels from 1 on mapped")
  func emnist() throws {
    let dataset = try load([1, 2, 26, 1], [26, 2, 1], prefix: "emnist-letters-")
    #expect(dataset.classes == ["1", "2", "26"])
    #expect((dataset.training.width, dataset.training.height) == (2, 3))
    // Rows of three become columns of three.
    #expect(dataset.training.pixels[..<6] == [0, 3, 1, 4, 2, 5])
    #expect(dataset.notes.contains { $0.hasPrefix("transposed all images") })
  }

  @Test("if a folder contains several sets, one must be named by the prefix of its files or by a file")
  func several() throws {
    try IDXCorpus(training: [0, 1], test: [1, 0], prefix: "emnist-digits-").write(into: temporary)
    try IDXCorpus(training: [1, 2, 3], test: [3], prefix: "emnist-letters-").write(into: temporary)
    let path = "\(temporary.path)/data"
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.message.contains("found 2: emnist-digits, emnist-letters; name one of them: \(path)/emnist-digits"))
    let digits = try library.load("\(path)/emnist-digits", progress: nil)
    #expect(digits.training.count == 2)
    #expect(digits.origin == "\(path)/emnist-digits")
    #expect(digits.name == "emnist-digits")
    #expect(try library.load("\(path)/emnist-letters-test-images-idx3-ubyte", progress: nil).training.count == 3)
    try IDXCorpus(training: [0, 1, 2, 3], test: [3]).write(into: temporary)
    let plain = try library.load(path, progress: nil)
    #expect(plain.training.count == 4)
    #expect(plain.notes.contains("ignored 8 IDX files of other names: emnist-digits-…, emnist-letters-…"))
  }

  /// QMNIST's labels: 32 bits, with the class in the first of several columns.
  private func wideLabels(_ rows: [[Int32]]) -> [UInt8] {
    IDXCorpus.header(magic: 0x0C02, shape: [UInt32(rows.count), UInt32(rows[0].count)])
      + rows.joined().flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * Int32($0))) } }
  }

  @Test("QMNIST's labels of eight columns: the first is the class", arguments: [false, true])
  func qmnist(compressed: Bool) throws {
    var corpus = IDXCorpus(training: [0, 0, 0, 0], test: [0, 0], prefix: "qmnist-")
    corpus.files["qmnist-train-labels-idx1-ubyte"] = nil
    corpus.files["qmnist-test-labels-idx1-ubyte"] = nil
    corpus.files["qmnist-train-labels-idx2-int"] = wideLabels(
      [5, 0, 1, 0].map { [$0, 4, 300, 70_000, -1, 9, 0, 0] })
    corpus.files["qmnist-test-labels-idx2-int"] = wideLabels([1, 5].map { [$0, 4, 300, 7, -1, 9, 0, 0] })
    let dataset = try library.load(corpus.write(into: temporary, compressed: compressed), progress: nil)
    #expect(dataset.classes == ["0", "1", "5"])
    #expect(dataset.training.labels == [2, 0, 1, 0])
    #expect(dataset.notes.contains { $0.hasSuffix("the first of 8 columns is the class") })
  }

  @Test("one-hot labels: the column of the 1 is the class")
  func oneHot() throws {
    var corpus = IDXCorpus()
    corpus.files["train-labels-idx1-ubyte"] = nil
    corpus.files["train-labels-idx2-int"] = wideLabels(
      [[1, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    let dataset = try library.load(corpus.write(into: temporary), progress: nil)
    #expect(dataset.training.labels == [0, 2, 1, 0, 1, 2])
    #expect(dataset.notes == ["train-labels-idx2-int: the labels are one-hot with 3 columns"])
  }

  @Test("labels cut short, or of fractions, are refused")
  func badLabels() throws {
    var corpus = IDXCorpus()
    corpus.files["train-labels-idx1-ubyte"] = nil
    corpus.files["train-labels-idx2-int"] = wideLabels([[1, 0], [2, 0]]).dropLast()
    var error = try #require(throws: DatasetError.self) {
      try library.load(corpus.write(into: temporary), progress: nil)
    }
    #expect(error.code == .truncated)
    #expect(error.message.hasSuffix("expected 16 bytes of data for 2 × 2, found the end after 15"))
    corpus.files["train-labels-idx2-int"] =
      IDXCorpus.header(magic: 0x0D01, shape: [6]) + [UInt8](repeating: 0, count: 24)
    error = try #require(throws: DatasetError.self) { try library.load(corpus.write(into: temporary), progress: nil) }
    #expect(error.message.hasSuffix("expected the magic number 0x00000801 of IDX labels, found 0x00000D01"))
  }
}
