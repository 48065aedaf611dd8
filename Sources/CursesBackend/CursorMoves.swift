/// What a terminal knows that shortens what is sent to it: movements of its cursor, and glyphs that repeat.
package struct CursorMoves: Sendable {
  /// A cell of the screen.
  struct Place: Hashable, Sendable {
    var x: Int
    var y: Int
  }

  /// Whether a column and a row can be named alone (HPA, VPA).
  package var namesColumn = false, namesRow = false
  /// Whether the cursor can be moved by a number of cells (CUF, CUB, CUD, CUU).
  package var counts = false
  /// Whether a line feed moves down, and a backspace left, and no more than that.
  package var feedsLines = false, steps = false
  /// Whether a glyph can be repeated (REP).
  package var repeats = false

  /// Moves that every terminal knows that reads ANSI sequences: to a cell by its column and row.
  package init() {}

  /// The moves of a terminal, by its terminfo entry.
  /// - Parameter capability: the string of a name; nil where there is none.
  package init(capability: (String) -> String?) {
    namesColumn = capability("hpa") == "\u{1B}[%i%p1%dG"
    namesRow = capability("vpa") == "\u{1B}[%i%p1%dd"
    counts =
      capability("cuf") == "\u{1B}[%p1%dC" && capability("cub") == "\u{1B}[%p1%dD"
      && capability("cud") == "\u{1B}[%p1%dB" && capability("cuu") == "\u{1B}[%p1%dA"
    feedsLines = capability("cud1") == "\n"
    steps = capability("cub1") == "\u{8}"
    repeats = capability("rep") == "%p1%c\u{1B}[%p2%{1}%-%db"
  }

  /// Glyphs with runs of equal ASCII ones shortened; others are not repeated everywhere.
  func shortened(_ glyphs: [UInt8]) -> [UInt8] {
    guard repeats, glyphs.count > 8 else { return glyphs }
    var result: [UInt8] = []
    var index = 0
    while index < glyphs.count {
      let byte = glyphs[index]
      var end = index + 1
      while end < glyphs.count, glyphs[end] == byte { end += 1 }
      if end - index > 7, byte < 0x80 {
        result.append(byte)
        result += Self.sequence(end - index - 1, "b")
      } else {
        result += glyphs[index..<end]
      }
      index = end
    }
    return result
  }

  /// How many bytes `bytes` gives.
  func cost(from former: Place?, to place: Place) -> Int {
    guard former != place else { return 0 }
    let whole = absoluteCost(place)
    guard let former else { return whole }
    let (rows, columns) = (rowCost(former.y, place.y), columnCost(former.x, place.x))
    return min(whole, rows + columns)
  }

  /// The bytes that move the cursor to a place.
  /// - Parameter former: where it stands; nil where that is not known.
  func bytes(from former: Place?, to place: Place) -> [UInt8] {
    guard former != place else { return [] }
    let whole = absoluteCost(place)
    if let former, rowCost(former.y, place.y) + columnCost(former.x, place.x) < whole {
      return columnBytes(former.x, place.x) + rowBytes(former.y, place.y)
    }
    if place == Place(x: 0, y: 0) { return Array("\u{1B}[H".utf8) }
    return Array("\u{1B}[\(place.y + 1);\(place.x + 1)H".utf8)
  }

  // More than any way costs.
  private static let never = 99

  private func absoluteCost(_ place: Place) -> Int {
    place == Place(x: 0, y: 0) ? 3 : 4 + Self.digits(place.y + 1) + Self.digits(place.x + 1)
  }

  private static func digits(_ number: Int) -> Int { number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : 5 }

  // A sequence with one number, which is left out where it is 1.
  private static func counted(_ number: Int) -> Int { number == 1 ? 3 : 3 + digits(number) }

  private static func sequence(_ number: Int, _ final: String) -> [UInt8] {
    Array("\u{1B}[\(number == 1 ? "" : "\(number)")\(final)".utf8)
  }

  private func rowCost(_ from: Int, _ to: Int) -> Int {
    if from == to { return 0 }
    return min(
      feedsLines && to > from ? to - from : Self.never, counts ? Self.counted(abs(to - from)) : Self.never,
      namesRow ? Self.counted(to + 1) : Self.never)
  }

  private func rowBytes(_ from: Int, _ to: Int) -> [UInt8] {
    let cost = rowCost(from, to)
    if cost == 0 { return [] }
    if feedsLines, to > from, cost == to - from { return Array(repeating: 0x0A, count: cost) }
    if counts, cost == Self.counted(abs(to - from)) { return Self.sequence(abs(to - from), to > from ? "B" : "A") }
    return Self.sequence(to + 1, "d")
  }

  private func columnCost(_ from: Int, _ to: Int) -> Int {
    if from == to { return 0 }
    return min(
      to == 0 ? 1 : Self.never, steps && to < from ? from - to : Self.never,
      counts ? Self.counted(abs(to - from)) : Self.never, namesColumn ? Self.counted(to + 1) : Self.never)
  }

  private func columnBytes(_ from: Int, _ to: Int) -> [UInt8] {
    let cost = columnCost(from, to)
    if cost == 0 { return [] }
    if to == 0 { return [0x0D] }
    if steps, to < from, cost == from - to { return Array(repeating: 0x08, count: cost) }
    if counts, cost == Self.counted(abs(to - from)) { return Self.sequence(abs(to - from), to > from ? "C" : "D") }
    return Self.sequence(to + 1, "G")
  }
}
