private import FoundationEssentials

/// The name of a file of separated values, taken apart: `mnist` `_train` `.csv`.
struct CSVName: Sendable {
  /// Which part of a data set a file is.
  enum Part: Sendable {
    case training
    case test
    case other
  }

  /// What stands before the part: the set that the file belongs to; empty for `train.csv`.
  let prefix: String
  /// The part that the name says.
  let part: Part
  // A plain file goes before a compressed one.
  private let rank: Int

  private static let suffixes = [".csv", ".tsv", ".csv.gz", ".tsv.gz"]
  private static let parts: [(word: String, part: Part)] = [
    ("training", .training), ("train", .training), ("testing", .test), ("test", .test),
  ]

  /// Takes a name apart; nil where it is none of such a file.
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

  /// A set's prefix without the sign at its end.
  static func shown(_ prefix: String) -> String {
    let text = prefix.last.map("_-. ".contains) == true ? String(prefix.dropLast()) : prefix
    return CSVText.visible(text.utf8)
  }

  /// The files of a folder.
  struct Files: Sendable {
    /// The file to learn from of each set.
    var training: [String: String] = [:]
    /// The file to test on of each set.
    var test: [String: String] = [:]
    /// Files of neither part, and those for which another one is taken.
    var others: [String] = []

    /// The names of all.
    var all: [String] { Array(training.values) + Array(test.values) + others }
  }

  /// The files of a folder, by set and part.
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
