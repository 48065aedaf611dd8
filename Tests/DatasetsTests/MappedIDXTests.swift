import Datasets
import Foundation
import Tensors
import Testing

@Suite("IDX files too large for memory")
struct MappedIDXTests {
  private let temporary: TemporaryFolder
  private let path: String

  /// 1,024 training images of 1 MiB, in which only the last byte is not zero: a sparse file, which takes no space on the
  /// disk.
  init() throws {
    temporary = try TemporaryFolder()
    var corpus = IDXCorpus()
    corpus.files["train-images-idx3-ubyte"] = IDXCorpus.header(magic: 0x0803, shape: [1_024, 1_024, 1_024])
    corpus.files["train-labels-idx1-ubyte"] = IDXCorpus.labels((0..<1_024).map { UInt8($0 % 3) })
    corpus.files["t10k-images-idx3-ubyte"] = IDXCorpus.images([1, 1_024, 1_024])
    corpus.files["t10k-labels-idx1-ubyte"] = IDXCorpus.labels([2])
    path = try corpus.write(into: temporary)
    try write([77], at: 16 + 1 << 30 - 1)
  }

  private var file: String { "\(path)/train-images-idx3-ubyte" }

  private func write(_ bytes: [UInt8], at offset: UInt64) throws {
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seek(toOffset: offset)
    try handle.write(contentsOf: Data(bytes))
    try handle.close()
  }

  @Test("are mapped, and small ones read")
  func mapped() throws {
    let dataset = try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    #expect(dataset.training.pixels.staysInFile)
    #expect(!dataset.test.pixels.staysInFile)
    #expect(dataset.training.count == 1_024)
    #expect(dataset.training.pixels.count == 1 << 30)
    #expect(dataset.training.pixels[(1 << 30) - 3..<1 << 30] == [0, 0, 77])
    let tensor = Tensor(rows: 0, columns: dataset.training.featureCount)
    tensor.gather(
      dataset.training.pixels, [1_023], shape: dataset.training.shape,
      scale: PixelScale(range: 0...255, channels: 1))
    #expect(tensor.values.last == 77)
  }

  @Test("are mapped also behind a link")
  func link() throws {
    try FileManager.default.moveItem(atPath: file, toPath: "\(temporary.path)/images")
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "\(temporary.path)/images")
    #expect(try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil).training.pixels.staysInFile)
  }

  /// The bytes written at an offset of the file, and the expected message.
  static let faults: [(bytes: [UInt8], offset: UInt64, code: DatasetError.Code, says: String)] = [
    (
      [1, 2], 16 + 1 << 30, .trailingBytes,
      "the end after 1073741824 bytes of data for 1024 × 1024 × 1024, found 2 more"
    ),
    ([5], 6, .truncated, "1342177280 bytes of data for 1280 × 1024 × 1024, found the end after 1073741824"),
    ([1], 3, .wrongFormat, "the magic number 0x00000803 of IDX images, found 0x00000801"),
    (
      [UInt8](repeating: 255, count: 12), 4, .tooLarge,
      "at most 9223372036854775807 bytes of data, found 4294967295 × 4294967295 × 4294967295"
    ),
  ]

  @Test("are refused where they are not what their header says", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    try write(fault.bytes, at: fault.offset)
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere"]).load(path, progress: nil)
    }
    #expect(error.code == fault.code)
    #expect(error.message == "\(file): expected \(fault.says)")
  }
}
