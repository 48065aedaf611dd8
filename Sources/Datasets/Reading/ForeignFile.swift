private import FoundationEssentials

/// Detects files of data sets in unsupported formats, with advice.
enum ForeignFile {
  /// Number of bytes needed to detect the format.
  static let headSize = 600

  /// A kind of file.
  struct Kind: Sendable {
    /// A description: “a zip archive”.
    let words: String
    /// What to do with it, as a clause.
    let advice: String
    /// Whether it is NumPy's archive of arrays, the only one of these formats that is supported.
    let isNumPyArchive: Bool

    fileprivate init(_ words: String, _ advice: String, isNumPyArchive: Bool = false) {
      self.words = words
      self.advice = advice
      self.isNumPyArchive = isNumPyArchive
    }
  }

  private static let unpack = "unpack it, and use the resulting folder"
  private static let convert =
    "convert it to NumPy's .npz with x_train, y_train, x_test, y_test, or to train.csv and test.csv"

  private static func isTar(_ head: [UInt8]) -> Bool { head.dropFirst(257).starts(with: "ustar".utf8) }

  /// Returns the kind of a file by its first bytes; nil if unknown.
  static func kind(of head: some Collection<UInt8>) -> Kind? {
    let head = Array(head.prefix(headSize))
    if head.starts(with: "PK".utf8) { return zipKind(head) }
    if head.starts(with: [0x93] + Array("NUMPY".utf8)) {
      return Kind(
        "a single NumPy array (.npy)",
        "save images and labels together: numpy.savez(\"set.npz\", x_train=…, "
          + "y_train=…, x_test=…, y_test=…)")
    }
    if head.starts(with: [0x80]), head.count > 2, (2...5).contains(head[1]) {
      return Kind(
        "a Python pickle",
        "CIFAR's binary version is read (signflip data get cifar-10 or cifar-100); "
          + "for another set, \(convert)")
    }
    if head.starts(with: "MATLAB".utf8) {
      return Kind("a MATLAB file (.mat)", "\(convert), in Python by scipy.io.loadmat")
    }
    if head.starts(with: hdf5) || head.dropFirst(512).starts(with: hdf5) {
      return Kind("an HDF5 file", "\(convert), in Python by h5py")
    }
    if head.starts(with: "PAR1".utf8) {
      return Kind("a Parquet file", "\(convert), in Python by pandas.read_parquet")
    }
    if head.starts(with: "ARROW1".utf8) { return Kind("an Arrow file", "\(convert), in Python by pyarrow") }
    if isTar(head) { return Kind("a tar archive", unpack) }
    if head.starts(with: "SQLite format 3".utf8) { return Kind("an SQLite database", convert) }
    if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) { return Kind("an Excel workbook", "save it as CSV in UTF-8") }
    let archives: [(magic: [UInt8], words: String)] = [
      ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive"), (Array("Rar!".utf8), "a RAR archive"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "an xz-compressed file"), (Array("BZh".utf8), "a bzip2-compressed file"),
      ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard-compressed file"),
    ]
    return archives.first { head.starts(with: $0.magic) }.map { Kind($0.words, unpack) }
  }

  /// Returns the kind of a file by its first bytes and its name; nil if it is not a regular file, or unknown.
  static func kind(at path: String) -> Kind? {
    // Reading a FIFO would block.
    guard FileKind(of: SystemPath(path)) == .file,
      let data = try? Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    else { return nil }
    if GzipReader.recognizes(data) {
      let inside = try? GzipReader(data: data).prefix(headSize).bytes
      if let inside, isTar(Array(inside)) { return Kind("a .tar.gz archive", unpack) }
      return Kind("a gzip file", unpack)
    }
    if let kind = kind(of: data.prefix(headSize)) { return kind }
    let lowered = path.lowercased()
    if lowered.hasSuffix(".tfrecord") || lowered.contains(".tfrecord-") {
      return Kind("a TensorFlow record file", "\(convert), in Python by tensorflow_datasets.as_numpy")
    }
    if lowered.hasSuffix(".arff") { return Kind("a file of ARFF, Weka's format", "save it as CSV") }
    if lowered.hasSuffix(".mdb") { return Kind("an LMDB database", convert) }
    return nil
  }

  /// Returns the first known file in a directory by name; nil if there is none.
  static func first(in folder: String) -> (name: String, kind: Kind)? {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names.prefix(100) where !name.hasPrefix(".") {
      if let kind = kind(at: "\(folder)/\(name)") { return (CSVText.visible(name.utf8), kind) }
    }
    return nil
  }

  private static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Detects the kind of a zip archive by its first entry.
  private static func zipKind(_ head: [UInt8]) -> Kind {
    let length = head.count > 30 ? Int(head[26]) | Int(head[27]) << 8 : 0
    let name = String(decoding: head.dropFirst(30).prefix(length), as: UTF8.self)
    if name.hasSuffix(".npy") {
      return Kind(
        "an archive of NumPy's arrays (.npz)", "use the path of the .npz file itself", isNumPyArchive: true)
    }
    if name.hasSuffix("data.pkl") || name.hasSuffix("/.format_version") {
      return Kind("a file of PyTorch (.pt)", "\(convert), in Python by torch.load")
    }
    if name.hasPrefix("[Content_Types]") || name.hasPrefix("xl/") {
      return Kind("an Excel workbook", "save it as CSV in UTF-8")
    }
    return Kind("a zip archive", unpack)
  }
}
