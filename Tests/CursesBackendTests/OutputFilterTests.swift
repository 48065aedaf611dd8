import CursesBackend
import Testing

@Suite("Shorter changes of style")
struct OutputFilterTests {
  private func filtered(_ text: String, _ filter: inout OutputFilter) -> String {
    String(decoding: filter.filter(Array(text.utf8)), as: UTF8.self)
  }

  @Test("An unchanged background is not set again, and unused settings are not sent")
  func sameBackground() {
    var filter = OutputFilter(isANSI: true)
    let first = filtered("\u{1B}[38;5;110m\u{1B}[48;5;233ma", &filter)
    #expect(first == "\u{1B}[0;38;5;110;48;5;233ma")
    #expect(filtered("\u{1B}[38;5;74m\u{1B}[48;5;233mb\u{1B}[31m\u{1B}[38;5;74mc", &filter) == "\u{1B}[38;5;74mbc")
  }

  @Test("A reset that the next sequence undoes is not sent; an attribute that ends is")
  func reset() {
    var filter = OutputFilter(isANSI: true)
    _ = filtered("\u{1B}(B\u{1B}[0;1m\u{1B}[38;5;110m\u{1B}[48;5;233ma", &filter)
    #expect(
      filtered("\u{1B}(B\u{1B}[m\u{1B}[38;5;110m\u{1B}[48;5;233mb", &filter) == "\u{1B}[22mb")
    #expect(filtered("\u{1B}(B\u{1B}[mc", &filter) == "\u{1B}[0mc")
  }

  @Test("A blank sends only the attributes that are visible on it")
  func blanks() {
    var filter = OutputFilter(isANSI: true)
    _ = filtered("\u{1B}[31;44ma", &filter)
    #expect(filtered("\u{1B}[32;44m  ", &filter) == "  ")
    #expect(filtered("b", &filter) == "\u{1B}[32mb")
    #expect(filtered("\u{1B}[33;45m ", &filter) == "\u{1B}[33;45m ")
    #expect(filtered("\u{1B}[7m ", &filter) == "\u{1B}[7m ")
    #expect(filtered("\u{1B}[27m\u{1B}[46m\u{1B}[K", &filter) == "\u{1B}[27;46m\u{1B}[K")
    // Of a colour of glyphs nothing shows; some terminals underline what they erase.
    #expect(filtered("\u{1B}[35m\u{1B}[K", &filter) == "\u{1B}[K")
    #expect(filtered("\u{1B}[4mb\u{1B}[24m\u{1B}[X", &filter) == "\u{1B}[4;35mb\u{1B}[24m\u{1B}[X")
  }

  @Test("Moves, modes and glyph sets are sent once, repetitions are not")
  func others() {
    var filter = OutputFilter(isANSI: true)
    let start = "\u{1B}[?1049h\u{1B}[22;0;0t\u{1B}[1;24r\u{1B}(B\u{1B}[4l"
    #expect(filtered(start, &filter) == start)
    #expect(filtered("\u{1B}(B\u{1B}[3;4H\u{1B}=", &filter) == "\u{1B}[3;4H\u{1B}=")
    #expect(filtered("\u{0F}\u{0F}\u{1B})0", &filter) == "\u{0F}\u{1B})0")
  }

  @Test("A line feed that scrolls rows is not used to move the cursor")
  func scrolling() {
    var filter = OutputFilter(isANSI: true)
    filter.size = (60, 15)
    // What ncurses sends for a row more in a list: rows 4 to 6 move up by two, and the last are written.
    let text = "\u{1B}[4;6r\u{1B}[6;1H\n\n\u{1B}[1;15r\u{1B}[5;1Ha"
    #expect(filtered(text, &filter) == "\u{1B}[4;6r\u{1B}[6;1H\n\n\u{1B}[1;15r\u{1B}[5;1H\u{1B}[0ma")
    // Then line feeds move again.
    #expect(filtered("\u{1B}[5;2H\nb", &filter) == "\u{1B}[6;2Hb")
  }

  @Test(
    "What is not understood passes, and all after it", arguments: ["\u{1B}[38:2::1:2:3m", "\u{1B}8", "\u{1B}[58;5;3m"])
  func unknown(sequence: String) {
    var filter = OutputFilter(isANSI: true)
    _ = filtered("\u{1B}[31ma", &filter)
    #expect(filtered("\u{1B}[32m" + sequence + "x", &filter) == "\u{1B}[32m" + sequence + "x")
    #expect(filtered("\u{1B}[33m\u{1B}[33my", &filter) == "\u{1B}[33m\u{1B}[33my")
    var other = OutputFilter(isANSI: false)
    #expect(filtered("\u{1B}[31m\u{1B}[31m", &other) == "\u{1B}[31m\u{1B}[31m")
  }

  @Test("The terminal ends in the state that ncurses expects")
  func settled() {
    var filter = OutputFilter(isANSI: true)
    _ = filtered("\u{1B}[1;31mx\u{1B}(B\u{1B}[m", &filter)
    #expect(filter.settled() == Array("\u{1B}[0m".utf8))
    #expect(filter.settled() == [])
    _ = filtered("\u{1B}[1;31mx", &filter)
    filter.forget()
    #expect(filtered("y", &filter) == "\u{1B}[0my")
  }

  /// The contents of a terminal: glyphs with colours and attributes.
  private struct Model {
    var cells: [String] = []
    var foreground = "", background = ""
    var attributes: Set<Int> = []

    mutating func feed(_ bytes: [UInt8]) {
      var rest = bytes[...]
      while let byte = rest.popFirst() {
        guard byte == 0x1B else {
          // Only the background and lines of a blank are visible.
          let isPlain = byte == 0x20 && attributes.isDisjoint(with: [4, 7, 9])
          let ink = isPlain ? "" : "\(foreground) \(attributes.sorted())"
          cells.append("\(byte) \(ink) \(background)")
          continue
        }
        let end = rest.firstIndex(of: 0x6D)!
        let numbers = String(decoding: rest[rest.startIndex + 1..<end], as: UTF8.self).split(
          separator: ";", omittingEmptySubsequences: false
        ).map { Int($0) ?? 0 }
        rest = rest[(end + 1)...]
        var index = 0
        while index < numbers.count {
          switch numbers[index] {
          case 0: (foreground, background, attributes) = ("", "", [])
          case 1...9: attributes.insert(numbers[index])
          case 22: attributes.subtract([1, 2])
          case 23...29: attributes.remove(numbers[index] - 20)
          case 30...37: foreground = "\(numbers[index])"
          case 40...47: background = "\(numbers[index])"
          case 39: foreground = ""
          case 49: background = ""
          case 38:
            foreground = "\(numbers[index...(index + 2)])"
            index += 2
          default:
            background = "\(numbers[index...(index + 2)])"
            index += 2
          }
          index += 1
        }
      }
    }
  }

  @Test("Random styles look the same and take fewer bytes")
  func random() {
    let styles = [
      "", "0", "1", "2", "3", "4", "7", "22", "24", "27", "31", "36", "39", "44", "49", "38;5;110", "38;5;74",
      "48;5;233", "48;5;16", "0;1;38;5;7", "39;49",
    ]
    for _ in 0..<300 {
      var filter = OutputFilter(isANSI: true)
      var plain = Model()
      var short = Model()
      var (before, after) = (0, 0)
      for _ in 0..<60 {
        let text = styles.randomElement()!
        let glyphs = ["", "", " ", "a", "b "].randomElement()!
        let bytes = Array("\u{1B}[\(text)m\(glyphs)".utf8)
        plain.feed(bytes)
        let result = filter.filter(bytes)
        short.feed(result)
        (before, after) = (before + bytes.count, after + result.count)
      }
      #expect(plain.cells == short.cells)
      short.feed(filter.settled())
      #expect(plain.foreground == short.foreground && plain.background == short.background)
      #expect(plain.attributes == short.attributes)
      #expect(after <= before + 40)
    }
  }
}
