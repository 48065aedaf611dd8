private import FoundationEssentials

/// The name of an IDX file, taken apart: `emnist-letters-` `test` `-images-` `idx3-ubyte` `.gz`.
struct IDXName: Sendable {
  /// What stands before the usual name: the set that the file belongs to.
  let prefix: String
  /// Which of the four files it is.
  let part: IDXFolder.Part

  /// Takes a name apart; nil where it is no name of an IDX file.
  init?(_ name: String) {
    let stem = name.hasSuffix(".gz") ? name.dropLast(3) : name[...]
    // From behind: -ubyte, idx3, images, train.
    let isSeparator = { (character: Character) in character == "-" || character == "." || character == "_" }
    let words = stem.split(separator: /[-._]/, omittingEmptySubsequences: false)
    guard words.count >= 4, stem.contains(where: isSeparator) else { return nil }
    let (role, content, dimensions, type) = (
      words[words.count - 4], words[words.count - 3], words[words.count - 2], words[words.count - 1]
    )
    guard ["ubyte", "byte", "short", "int"].contains(type), dimensions.hasPrefix("idx"),
      let kind = IDXFile.Kind(rawValue: String(content)), ["train", "t10k", "test"].contains(role)
    else { return nil }
    prefix = String(name[..<role.startIndex])
    switch (role == "train", kind) {
    case (true, .images): part = .trainingImages
    case (true, .labels): part = .trainingLabels
    case (false, .images): part = .testImages
    case (false, .labels): part = .testLabels
    }
  }

  /// The files of a folder, by set and part; of several for one part, the usual name goes before another, and a plain
  /// file before a compressed one.
  static func sets(in folder: String) -> [String: [IDXFolder.Part: String]] {
    var sets: [String: [IDXFolder.Part: String]] = [:]
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names where name.utf8.count < 256 {
      guard let found = IDXName(name), FileManager.default.isFile("\(folder)/\(name)") else { continue }
      let rank = { (name: String) in
        found.part.fileNames.firstIndex(of: String(name.dropFirst(found.prefix.count))) ?? Int.max
      }
      if let other = sets[found.prefix]?[found.part], rank(other) <= rank(name) { continue }
      sets[found.prefix, default: [:]][found.part] = name
    }
    return sets
  }
}
