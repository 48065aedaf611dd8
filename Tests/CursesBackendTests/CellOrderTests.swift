import CursesBackend
import Testing

@Suite("The order in which cells are written")
struct CellOrderTests {
  private static func moves(repeats: Bool = true) -> CursorMoves {
    let strings = [
      "hpa": "\u{1B}[%i%p1%dG", "vpa": "\u{1B}[%i%p1%dd", "cuf": "\u{1B}[%p1%dC", "cub": "\u{1B}[%p1%dD",
      "cud": "\u{1B}[%p1%dB", "cuu": "\u{1B}[%p1%dA", "cud1": "\n", "cub1": "\u{8}",
      "rep": "%p1%c\u{1B}[%p2%{1}%-%db",
    ]
    return CursorMoves { strings[$0].flatMap { $0.hasSuffix("b") && !repeats ? nil : $0 } }
  }

  private static func filter(_ width: Int, _ height: Int, moves: CursorMoves = moves()) -> OutputFilter {
    var filter = OutputFilter(isANSI: true, moves: moves)
    filter.size = (width, height)
    return filter
  }

  private func filtered(_ text: String, _ filter: inout OutputFilter, keepsCursor: Bool = false) -> String {
    String(decoding: filter.filter(Array(text.utf8), keepsCursor: keepsCursor), as: UTF8.self)
  }

