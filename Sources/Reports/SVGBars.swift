import Foundation

/// A small histogram as SVG.
struct SVGBars: Sendable {
  /// A text alternative.
  var title: String
  /// The count of each bin.
  var counts: [Int]
  /// The labels at both ends.
  var ends: (String, String)
  /// The lane's index, which determines the colour.
  var lane: Int
  /// Whether heights are logarithmic, so that small counts are visible.
  var isLogarithmic = false

  /// Returns the histogram, or a text if there are no counts.
  func svg() -> HTML {
    let (width, base) = (240.0, 76.0)
    let frame = [
      ("viewBox", "0 0 240 96"), ("role", "img"), ("aria-label", title), ("class", "bars"),
      ("xmlns", "http://www.w3.org/2000/svg"),
    ]
    func text(_ words: String, _ x: String, _ anchor: String) -> HTML {
      .element("text", [("class", "a"), ("x", x), ("y", "91"), ("text-anchor", anchor)], [HTML(words)])
    }
    let heights = counts.map { isLogarithmic ? log1p(Double(max(0, $0))) : Double(max(0, $0)) }
    guard let highest = heights.max(), highest > 0 else {
      return .element("svg", frame, [text("none", "120", "middle")])
    }
    let step = width / Double(counts.count)
    let gap = step > 3 ? 1.0 : 0
    let bars = heights.enumerated().filter { $1 > 0 }.map { place, height in
      let x = Double(place) * step
      // A bin that is not empty is always visible.
      let y = base - max(1, height / highest * (base - 6))
      return "M\(Figure.coordinate(x)),\(Figure.coordinate(base))V\(Figure.coordinate(y))"
        + "H\(Figure.coordinate(x + step - gap))V\(Figure.coordinate(base))Z"
    }
    return .element(
      "svg", frame,
      [
        .element("path", [("class", "h c\(lane % SVGStyle.count)"), ("d", bars.joined())]),
        .element("path", [("class", "t"), ("d", "M0,76 240,76")]),
        text(ends.0, "0", "start"), text(ends.1, "240", "end"),
      ])
  }
}
