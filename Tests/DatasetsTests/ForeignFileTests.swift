import Datasets
import Testing

@Suite("Files of other formats")
struct ForeignFileTests {
  private let temporary: TemporaryFolder
  private let library = DatasetLibrary(searchPath: ["/nowhere"])

  init() throws {
    temporary = try TemporaryFolder()
  }

  static let kinds: [(name: String, bytes: [UInt8], says: [String])] = [
    ("data_batch_1", [0x80, 2, 0x7D], ["a Python pickle", "data get cifar-10"]),
    ("train_32x32.mat", [UInt8]("MATLAB 5.0 MAT-file, Platform".utf8), ["a MATLAB file", "scipy.io.loadmat"]),
    ("set.h5", [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], ["an HDF5 file", "h5py"]),
    ("train.parquet", [UInt8]("PAR1....".utf8), ["a Parquet file", "pandas.read_parquet"]),
    ("set.tar.gz", Tar.archive([Tar.Entry(name: "a", bytes: [1])]), ["a .tar.gz archive", "unpack it"]),
    (
      "set.zip", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [5, 0, 0, 0] + [UInt8]("a.png".utf8),
      ["a zip archive"]
    ),
    (
      "a.pt",
      [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22) + [16, 0, 0, 0] + [UInt8]("archive/data.pkl".utf8),
      ["PyTorch", "torch.load"]
    ),
    ("images.npy", [0x93] + [UInt8]("NUMPY".utf8), ["a single NumPy array", "numpy.savez"]),
    ("mnist.arff", [UInt8]("@relation mnist\n".utf8), ["ARFF", "save it as CSV"]),
  ]

  @Test("are named, with what to do, by path and in a folder", arguments: kinds.indices)
  func kind(index: Int) throws {
    let kind = Self.kinds[index]
    let path = try temporary.write(kind.bytes, to: "set/\(kind.name)")
    for place in [path, "\(temporary.path)/set"] {
      let error = try #require(throws: DatasetError.self) { try library.load(place, progress: nil) }
      #expect(error.code == .wrongFormat)
      for words in kind.says { #expect(error.message.contains(words), "\(error.message)") }
    }
  }
}
