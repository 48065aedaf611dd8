import TerminalUI

/// Shortens what ncurses sends.
///
/// ncurses sets the foreground and the background for every pair, all anew when an attribute ends, and writes row by row.
/// Here its bytes are read. Cells are put in an order that needs few movements and few changes of colour, and before a
/// glyph only what differs from the terminal's state is sent, as one sequence; before a blank only what shows on it. All
/// other bytes pass where they stand, with the cells before them sent first. Where a sequence is not understood, all
/// pass from then on.
package struct OutputFilter: Sendable {
  private typealias Place = CursorMoves.Place

  // What ncurses believes to be set.
  private var wanted = TerminalStyle()
  // What is set; nil where that is not known.
  private var sent: TerminalStyle?
  // Where ncurses believes the cursor to be, and where it is; nil where that is not known. Where the first is not, bytes
  // pass in their order.
  private var believed: Place?
  private var actual: Place?
  private var cells = CellOrder()
  private var lastGlyph: [UInt8] = []
  // Whether only some rows scroll. At the last of them a line feed scrolls, and ncurses uses it for that.
  private var scrollsSomeRows = false
  // The glyphs that `ESC (` and SI or SO have chosen; 0 where that is not known.
  private var charset: UInt8 = 0
  private var shift: UInt8 = 0
  private var isPassing: Bool
  private let moves: CursorMoves

  /// The columns and rows of the screen; 0 where they are not known.
  package var size: (width: Int, height: Int) = (0, 0) { didSet { (believed, actual) = (nil, nil) } }

  /// A filter for a terminal whose state is not known.
  /// - Parameters:
  ///   - isANSI: whether its sequences are those of ANSI; else all passes.
  ///   - moves: how its cursor can be moved.
  package init(isANSI: Bool, moves: CursorMoves = CursorMoves()) {
    isPassing = !isANSI
    self.moves = moves
  }

  /// Forgets what the terminal's state is: someone else has had it.
  package mutating func forget() {
    let size = size
    self = OutputFilter(isANSI: !isPassing, moves: moves)
    self.size = size
  }

  /// Sends whole sequences and text on.
  /// - Parameter keepsCursor: whether the cursor is to be left where ncurses believes it to be: it can be seen.
  package mutating func filter(_ bytes: [UInt8], keepsCursor: Bool = true) -> [UInt8] {
    if isPassing { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x1B {
        let end = Self.end(ofSequenceAt: index, in: bytes)
        guard take(Array(bytes[index..<end]), &result) else {
          settle(&result)
          isPassing = true
          return result + bytes[index...]
        }
        index = end
      } else if byte < 0x20 {
        control(byte, &result)
        index += 1
      } else {
        var end = index + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        write(Array(bytes[index..<end]), &result)
        index = end
      }
    }
    flush(&result)
    if keepsCursor { settlePlace(&result) }
    return result
  }

  /// The bytes that bring the terminal to the state in which ncurses believes it to be.
  package mutating func settled() -> [UInt8] {
    var result: [UInt8] = []
    if !isPassing { settle(&result) }
    return result
  }

  // MARK: Cells

  private mutating func write(_ glyph: [UInt8], _ result: inout [UInt8]) {
    let isBlank = glyph == [0x20]
    lastGlyph = glyph
    guard let place = believed else {
      flush(&result)
      if !isBlank || sent.map({ !$0.looksBlankLike(wanted) }) ?? true { settleStyle(&result) }
      result += glyph
      actual = nil
      return
    }
    // Nothing is written twice, or the order would matter.
    if cells.spans.count >= CellOrder.limit || cells.contains(place) { flush(&result) }
    let scalar = String(decoding: glyph, as: UTF8.self).unicodeScalars.first ?? " "
    let width = max(1, displayWidth(scalar))
    cells.append(CellOrder.Span(place: place, width: width, bytes: glyph, style: wanted, isBlank: isBlank))
    move(to: Place(x: place.x + width, y: place.y), &result)
  }

  // Takes in where ncurses believes the cursor to be.
  private mutating func move(to place: Place, _ result: inout [UInt8]) {
    guard place.x < size.width else {
      // Behind the last column it waits: what comes next has to find it there.
      let last = cells.popLast()
      flush(&result)
      if let last { cells.append(last) }
      flush(&result)
      believed = nil
      return
    }
    believed = place
  }

  // Sends the cells that are held back.
  private mutating func flush(_ result: inout [UInt8]) {
    guard !cells.spans.isEmpty else { return }
    for index in cells.order(from: actual, sent, moves: moves, edge: size.width) {
      let span = cells.spans[index]
      result += moves.bytes(from: actual, to: span.place)
      if !span.isBlank || !(sent.map { $0.looksBlankLike(span.style) } ?? false) {
        result += span.style.change(from: sent)
        sent = span.style
      }
      result += moves.shortened(span.bytes)
      let x = span.place.x + span.width
      actual = x < size.width ? Place(x: x, y: span.place.y) : nil
    }
    cells.removeAll()
  }

  private mutating func settleStyle(_ result: inout [UInt8]) {
    result += wanted.change(from: sent)
    sent = wanted
  }

  private mutating func settlePlace(_ result: inout [UInt8]) {
    guard let believed, believed != actual else { return }
    result += moves.bytes(from: actual, to: believed)
    actual = believed
  }

  private mutating func settle(_ result: inout [UInt8]) {
    flush(&result)
    settlePlace(&result)
    settleStyle(&result)
  }

  // MARK: Sequences

  private static func end(ofSequenceAt start: Int, in bytes: [UInt8]) -> Int {
    var index = start + 1
    guard index < bytes.count else { return bytes.count }
    if bytes[index] == 0x5B {
      index += 1
      while index < bytes.count, bytes[index] < 0x40 { index += 1 }
    } else {
      // Intermediate bytes, as in `ESC ( B`.
      while index < bytes.count, (0x20..<0x30).contains(bytes[index]) { index += 1 }
    }
    return min(bytes.count, index + 1)
  }

  private mutating func control(_ byte: UInt8, _ result: inout [UInt8]) {
    switch byte {
    case 0x0E, 0x0F:
      if shift == byte { return }
      flush(&result)
      shift = byte
      result.append(byte)
    case 0x08: step(byte, &result) { Place(x: max(0, $0.x - 1), y: $0.y) }
    case 0x0D: step(byte, &result) { Place(x: 0, y: $0.y) }
    // A line feed at the foot would bring in a blank row; ncurses moves the cursor with it.
    case 0x0A where believed.map({ !scrollsSomeRows && $0.y + 1 < size.height }) ?? false:
      step(byte, &result) { Place(x: $0.x, y: $0.y + 1) }
    default: pass([byte], &result, isPlaceKnown: byte == 0x07)
    }
  }

  // Takes in a movement from where the cursor is; where that is not known it passes.
  private mutating func step(_ byte: UInt8, _ result: inout [UInt8], _ change: (Place) -> Place) {
    guard let place = believed else { return pass([byte], &result) }
    believed = change(place)
  }

  // Sends bytes that mean something where they stand.
  private mutating func pass(_ bytes: [UInt8], _ result: inout [UInt8], isPlaceKnown: Bool = false) {
    flush(&result)
    settlePlace(&result)
    result += bytes
    if !isPlaceKnown { (believed, actual) = (nil, nil) }
  }

  // Takes in a sequence and sends it on where it has to be; false where it is not understood.
  private mutating func take(_ bytes: [UInt8], _ result: inout [UInt8]) -> Bool {
    guard bytes.count > 2, let final = bytes.last else {
      // A keypad mode passes; what saves or restores the state, or resets the terminal, does not.
      guard bytes.count == 2, [0x3D, 0x3E, 0x4D].contains(bytes[1]) else { return false }
      pass(bytes, &result, isPlaceKnown: bytes[1] != 0x4D)
      return true
    }
    if bytes[1] == 0x28, bytes.count == 3 {
      if charset != final { pass(bytes, &result, isPlaceKnown: true) }
      charset = final
      return true
    }
    // Other sets of glyphs are only made ready.
    if (0x29...0x2F).contains(bytes[1]) {
      pass(bytes, &result, isPlaceKnown: true)
      return true
    }
    guard bytes[1] == 0x5B else { return false }
    let text = bytes[2..<(bytes.count - 1)]
    switch final {
    case UInt8(ascii: "m"): return wanted.take(text)
    case UInt8(ascii: "H"): if goTo(text) { return true }
    case UInt8(ascii: "A")...UInt8(ascii: "D"), UInt8(ascii: "G"), UInt8(ascii: "d"): if go(final, text) { return true }
    case UInt8(ascii: "b"): if repeatLast(text, &result) { return true }
    case UInt8(ascii: "J"), UInt8(ascii: "K"), UInt8(ascii: "X"), UInt8(ascii: "@"), UInt8(ascii: "P"):
      // Blanks appear in the background's colour, and only in that; the cursor stays.
      flush(&result)
      if !(sent?.hasGround(of: wanted) ?? false) { settleStyle(&result) }
      pass(bytes, &result, isPlaceKnown: true)
      return true
    case UInt8(ascii: "L"), UInt8(ascii: "M"), UInt8(ascii: "S"), UInt8(ascii: "T"):
      flush(&result)
      if !(sent?.hasGround(of: wanted) ?? false) { settleStyle(&result) }
    case UInt8(ascii: "h"), UInt8(ascii: "l"), UInt8(ascii: "t"):
      pass(bytes, &result, isPlaceKnown: bytes.starts(with: Array("\u{1B}[?25".utf8)))
      return true
    case UInt8(ascii: "r"):
      let rows = Self.numbers(text) ?? []
      scrollsSomeRows = !text.isEmpty && rows != [1, size.height]
    default: break
    }
    pass(bytes, &result)
    return true
  }

  // The numbers of a sequence, 1 for those left out; nil where it has other bytes.
  private static func numbers(_ text: ArraySlice<UInt8>) -> [Int]? {
    guard text.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x3B }) else { return nil }
    return text.split(separator: 0x3B, omittingEmptySubsequences: false).map { part in
      max(1, part.reduce(0) { min(99_999, $0 * 10 + Int($1) - 48) })
    }
  }

  // The glyph before once more, and more often (REP).
  private mutating func repeatLast(_ text: ArraySlice<UInt8>, _ result: inout [UInt8]) -> Bool {
    guard let place = believed, let count = Self.numbers(text)?.first, !lastGlyph.isEmpty, place.x + count <= size.width
    else { return false }
    for _ in 0..<count { write(lastGlyph, &result) }
    return true
  }

  private mutating func goTo(_ text: ArraySlice<UInt8>) -> Bool {
    guard size.width > 0, let numbers = Self.numbers(text), numbers.count < 3 else { return false }
    let (row, column) = (numbers.first ?? 1, numbers.count == 2 ? numbers[1] : 1)
    guard row <= size.height, column <= size.width else { return false }
    believed = Place(x: column - 1, y: row - 1)
    return true
  }

  private mutating func go(_ final: UInt8, _ text: ArraySlice<UInt8>) -> Bool {
    guard var place = believed, let numbers = Self.numbers(text), numbers.count < 2 else { return false }
    let number = numbers.first ?? 1
    switch final {
    case UInt8(ascii: "A"): place.y -= number
    case UInt8(ascii: "B"): place.y += number
    case UInt8(ascii: "C"): place.x += number
    case UInt8(ascii: "D"): place.x -= number
    case UInt8(ascii: "G"): place.x = number - 1
    default: place.y = number - 1
    }
    // What would be stopped at a border passes, and is then where the terminal says.
    guard (0..<size.width).contains(place.x), (0..<size.height).contains(place.y) else { return false }
    believed = place
    return true
  }
}