  @Test("A column of cells in two colours is written colour by colour, downwards")
  func column() {
    var filter = Self.filter(80, 24)
    let text =
      "\u{1B}[3;9H\u{1B}[31m⠁\u{1B}[32m⠂\u{1B}[4;9H\u{1B}[31m⠃\u{1B}[32m⠄\u{1B}[5;9H\u{1B}[31m⠅\u{1B}[32m⠆"
    #expect(
      filtered(text, &filter)
        == "\u{1B}[3;9H\u{1B}[0;31m⠁\u{8}\n⠃\u{8}\n⠅\u{1B}[32m⠆\u{8}\u{1B}[A⠄\u{8}\u{1B}[A⠂")
  }

  @Test("The cursor ends where it should be seen, and starts where ncurses expects it")
  func cursor() {
    var filter = Self.filter(80, 24)
    #expect(filtered("\u{1B}[5;5Hab\u{1B}[2;3H", &filter, keepsCursor: true) == "\u{1B}[5;5H\u{1B}[0mab\u{1B}[2;3H")
    // The filter's position, which differs from the cursor's.
    #expect(filtered("\u{1B}[9;9Hc\u{1B}[2;3H", &filter) == "\u{1B}[9;9Hc")
    #expect(filtered("\u{1B}[Cd", &filter) == "\u{1B}[2;4Hd")
    _ = filtered("\u{1B}[7;7H", &filter)
    #expect(String(decoding: filter.settled(), as: UTF8.self) == "\u{1B}[7;7H")
  }

  @Test("Equal glyphs in a row use the terminal's repetition if it has one")
  func repetition() {
    var filter = Self.filter(80, 24)
    #expect(filtered("\u{1B}[1;1H-\u{1B}[19bx", &filter) == "\u{1B}[H\u{1B}[0m-\u{1B}[19bx")
    var other = Self.filter(80, 24, moves: Self.moves(repeats: false))
    #expect(
      filtered("\u{1B}[1;1H-\u{1B}[19bx", &other) == "\u{1B}[H\u{1B}[0m" + String(repeating: "-", count: 20) + "x")
  }

  @Test("Any colours come out as they went in, and the shorter way is taken")
  func colors() {
    var filter = Self.filter(80, 24)
    let exact = "\u{1B}[38;2;1;20;255m\u{1B}[48;2;0;0;7m"
    #expect(filtered("\u{1B}[3;9H\(exact)▀", &filter) == "\u{1B}[3;9H\u{1B}[0;38;2;1;20;255;48;2;0;0;7m▀")
    #expect(filtered("\u{1B}[3;10H\u{1B}[1m\u{1B}[38;5;141m▀", &filter) == "\u{1B}[1;38;5;141m▀")
    #expect(filtered("\u{1B}[3;11H\u{1B}[39;49m▀", &filter) == "\u{1B}[0;1m▀")
    #expect(filtered("\u{1B}[3;12H\u{1B}[22m\u{1B}[97m\u{1B}[100m▀", &filter) == "\u{1B}[0;97;100m▀")
    #expect(filtered("\u{1B}[3;13H\u{1B}[44m\u{1B}[39m▀", &filter) == "\u{1B}[0;44m▀")
    // No terminal has such a colour: it passes, with everything after it.
    #expect(filtered("\u{1B}[38;5;300m▀", &filter) == "\u{1B}[38;5;300m▀")
  }

  /// A terminal that shows glyphs with their colours.
  private struct Screen {
    var width: Int, height: Int
    var cells: [String]
    var (x, y) = (0, 0)
    var style = ""
    var last = ""

    init(_ width: Int, _ height: Int) {
      (self.width, self.height) = (width, height)
      cells = Array(repeating: "  ", count: width * height)
    }

    mutating func put(_ glyph: String) {
      if x == width {
        x = 0
        y += 1
      }
      // Only the background of a blank is visible.
      let ground = style.contains("44") ? "44" : ""
      cells[y * width + x] = "\(glyph) \(glyph == " " ? ground : style)"
      x += 1
      last = glyph
    }

    mutating func feed(_ bytes: [UInt8]) {
      var rest = Substring(String(decoding: bytes, as: UTF8.self)).unicodeScalars
      while let scalar = rest.popFirst() {
        switch scalar {
        case "\u{8}": x = max(0, min(x, width - 1) - 1)
        case "\r": x = 0
        case "\n": y = min(height - 1, y + 1)
        case "\u{1B}":
          _ = rest.popFirst()
          let text = String(String.UnicodeScalarView(rest.prefix { !("@"..."~").contains($0) }))
          rest = rest.dropFirst(text.unicodeScalars.count)
          take(rest.popFirst()!, text)
        default: put(String(scalar))
        }
      }
    }

    mutating func take(_ final: Unicode.Scalar, _ text: String) {
      let parts = text.split(separator: ";").map { Int($0)! }
      let number = parts.first ?? 1
      switch final {
      case "m":
        // 0, a foreground, a background, as the random frames have them.
        for part in text.split(separator: ";").map(String.init) {
          let kept = style.split(separator: ";").map(String.init).filter { $0.first != part.first }
          style =
            part == "0"
            ? "" : part.hasSuffix("9") ? kept.joined(separator: ";") : (kept + [part]).sorted().joined(separator: ";")
        }
      case "H": (y, x) = (number - 1, (parts.count > 1 ? parts[1] : 1) - 1)
      case "d": y = number - 1
      case "G": x = number - 1
      case "A": y -= number
      case "B": y += number
      case "C": x += number
      case "D": x = min(x, width - 1) - number
      case "b": for _ in 0..<number { put(last) }
      case "X": for place in 0..<number { cells[y * width + x + place] = "  " + (style.contains("44") ? "44" : "") }
      case "K": for place in x..<width { cells[y * width + place] = "  " + (style.contains("44") ? "44" : "") }
      default: break
      }
    }
  }

  @Test("Random frames look the same whatever the order, and take fewer bytes")
  func random() {
    var generator = SystemRandomNumberGenerator()
    let (width, height) = (24, 9)
    var (before, after) = (0, 0)
    for turn in 0..<200 {
      var filter = Self.filter(width, height, moves: turn % 3 == 0 ? CursorMoves() : Self.moves())
      var (plain, short) = (Screen(width, height), Screen(width, height))
      for _ in 0..<12 {
        var text = ""
        // The cursor's position as known to ncurses; nil after the last column.
        var x: Int?
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
          let wanted = Int.random(in: 0..<width, using: &generator)
          switch (Int.random(in: 0..<9, using: &generator), x) {
          case (0, let known?) where known > 0:
            text += "\u{8}"
            x = known - 1
          case (1, _?): (text, x) = (text + "\u{1B}[\(wanted + 1)G", wanted)
          case (2, _?): text += "\u{1B}[\(Int.random(in: 1...height, using: &generator))d"
          case (3, _?): text += Bool.random(using: &generator) ? "\u{1B}[K" : "\u{1B}[X"
          case (4, _?): (text, x) = (text + "\r", 0)
          default:
            text += "\u{1B}[\(Int.random(in: 1...height, using: &generator));\(wanted + 1)H"
            x = wanted
          }
          for _ in 0..<Int.random(in: 0...4, using: &generator) {
            guard let known = x else { break }
            text += ["", "", "\u{1B}[31m", "\u{1B}[32m", "\u{1B}[44m", "\u{1B}[49m", "\u{1B}[39;49m"].randomElement()!
            text += ["a", " ", "⠿", "─"].randomElement()!
            x = known + 1 < width ? known + 1 : nil
          }
        }
        plain.feed(Array(text.utf8))
        let keeps = Bool.random(using: &generator)
        let result = filter.filter(Array(text.utf8), keepsCursor: keeps)
        short.feed(result)
        (before, after) = (before + text.utf8.count, after + result.count)
        #expect(plain.cells == short.cells)
        if keeps, x != nil { #expect((plain.x, plain.y) == (short.x, short.y)) }
      }
      short.feed(filter.settled())
      #expect(plain.style == short.style)
    }
    #expect(Double(after) < 0.8 * Double(before))
  }
}
