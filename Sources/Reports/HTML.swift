import TrainingMetrics

/// Markup with escaped text, which is also well-formed XML.
struct HTML: Sendable {
  /// The markup.
  let markup: String

  /// Existing markup.
  init(markup: String) { self.markup = markup }

  /// Text, escaped.
  init(_ text: String) { markup = Self.escaped(text) }

  /// An element of `name` with attributes and children.
  static func element(_ name: String, _ attributes: [(String, String)] = [], _ children: [HTML] = []) -> HTML {
    let attributes = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    if children.isEmpty { return HTML(markup: "<\(name)\(attributes)/>") }
    return HTML(markup: "<\(name)\(attributes)>\(children.map(\.markup).joined())</\(name)>")
  }

  /// An element of `name` with text.
  static func element(_ name: String, class style: String = "", text: String) -> HTML {
    element(name, style.isEmpty ? [] : [("class", style)], [HTML(text)])
  }

  /// A table; the columns in `numbers` are right-aligned.
  static func table(_ titles: [String], numbers: Set<Int> = [], _ rows: [[HTML]]) -> HTML {
    func cells(_ name: String, _ contents: [HTML]) -> [HTML] {
      contents.enumerated().map { element(name, numbers.contains($0) ? [("class", "n")] : [], [$1]) }
    }
    let head = element("thead", [], [element("tr", [], cells("th", titles.map { HTML($0) }))])
    let body = element("tbody", [], [HTML("")] + rows.map { element("tr", [], cells("td", $0)) })
    return element("div", [("class", "scroll")], [element("table", [], [head, body])])
  }

  /// Escapes `text`, and removes characters that are invalid in XML.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
      case "\u{0}"..<"\u{20}", "\u{7F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      // Bidirectional characters in a name must not affect the page.
      case _ where scalar.isUnprintable: result += String(scalar).printable
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
