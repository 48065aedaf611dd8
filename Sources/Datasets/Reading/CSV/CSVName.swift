private import FoundationEssentials

/// The name of a CSV file, split into its parts: `mnist` `_train` `.csv`.
struct CSVName: Sendable {
  /// The part of a data set.
  enum Part: Sendable {
    case training
    case test
    case other
  }

  /// The text before the part, which identifies the set; empty for `train.csv`.
  let prefix: String
  /// The part.
  let part: Part
  // A plain file has priority over a compressed one.
  private let rank: Int

  private static let suffixes = [".csv", ".tsv", ".csv.gz", ".tsv.gz"]
  private static let parts: [(word: String, part: Part)] = [
    ("training", .training), ("train", .training), ("testing", .test), ("test", .test),
  ]

  /// Splits a name; nil if it is not of this form.
  init?(_ name: String) {
    let lowered = name.lowercased()
    guard !name.hasPrefix("."), let rank = Self.suffixes.firstIndex(where: { lowered.hasSuffix($0) }) else {
      return nil
    }
    self.rank = rank
    let stem = name.dropLast(Self.suffixes[rank].count)
    for (word, part) in Self.parts where stem.lowercased().hasSuffix(word) {
      let prefix = stem.dropLast(word.count)
      guard let last = prefix.last else {
        (self.prefix, self.part) = ("", part)
        return
      }
      if "_-. ".contains(last) {
        (self.prefix, self.part) = (String(prefix), part)
        return
      }
    }
    (prefix, part) = (String(stem), .other)
  }

  /// Returns a set's prefix without its trailing separator.
  static func shown(_ prefix: String) -> String {
    let text = prefix.last.map("_-. ".contains) == true ? String(prefix.dropLast()) : prefix
    return CSVText.visible(text.utf8)
  }

  /// The files of a directory.
  struct Files: Sendable {
    /// The training file of each set.
    var training: [String: String] = [:]
    /// The test file of each set.
    var test: [String: String] = [:]
    /// Files of neither part, and files that another one replaces.
    var others: [String] = []

    /// All names.
    var all: [String] { Array(training.values) + Array(test.values) + others }
  }

  /// Returns the files of a directory, by set and part.
  static func files(in folder: String) -> Files {
    var files = Files()
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    let found = names.compactMap { name in CSVName(name).map { (name, $0) } }
    for (file, name) in found.sorted(by: { ($0.1.rank, $0.0) < ($1.1.rank, $1.0) }) {
      guard FileManager.default.isFile("\(folder)/\(file)") else { continue }
      switch name.part {
      case .training where files.training[name.prefix] == nil: files.training[name.prefix] = file
      case .test where files.test[name.prefix] == nil: files.test[name.prefix] = file
      default: files.others.append(file)
      }
    }
    return files
  }
}
