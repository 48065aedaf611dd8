import Datasets
import Foundation
import Testing

@Suite("Gzip data as RFC 1952 and gzip allow them")
struct GzipTests {
  private let temporary: TemporaryFolder
  private let library = DatasetLibrary(searchPath: ["/nowhere"])

  init() throws {
    temporary = try TemporaryFolder()
  }

  /// The corpus with training labels compressed in a given way.
  private func write(_ pack: ([UInt8]) -> [UInt8]) throws -> String {
    var corpus = IDXCorpus()
    let name = "train-labels-idx1-ubyte"
    let labels = try #require(corpus.files[name])
    corpus.files[name] = nil
    corpus.files[name + ".gz"] = pack(labels)
    return try corpus.write(into: temporary)
  }

  static let ways: [(name: String, pack: @Sendable ([UInt8]) -> [UInt8], note: String?)] = [
    (
      "three members",
      { Gzip.stored([UInt8]($0[..<3])) + Gzip.stored([UInt8]($0[3..<9])) + Gzip.stored([UInt8]($0[9...])) }, nil
    ),
    ("empty members", { Gzip.stored([]) + Gzip.stored($0) + Gzip.stored([]) }, nil),
    ("padded with zeros", { Gzip.stored($0) + [UInt8](repeating: 0, count: 700) }, nil),
    ("zeros between members", { Gzip.stored([UInt8]($0[..<5])) + [0, 0] + Gzip.stored([UInt8]($0[5...])) }, nil),
    ("something behind", { Gzip.stored($0) + [1, 2, 3, 4, 5] }, "ignored 5 bytes after the gzip data"),
    (
      "a name in the header",
      { [0x1F, 0x8B, 8, 8, 0, 0, 0, 0, 0, 255] + [UInt8]("labels\0".utf8) + Gzip.stored($0)[10...] }, nil
    ),
  ]

  @Test("are read, and ignored parts are reported", arguments: ways.indices)
  func way(index: Int) throws {
    let way = Self.ways[index]
    let dataset = try library.load(write(way.pack), progress: nil)
    #expect(dataset.training.labels == [0, 1, 2, 0, 1, 2], "\(way.name)")
    #expect(dataset.notes == (way.note.map { ["train-labels-idx1-ubyte.gz: \($0)"] } ?? []), "\(way.name)")
  }

  static let damages: [(name: String, pack: @Sendable ([UInt8]) -> [UInt8], says: String)] = [
    ("cut trailer", { Gzip.stored($0).dropLast(3) }, "the gzip data is truncated: it ends after 34 bytes"),
    ("cut second member", { Gzip.stored($0) + Gzip.stored([7]).dropLast(9) }, "truncated"),
    (
      "second member of a wrong checksum",
      { Gzip.stored($0) + Gzip.stored([]).dropLast(8) + [1, 2, 3, 4, 0, 0, 0, 0] }, "damaged"
    ),
    ("a second member with more labels", { Gzip.stored($0) + Gzip.stored([7]) }, "found more"),
  ]

  @Test("are refused where they are cut or damaged", arguments: damages.indices)
  func damage(index: Int) throws {
    let damage = Self.damages[index]
    let path = try write(damage.pack)
    let error = try #require(throws: DatasetError.self, "\(damage.name)") { try library.load(path, progress: nil) }
    #expect(error.message.contains(damage.says), "\(damage.name): \(error.message)")
    #expect(error.message.contains("train-labels-idx1-ubyte.gz"))
  }

  @Test("randomly changed data are refused or give the same labels")
  func fuzz() throws {
    var draw = SplitMix(seed: 5)
    for _ in 0..<300 {
      let path = try write { labels in
        var bytes = Gzip.stored(labels)
        switch draw.next() % 3 {
        case 0: bytes[draw.next(below: bytes.count)] ^= 1 << UInt8(draw.next() % 8)
        case 1: bytes.removeSubrange(draw.next(below: bytes.count)...)
        default: bytes.insert(UInt8(truncatingIfNeeded: draw.next()), at: draw.next(below: bytes.count))
        }
        return bytes
      }
      do {
        #expect(try library.load(path, progress: nil).training.labels == [0, 1, 2, 0, 1, 2])
      } catch { #expect(error is DatasetError) }
    }
  }
}
