import Datasets
import Testing

@Suite("CIFAR in its binary format")
struct CIFARTests {
  private let temporary: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    temporary = try TemporaryFolder()
    library = DatasetLibrary(searchPath: [temporary.path])
  }

  @Test("CIFAR-10: batches in their order, colours of a pixel together, names from the folder")
  func ten() throws {
    let path = try CIFARCorpus.ten.write(into: temporary)
    let dataset = try library.load(path, progress: nil)
    #expect(dataset.origin == path)
    #expect(dataset.classes == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
    #expect(dataset.training.labels == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0])
    #expect(dataset.training.width == 32)
    #expect(dataset.training.height == 32)
    #expect(dataset.training.channels == 3)
    #expect(
      dataset.training.pixels
        == (1...5).flatMap { CIFARCorpus.image(shift: $0) + CIFARCorpus.image(shift: $0) })
    #expect(dataset.test.labels == [9, 0, 5])
    #expect(dataset.test.pixels == CIFARCorpus.image() + CIFARCorpus.image() + CIFARCorpus.image())
  }

  @Test("CIFAR-100: the fine label counts, and the names are known")
  func hundred() throws {
    let dataset = try library.load(CIFARCorpus.hundred.write(into: temporary), progress: nil)
    #expect(dataset.training.labels == [99, 0])
    #expect(dataset.test.labels == [42])
    #expect(dataset.test.pixels == CIFARCorpus.image())
    #expect(dataset.classes.count == 100)
    #expect(dataset.classes == dataset.classes.sorted())
    #expect([dataset.classes[0], dataset.classes[42], dataset.classes[99]] == ["apple", "leopard", "worm"])
  }

  @Test("CIFAR-10 has known names too")
  func knownNames() throws {
    var corpus = CIFARCorpus.ten
    corpus.files["batches.meta.txt"] = nil
    let classes = try library.load(corpus.write(into: temporary), progress: nil).classes
    #expect(classes.count == 10)
    #expect([classes[0], classes[9]] == ["airplane", "truck"])
  }

  @Test("line ends of Windows and blanks are not part of a name")
  func lineEnds() throws {
    var corpus = CIFARCorpus.ten
    corpus.files["batches.meta.txt"] = [UInt8]("a\r\nb\r\nc \r\nd\r\ne\r\nf\r\ng\r\n h\r\ni\r\nj".utf8)
    let classes = try library.load(corpus.write(into: temporary), progress: nil).classes
    #expect(classes == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
  }

  @Test(
    "is found by name under the folders that people have",
    arguments: [
      ("cifar-10", "cifar-10-batches-bin"), ("cifar-10", "cifar-10"), ("cifar-10", "cifar10"),
      ("cifar-10", "CIFAR10/cifar-10-batches-bin"), ("cifar-100", "cifar-100-binary"), ("cifar-100", "cifar-100"),
      ("cifar-100", "cifar100"),
    ])
  func folders(name: String, folder: String) throws {
    let path = try (name == "cifar-10" ? CIFARCorpus.ten : .hundred).write(into: temporary, folder: folder)
    #expect(library.entries().first { $0.name == name }?.location == path)
    let dataset = try library.load(name, progress: nil)
    #expect(dataset.origin == path)
    #expect(dataset.name == name)
    // It is not a preset for beginners.
    #expect(library.defaultName().name == "digits")
  }

  @Test("each file is announced")
  func progress() throws {
    var messages: [String] = []
    let path = try CIFARCorpus.ten.write(into: temporary)
    _ = try library.load(path) { messages.append($0) }
    #expect(messages.count == 6)
    #expect(messages.first == "reading \(path)/data_batch_1.bin")
  }

  @Test("a known one that is nowhere: how to get it", arguments: ["cifar-10", "cifar-100"])
  func missing(name: String) throws {
    let error = try #require(throws: DatasetError.self) { try library.load(name, progress: nil) }
    #expect(error.code == .notFound)
    #expect(error.message.contains("found none; to get it: signflip data get \(name)"))
  }

  @Test("a file that is missing is named", arguments: ["data_batch_3.bin", "test_batch.bin"])
  func incomplete(file: String) throws {
    var corpus = CIFARCorpus.ten
    corpus.files[file] = nil
    let path = try corpus.write(into: temporary)
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.code == .notFound)
    #expect(error.message.hasPrefix("\(path): expected the files of CIFAR-10's binary version"))
    #expect(error.message.hasSuffix("found no \(file)"))
  }

  /// A file, a way to damage it, and the expected message.
  static let faults: [(file: String, code: DatasetError.Code, spoil: @Sendable ([UInt8]) -> [UInt8], says: String)] = [
    ("data_batch_2.bin", .empty, { _ in [] }, "expected records of 3073 bytes, found nothing"),
    ("data_batch_2.bin", .truncated, { $0.dropLast() }, "found the end after 3072 of record 1"),
    ("test_batch.bin", .truncated, { $0 + [0] }, "found the end after 1 of record 3"),
    (
      "test_batch.bin", .invalidLabel, { $0[..<3073] + [10] + $0[3074...] },
      "expected labels from 0 to 9, found 10 in record 1"
    ),
    (
      "batches.meta.txt", .mismatch, { _ in [UInt8]("cat\ndog\n".utf8) },
      "expected the names of 10 classes, one a line, found 2"
    ),
  ]

  @Test("a bad file is refused with path, expected and found", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    var corpus = CIFARCorpus.ten
    corpus.files[fault.file] = try fault.spoil(#require(corpus.files[fault.file]))
    let path = try corpus.write(into: temporary)
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.code == fault.code)
    #expect(error.message.hasPrefix("\(path)/\(fault.file): "))
    #expect(error.message.hasSuffix(fault.says))
  }

  @Test("the fine label is verified, not the coarse one")
  func fineLabel() throws {
    var corpus = CIFARCorpus.hundred
    corpus.files["test.bin"] = CIFARCorpus.record([200, 7]) + CIFARCorpus.record([0, 100])
    let error = try #require(throws: DatasetError.self) {
      try library.load(corpus.write(into: temporary), progress: nil)
    }
    #expect(error.message.hasSuffix("test.bin: expected labels from 0 to 99, found 100 in record 1"))
  }
}
