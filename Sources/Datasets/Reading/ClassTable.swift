/// Converts the labels of both parts of a data set to classes.
///
/// Consecutive labels from 0 stay unchanged. Others are mapped in ascending order: EMNIST's 1 to 26 become classes 0 to
/// 25, with their labels as names. The training images alone determine the classes.
struct ClassTable {
  /// The maximum number of classes.
  static let largestCount = 256

  /// Labels as stored in a file.
  struct Part {
    /// The path, for errors.
    let path: String
    /// One label per image.
    let labels: [Int]
    /// Returns the position of a label for errors: “at index 4”, “in row 5”.
    let place: (Int) -> String

    /// The labels of a file.
    init(path: String, labels: [Int], place: @escaping (Int) -> String = { "at index \($0)" }) {
      self.path = path
      self.labels = labels
      self.place = place
    }

    /// The number of occurrences of each label.
    var counts: [Int: Int] {
      // Most labels are bytes, for which an array is much faster than a dictionary.
      var bytes = [Int](repeating: 0, count: 256)
      var others: [Int: Int] = [:]
      for label in labels {
        if label >= 0, label < 256 { bytes[label] += 1 } else { others[label, default: 0] += 1 }
      }
      for (label, count) in bytes.enumerated() where count > 0 { others[label] = count }
      return others
    }
  }

  /// The class names.
  let classes: [String]
  /// The class of each training image.
  let training: [UInt8]
  /// The class of each test image.
  let test: [UInt8]
  /// Which labels were mapped, and which classes have no images.
  let notes: [String]

  /// Converts labels to classes.
  /// - Parameter names: the names of the classes 0, 1, …; nil if the labels determine the classes.
  /// - Throws: `DatasetError` if all training images have the same label, or a label is not a class.
  init(training: Part, test: Part, names: [String]?) throws {
    let (counts, testCounts) = (training.counts, test.counts)
    let distinct = counts.keys.sorted()
    guard let smallest = distinct.first, let largest = distinct.last, smallest < largest else {
      throw DatasetError(
        .empty, path: training.path, expected: "at least two classes",
        found: distinct.first.map { "only label \($0)" } ?? "no label")
    }
    let isMapped = names == nil && (smallest != 0 || largest != distinct.count - 1)
    let known = names.map { Array(0..<$0.count) } ?? distinct
    guard known.count <= Self.largestCount else {
      throw DatasetError(
        .tooLarge, path: training.path, expected: "at most \(Self.largestCount) classes", found: "\(known.count)")
    }
    let expected =
      isMapped ? "the labels of the training images (\(Self.list(known)))" : "labels from 0 to \(known.count - 1)"
    let table = Dictionary(uniqueKeysWithValues: known.enumerated().map { ($1, UInt8($0)) })
    for (part, counts) in [(training, counts), (test, testCounts)] {
      guard let index = part.labels.firstIndex(where: { table[$0] == nil }) else { continue }
      let strangers = counts.reduce(0) { $0 + (table[$1.key] == nil ? $1.value : 0) }
      throw DatasetError(
        .invalidLabel, path: part.path, expected: expected,
        found: "\(part.labels[index]) \(part.place(index))" + (strangers > 1 ? ", and \(strangers - 1) more such" : ""))
    }
    let classes = names ?? known.map(String.init)
    func missing(_ counts: [Int: Int]) -> [String] {
      known.indices.filter { counts[known[$0]] == nil }.map { classes[$0] }
    }
    var notes: [String] = []
    if isMapped {
      notes.append(
        "labels \(Self.list(known)) are \(known.count) classes, numbered from 0 in this order, with the labels as names"
      )
    }
    for (part, counts) in [("training", counts), ("test", testCounts)] {
      let lost = missing(counts)
      guard !lost.isEmpty else { continue }
      notes.append(
        "\(lost.count) of \(classes.count) classes \(lost.count == 1 ? "has" : "have") no \(part) images: "
          + Self.list(lost))
    }
    self.classes = classes
    self.notes = notes
    self.training = Self.numbers(training.labels, table, isMapped: isMapped)
    self.test = Self.numbers(test.labels, table, isMapped: isMapped)
  }

  private static func numbers(_ labels: [Int], _ table: [Int: UInt8], isMapped: Bool) -> [UInt8] {
    isMapped ? labels.map { table[$0] ?? 0 } : labels.map { UInt8($0) }
  }

  /// Returns the first items and the last one: “1, 2, 3, … 26”.
  private static func list<Item>(_ items: [Item]) -> String {
    guard items.count > 12 else { return items.map { "\($0)" }.joined(separator: ", ") }
    return items.prefix(4).map { "\($0)" }.joined(separator: ", ") + ", … \(items[items.count - 1])"
  }
}

extension Dataset {
  /// The data set as it was read by versions that did not map labels with gaps: each label is an output, even without
  /// images. Nil if no labels are mapped.
  ///
  /// A run recorded by such a version then continues with the same images, labels and outputs.
  package var withGaps: Dataset? {
    let labels = classes.compactMap { UInt8($0) }
    guard labels.count == classes.count, let largest = labels.last, Int(largest) >= labels.count,
      zip(labels, labels.dropFirst()).allSatisfy({ $0 < $1 })
    else { return nil }
    func images(_ part: ImageDataset) -> ImageDataset {
      ImageDataset(
        width: part.width, height: part.height, channels: part.channels, pixels: part.pixels,
        labels: part.labels.map { labels[Int($0)] })
    }
    return Dataset(
      name: name, origin: origin, training: images(training), test: images(test),
      classes: (0...Int(largest)).map(String.init), notes: notes)
  }
}
