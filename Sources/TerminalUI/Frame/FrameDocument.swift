/// A screen as a document: SVG, text with ANSI colours, or plain text.
package enum FrameDocument: String, Sendable, CaseIterable {
  /// An image for browsers and documentation. Every word stands at its own place and has its width, so that the columns
  /// are aligned in any font; blocks and braille are drawn as shapes.
  case svg
  /// Text with the escape sequences of ECMA-48, for `cat` in a terminal.
  case ansi
  /// The glyphs alone.
  case text

  /// The form that a file's name asks for by its suffix: `.svg`, `.ans` or `.ansi`, `.txt`; nil for others.
  package init?(path: String) {
    guard let dot = path.lastIndex(of: ".") else { return nil }
    switch path[path.index(after: dot)...].lowercased() {
    case "svg": self = .svg
    case "ans", "ansi": self = .ansi
    case "txt": self = .text
    default: return nil
    }
  }

  /// The document of a frame, with a line feed at its end.
  /// - Parameter theme: determines the colours that the terminal would choose.
  package func text(_ frame: Frame, theme: Theme) -> String {
    switch self {
    case .svg: SVGPicture(frame, theme).text
    case .ansi: Self.ansi(frame)
    case .text: FrameText.plain(frame) + "\n"
    }
  }

  private static func ansi(_ frame: Frame) -> String {
    var text = ""
    for y in 0..<frame.height {
      var last: Style?
      for x in 0..<frame.width {
        let cell = frame[x, y]
        guard cell.glyph != Cell.continuation else { continue }
        if cell.style != last { text += "\u{1B}[0\(codes(cell.style))m" }
        last = cell.style
        text.unicodeScalars.append(cell.glyph)
      }
      text += "\u{1B}[0m\n"
    }
    return text
  }

  private static func codes(_ style: Style) -> String {
    let attributes: [(Style.Attributes, Int)] = [(.bold, 1), (.dim, 2), (.italic, 3), (.underline, 4), (.reverse, 7)]
    let codes = attributes.filter { style.attributes.contains($0.0) }.map { ";\($0.1)" }.joined()
    func color(_ color: Color, _ base: Int) -> String {
      switch color.kind {
      case .terminalDefault: ""
      case .ansi(let index): ";\(index < 8 ? base + Int(index) : base + 52 + Int(index))"
      case .rgb(let value): ";\(base + 8);2;\(value >> 16);\(value >> 8 & 255);\(value & 255)"
      }
    }
    return codes + color(style.foreground, 30) + color(style.background, 40)
  }
}

/// A frame as SVG.
private struct SVGPicture {
  private static let (width, height) = (9, 18)
  // The colours of xterm.
  private static let palette: [UInt32] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x1E90FF, 0xCD00CD, 0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00,
    0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ]

  private let frame: Frame
  private let ground: UInt32
  private let ink: UInt32

  init(_ frame: Frame, _ theme: Theme) {
    self.frame = frame
    let isLight = theme.variant == .light
    func value(_ role: ThemeRole, _ other: UInt32) -> UInt32 {
      if case .rgb(let value) = theme[role].kind { value } else { other }
    }
    ground = value(.background, isLight ? 0xFFFFFF : 0x101010)
    ink = value(.text, isLight ? 0x202020 : 0xD8D8D8)
  }

  var text: String {
    let (width, height) = (frame.width * Self.width, frame.height * Self.height)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)">
      <rect width="100%" height="100%" fill="\(hex(ground))"/>
      <g font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" font-size="15" xml:space="preserve">

      """
    for y in 0..<frame.height {
      var x = 0
      while x < frame.width {
        let style = frame[x, y].style
        var end = x + 1
        while end < frame.width, frame[end, y].style == style { end += 1 }
        text += run(x..<end, y, style)
        x = end
      }
    }
    return text + "</g>\n</svg>\n"
  }

  // Cells of one style: their background, the shapes, then the glyphs.
  private func run(_ columns: Range<Int>, _ y: Int, _ style: Style) -> String {
    var (front, back) = (value(style.foreground, ink), value(style.background, ground))
    if style.attributes.contains(.reverse) { swap(&front, &back) }
    let top = y * Self.height
    var text = ""
    if back != ground {
      text +=
        "<rect x=\"\(columns.lowerBound * Self.width)\" y=\"\(top)\" width=\"\(columns.count * Self.width)\" "
        + "height=\"\(Self.height)\" fill=\"\(hex(back))\"/>\n"
    }
    let fade = style.attributes.contains(.dim) ? " opacity=\"0.6\"" : ""
    var attributes = " fill=\"\(hex(front))\"\(fade)"
    if style.attributes.contains(.bold) { attributes += " font-weight=\"bold\"" }
    if style.attributes.contains(.italic) { attributes += " font-style=\"italic\"" }
    if style.attributes.contains(.underline) { attributes += " text-decoration=\"underline\"" }
    var (word, start, path) = ("", 0, "")
    func endWord(at x: Int) {
      guard !word.isEmpty else { return }
      let size = (x - start) * Self.width
      text +=
        "<text x=\"\(start * Self.width)\" y=\"\(top + 14)\" textLength=\"\(size)\" "
        + "lengthAdjust=\"spacingAndGlyphs\"\(attributes)>\(word)</text>\n"
      word = ""
    }
    for x in columns {
      let glyph = frame[x, y].glyph
      if glyph == Cell.continuation { continue }
      if let shape = shape(glyph, x * Self.width, top) {
        path += shape
        endWord(at: x)
      } else if glyph == " " {
        endWord(at: x)
      } else {
        if word.isEmpty { start = x }
        word += escaped(glyph)
      }
    }
    endWord(at: columns.upperBound)
    return path.isEmpty ? text : text + "<path fill=\"\(hex(front))\"\(fade) d=\"\(path)\"/>\n"
  }

  // Blocks and braille as rectangles; nil for other glyphs.
  private func shape(_ glyph: Unicode.Scalar, _ x: Int, _ y: Int) -> String? {
    func box(_ left: Double, _ top: Double, _ width: Double, _ height: Double) -> String {
      "M\(number(Double(x) + left)) \(number(Double(y) + top))h\(number(width))v\(number(height))h\(number(-width))z"
    }
    let (width, height) = (Double(Self.width), Double(Self.height))
    switch glyph.value {
    case 0x2580: return box(0, 0, width, height / 2)
    case 0x2581...0x2588:
      let part = height * Double(glyph.value - 0x2580) / 8
      return box(0, height - part, width, part)
    case 0x2589...0x258F: return box(0, 0, width * Double(0x2590 - glyph.value) / 8, height)
    case 0x2590: return box(width / 2, 0, width / 2, height)
    case 0x2800...0x28FF:
      let dots = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
      return dots.enumerated().filter { (glyph.value - 0x2800) >> UInt32($0.offset) & 1 == 1 }.map { _, dot in
        box(1.2 + 4.5 * Double(dot.0), 1 + 4.5 * Double(dot.1), 2.2, 2.4)
      }.joined()
    default: return nil
    }
  }

  // At most one decimal.
  private func number(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }

  private func value(_ color: Color, _ other: UInt32) -> UInt32 {
    switch color.kind {
    case .terminalDefault: other
    case .ansi(let index): Self.palette[Int(index)]
    case .rgb(let value): value
    }
  }

  private func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  private func escaped(_ glyph: Unicode.Scalar) -> String {
    switch glyph {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    default: String(Character(glyph))
    }
  }
}
