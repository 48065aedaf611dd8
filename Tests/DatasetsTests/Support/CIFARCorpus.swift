/// The files of a small CIFAR-10 or CIFAR-100, to be damaged one at a time.
struct CIFARCorpus: Sendable {
  /// File names and contents.
  var files: [String: [UInt8]]

  /// CIFAR-10: two records in each of five batches, three for testing.
  static var ten: CIFARCorpus {
    var files = [
      "test_batch.bin": record([9]) + record([0]) + record([5]),
      "batches.meta.txt": [UInt8]("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n".utf8),
    ]
    for batch in 1...5 {
      files["data_batch_\(batch).bin"] = record([UInt8(batch)], shift: batch) + record([0], shift: batch)
    }
    return CIFARCorpus(files: files)
  }

  /// CIFAR-100: two records for training, one for testing, no names.
  static var hundred: CIFARCorpus {
    CIFARCorpus(files: ["train.bin": record([19, 99]) + record([3, 0]), "test.bin": record([0, 42])])
  }

  /// Labels and an image: red counts up, green counts down, blue is the row.
  static func record(_ labels: [UInt8], shift: Int = 0) -> [UInt8] {
    labels
      + (0..<1024).map { UInt8(truncatingIfNeeded: $0 + shift) }
      + (0..<1024).map { UInt8(truncatingIfNeeded: 1023 - $0) }
      + (0..<1024).map { UInt8($0 / 32) }
  }

  /// The image of `record`, shape `[height, width, channels]`.
  static func image(shift: Int = 0) -> [UInt8] {
    (0..<1024).flatMap { pixel in
      [UInt8(truncatingIfNeeded: pixel + shift), UInt8(truncatingIfNeeded: 1023 - pixel), UInt8(pixel / 32)]
    }
  }

  /// Writes the files into a folder below the temporary one.
  /// - Returns: the path of the folder.
  @discardableResult
  func write(into temporary: TemporaryFolder, folder: String = "data") throws -> String {
    for (name, bytes) in files { try temporary.write(bytes, to: "\(folder)/\(name)") }
    return "\(temporary.path)/\(folder)"
  }
}
