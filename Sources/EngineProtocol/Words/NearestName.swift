/// The known name that a misspelt one was probably meant to be.
package enum NearestName {
  /// The name nearest to `word`; nil where none is near enough to be meant.
  ///
  /// Near is a name in which at most every third letter is wrong, missing, added, or has changed places with its
  /// neighbour; capitals do not count. Where none is, the shortest name that begins with the word.
  package static func of(_ word: String, among names: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased())
    // A longer word is no name; comparing takes the product of both lengths.
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

  /// The end of an error about `word`: “; did you mean “adam”?”, or nothing.
  package static func question(_ word: String, among names: some Sequence<String>) -> String {
    of(word, among: names).map { "; did you mean “\($0)”?" } ?? ""
  }

  // Insertions, deletions, replacements and swaps of neighbours from one word to the other.
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
