/// The four files of a small data set, to be damaged one at a time.
struct IDXCorpus: Sendable {
  /// File names, without the extension of compressed files, and contents.
  var files: [String: [UInt8]]

  /// Six training and four test images of 3 × 2 pixels, of three classes.
  init() {
    files = [
      "train-images-idx3-ubyte": Self.images([6, 2, 3]),
      "train-labels-idx1-ubyte": Self.labels([0, 1, 2, 0, 1, 2]),
      "t10k-images-idx3-ubyte": Self.images([4, 2, 3]),
      "t10k-labels-idx1-ubyte": Self.labels([2, 1, 0, 1]),
    ]
  }

  /// Images of 3 × 2 pixels with these labels; with a prefix for the names of EMNIST and QMNIST.
  init(training: [UInt8], test: [UInt8], prefix: String = "") {
    let testPart = prefix.isEmpty ? "t10k" : "test"
    files = [
      "\(prefix)train-images-idx3-ubyte": Self.images([UInt32(training.count), 2, 3]),
      "\(prefix)train-labels-idx1-ubyte": Self.labels(training),
      "\(prefix)\(testPart)-images-idx3-ubyte": Self.images([UInt32(test.count), 2, 3]),
      "\(prefix)\(testPart)-labels-idx1-ubyte": Self.labels(test),
    ]
  }

  /// A file with as many bytes as the shape says, counting up from 0.
  static func images(_ shape: [UInt32]) -> [UInt8] {
    let count = shape.reduce(1, *)
    return header(magic: 0x0803, shape: shape) + (0..<count).map { UInt8(truncatingIfNeeded: $0) }
  }

  /// A file of labels.
  static func labels(_ labels: [UInt8]) -> [UInt8] {
    header(magic: 0x0801, shape: [UInt32(labels.count)]) + labels
  }

  /// Only a header.
  static func header(magic: UInt32, shape: [UInt32]) -> [UInt8] {
    ([magic] + shape).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
  }

  /// Writes the files into a folder below the temporary one.
  /// - Returns: the path of the folder.
  @discardableResult
  func write(into temporary: TemporaryFolder, folder: String = "data", compressed: Bool = false) throws -> String {
    for (name, bytes) in files {
      try temporary.write(compressed ? Gzip.stored(bytes) : bytes, to: "\(folder)/\(name)\(compressed ? ".gz" : "")")
    }
    return "\(temporary.path)/\(folder)"
  }
}
