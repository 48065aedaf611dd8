import Datasets
import Foundation
import Testing

@Suite("Reading good IDX files")
struct IDXReadingTests {
  private let temporary: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    temporary = try TemporaryFolder()
    library = DatasetLibrary(searchPath: [temporary.path], home: temporary.path)
  }

  private func expectCorpus(_ dataset: Dataset, at path: String) {
    #expect(dataset.origin == path)
    #expect(dataset.classes == ["0", "1", "2"])
    #expect(dataset.training.count == 6)
    #expect(dataset.training.width == 3)
    #expect(dataset.training.height == 2)
    #expect(dataset.training.channels == 1)
    #expect(dataset.training.featureCount == 6)
    #expect(dataset.training.pixels == [UInt8](0..<36))
    #expect(dataset.training.labels == [0, 1, 2, 0, 1, 2])
    #expect(dataset.test.count == 4)
    #expect(dataset.test.pixels == [UInt8](0..<24))
    #expect(dataset.test.labels == [2, 1, 0, 1])
  }

  @Test("plain and compressed", arguments: [false, true])
  func compression(compressed: Bool) throws {
    let path = try IDXCorpus().write(into: temporary, compressed: compressed)
    expectCorpus(try library.load(path, progress: nil), at: path)
  }

  @Test("compression is seen by the contents, not by the name")
  func contentsDecide() throws {
    var corpus = IDXCorpus()
    corpus.files["train-images-idx3-ubyte"] = corpus.files["train-images-idx3-ubyte"].map(Gzip.stored)
    corpus.files["t10k-images-idx3-ubyte.gz"] = corpus.files.removeValue(forKey: "t10k-images-idx3-ubyte")
    let path = try corpus.write(into: temporary)
    expectCorpus(try library.load(path, progress: nil), at: path)
  }

  @Test("names with a dot")
  func dots() throws {
    var corpus = IDXCorpus()
    corpus.files = Dictionary(
      uniqueKeysWithValues: corpus.files.map { ($0.replacingOccurrences(of: "-idx", with: ".idx"), $1) })
    let path = try corpus.write(into: temporary)
    expectCorpus(try library.load(path, progress: nil), at: path)
  }

  @Test("a path from the home folder, and with slashes at its end")
  func home() throws {
    let path = try IDXCorpus().write(into: temporary, folder: "my data")
    expectCorpus(try library.load("~/my data//", progress: nil), at: path)
  }

  @Test("the name of a data set by path is its folder's")
  func name() throws {
    let path = try IDXCorpus().write(into: temporary, folder: "kana/raw")
    #expect(try library.load(path, progress: nil).name == "raw")
  }

  @Test("each file is announced")
  func progress() throws {
    let path = try IDXCorpus().write(into: temporary)
    var messages: [String] = []
    _ = try library.load(path) { messages.append($0) }
    #expect(messages.count == 4)
    #expect(messages.first == "reading \(path)/train-images-idx3-ubyte")
  }

  @Test("more than one chunk of compressed data")
  func manyChunks() throws {
    var corpus = IDXCorpus()
    corpus.files["train-images-idx3-ubyte"] = IDXCorpus.images([6, 300, 400])
    corpus.files["t10k-images-idx3-ubyte"] = IDXCorpus.images([4, 300, 400])
    let path = try corpus.write(into: temporary, compressed: true)
    let dataset = try library.load(path, progress: nil)
    #expect(dataset.training.pixels.count == 720_000)
    #expect(dataset.training.pixels.last == UInt8(truncatingIfNeeded: 719_999))
  }
}
