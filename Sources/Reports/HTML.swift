import TrainingMetrics

/// Markup whose text is escaped already; well-formed as XML too.
struct HTML: Sendable {
  /// The markup.
  let markup: String

  /// What is markup already.
  init(markup: String) { self.markup = markup }

  /// Text, escaped.
  init(_ text: String) { markup = Self.escaped(text) }

  /// An element of `name` with attributes and children.
  static func element(_ name: String, _ attributes: [(String, String)] = [], _ children: [HTML] = []) -> HTML {
    let attributes = attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    if children.isEmpty { return HTML(markup: "<\(name)\(attributes)/>") }
    return HTML(markup: "<\(name)\(attributes)>\(children.map(\.markup).joined())</\(name)>")
  }

  /// An element of `name` that holds text.
  static func element(_ name: String, class style: String = "", text: String) -> HTML {
    element(name, style.isEmpty ? [] : [("class", style)], [HTML(text)])
  }

  /// A table; the columns named in `numbers` stand to the right.
  static func table(_ titles: [String], numbers: Set<Int> = [], _ rows: [[HTML]]) -> HTML {
    func cells(_ name: String, _ contents: [HTML]) -> [HTML] {
      contents.enumerated().map { element(name, numbers.contains($0) ? [("class", "n")] : [], [$1]) }
    }
    let head = element("thead", [], [element("tr", [], cells("th", titles.map { HTML($0) }))])
    let body = element("tbody", [], [HTML("")] + rows.map { element("tr", [], cells("td", $0)) })
    return element("div", [("class", "scroll")], [element("table", [], [head, body])])
  }

  /// `text` with what markup would take for its own replaced, and without characters that XML does not know.
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
      // What turns the direction of writing in a name must not turn the page's.
      case _ where scalar.isUnprintable: result += String(scalar).printable
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
