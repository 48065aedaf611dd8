private import FoundationEssentials

/// Images in CIFAR's binary format: records of one or two labels and a 32 × 32 colour image.
///
/// An image consists of 1,024 bytes of red, then of green, then of blue, each row-major.
/// - SeeAlso: Krizhevsky, “The CIFAR-10 dataset”, binary version.
struct CIFARRecords: Sendable {
  /// Width and height of an image.
  static let side = 32
  private static let area = side * side

  /// Number of label bytes before each image, of which the last one is used.
  let labelBytes: Int
  /// Number of classes.
  let classCount: Int
  /// The class of each image.
  private(set) var labels: [UInt8] = []
  /// The images with the channels of a pixel together, shape `[labels.count, 32, 32, 3]`.
  private(set) var pixels: [UInt8] = []

  /// No images yet.
  init(labelBytes: Int, classCount: Int) {
    self.labelBytes = labelBytes
    self.classCount = classCount
  }

  /// Appends the images of a file.
  /// - Parameter others: number of files of about the same size that follow.
  /// - Throws: `DatasetError` if the file can't be read, ends within a record, or contains an invalid label.
  mutating func append(_ path: String, others: Int) throws {
    let data = try DatasetFile.contents(of: path)
    let size = labelBytes + 3 * Self.area
    guard !data.isEmpty else {
      throw DatasetError(.empty, path: path, expected: "records of \(size) bytes", found: "nothing")
    }
    let (count, rest) = data.count.quotientAndRemainder(dividingBy: size)
    guard rest == 0 else {
      throw DatasetError(
        .truncated, path: path, expected: "records of \(size) bytes", found: "the end after \(rest) of record \(count)")
    }
    for record in 0..<count {
      let label = data[record * size + labelBytes - 1]
      guard Int(label) < classCount else {
        throw DatasetError(
          .invalidLabel, path: path, expected: "labels from 0 to \(classCount - 1)",
          found: "\(label) in record \(record)")
      }
      labels.append(label)
    }
    // Most of the time is spent on new memory pages, so the capacity is reserved at once.
    if pixels.isEmpty { pixels.reserveCapacity((1 + others) * count * 3 * Self.area) }
    appendPixels(data, count: count)
  }

  private mutating func appendPixels(_ data: Data, count: Int) {
    let (area, labelBytes) = (Self.area, labelBytes)
    var end = pixels.count
    pixels.append(contentsOf: repeatElement(0, count: count * 3 * area))
    var target = pixels.mutableSpan
    let source = data.span
    for record in 0..<count {
      let start = record * (labelBytes + 3 * area) + labelBytes
      // Bounds are then checked once per image instead of once per pixel.
      let red = source.extracting(start..<start + area)
      let green = source.extracting(start + area..<start + 2 * area)
      let blue = source.extracting(start + 2 * area..<start + 3 * area)
      for pixel in 0..<area {
        target[end + 3 * pixel] = red[pixel]
        target[end + 3 * pixel + 1] = green[pixel]
        target[end + 3 * pixel + 2] = blue[pixel]
      }
      end += 3 * area
    }
  }
}
