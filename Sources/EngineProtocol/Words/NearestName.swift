/// Suggests the known name that a misspelt one was probably meant to be.
package enum NearestName {
  /// Returns the name nearest to `word`; nil if none is similar enough.
  ///
  /// A name is similar if at most a third of its characters are wrong, missing, added, or swapped with a neighbour,
  /// ignoring case. If there is none, the shortest name that begins with the word is taken.
  package static func of(_ word: String, among names: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    // Longer words are not names, and comparing takes time proportional to the product of both lengths.
    guard (1...100).contains(letters.count) else { return nil }
    let limit = max(1, letters.count / 3)
    var best: (name: String, distance: Int)?
    for name in names where name != word && name.count <= 100 {
      let distance = distance(letters, Array(name.lowercased()))
      if distance <= limit, distance < name.count, distance < best?.distance ?? .max { best = (name, distance) }
    }
    if let best { return best.name }
    guard letters.count >= 3 else { return nil }
    let longer = names.filter { $0.lowercased().hasPrefix(word.lowercased()) && $0 != word }
    return longer.min { ($0.count, $0) < ($1.count, $1) }
  }

  /// Returns the end of an error message about `word`: “; did you mean “adam”?”, or an empty string.
  package static func question(_ word: String, among names: some Sequence<String>) -> String {
    of(word, among: names).map { "; did you mean “\($0)”?" } ?? ""
  }

  // The edit distance: insertions, deletions, replacements and swaps of neighbours.
  private static func distance(_ first: [Character], _ second: [Character]) -> Int {
    var previous: [Int] = []
    var row = Array(0...second.count)
    for (i, letter) in first.enumerated() {
      let before = previous
      previous = row
      row[0] = i + 1
      for (j, other) in second.enumerated() {
        row[j + 1] = min(previous[j + 1] + 1, row[j] + 1, previous[j] + (letter == other ? 0 : 1))
        if i > 0, j > 0, letter == second[j - 1], first[i - 1] == other {
          row[j + 1] = min(row[j + 1], before[j - 1] + 1)
        }
      }
    }
    return row[second.count]
  }
}
