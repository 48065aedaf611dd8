/// Cells that are to be written, in the order that takes the fewest bytes: those of one style one after the other, and
/// each near to the one before.
///
/// ncurses writes row by row. The newest column of a chart is a cell or two in each of many rows, in three or four
/// styles: by rows each costs a movement and a colour, by styles two bytes of movement.
struct CellOrder: Sendable {
  /// Neighbouring cells of one row in one style.
  struct Span: Sendable {
    var place: CursorMoves.Place
    var width: Int
    var bytes: [UInt8]
    var style: TerminalStyle
    /// Whether only the ground shows.
    var isBlank: Bool
  }

  /// More are not kept: the best order of many takes long to find.
  static let limit = 160

  private(set) var spans: [Span] = []

  /// Takes in one glyph; beside the newest it joins its span where both can have one style.
  mutating func append(_ span: Span) {
    if let last = spans.last, last.place.y == span.place.y, last.place.x + last.width == span.place.x,
      let (style, isBlank) = Self.common(last, span)
    {
      spans[spans.count - 1].bytes += span.bytes
      spans[spans.count - 1].width += span.width
      spans[spans.count - 1].style = style
      spans[spans.count - 1].isBlank = isBlank
    } else {
      spans.append(span)
    }
  }

  /// Takes the newest span away.
  mutating func popLast() -> Span? { spans.popLast() }

  /// Takes all of them away.
  mutating func removeAll() { spans.removeAll(keepingCapacity: true) }

  /// Whether a cell is among them.
  func contains(_ place: CursorMoves.Place) -> Bool {
    spans.contains { $0.place.y == place.y && $0.place.x <= place.x && place.x < $0.place.x + $0.width }
  }

  private static func common(_ first: Span, _ second: Span) -> (style: TerminalStyle, isBlank: Bool)? {
    if first.style == second.style { return (first.style, first.isBlank && second.isBlank) }
    guard first.isBlank || second.isBlank, first.style.looksBlankLike(second.style) else { return nil }
    return (second.isBlank ? first.style : second.style, first.isBlank && second.isBlank)
  }

  /// The places of the spans in the order in which they are to be written.
  /// - Parameters:
  ///   - start: where the cursor stands; nil where that is not known.
  ///   - style: what the terminal draws with; nil where that is not known.
  ///   - edge: the width of the screen: behind its last column the cursor's place is not known.
  func order(from start: CursorMoves.Place?, _ style: TerminalStyle?, moves: CursorMoves, edge: Int) -> [Int] {
    var costs = StyleCosts(limit: Set(spans.map(\.style)).count + 1)
    let styles = spans.map { costs.number(of: $0.style) }
    let first = style.map { costs.number(of: $0) }
    func end(_ index: Int) -> CursorMoves.Place? {
      let span = spans[index]
      let x = span.place.x + span.width
      return x < edge ? CursorMoves.Place(x: x, y: span.place.y) : nil
    }
    func cost(_ place: CursorMoves.Place?, _ style: Int?, _ index: Int) -> Int {
      moves.cost(from: place, to: spans[index].place)
        + costs.cost(from: style, to: styles[index], isBlank: spans[index].isBlank)
    }
    func styleAfter(_ style: Int?, _ index: Int) -> Int {
      guard let style, costs.cost(from: style, to: styles[index], isBlank: spans[index].isBlank) == 0 else {
        return styles[index]
      }
      return style
    }
    var (place, number) = (start, first)
    var straight = 0
    for index in spans.indices {
      straight += cost(place, number, index)
      (place, number) = (end(index), styleAfter(number, index))
    }
    (place, number) = (start, first)
    var total = 0
    var rest = Array(spans.indices)
    var result: [Int] = []
    result.reserveCapacity(rest.count)
    while !rest.isEmpty {
      var best = 0
      var least = Int.max
      for (candidate, index) in rest.enumerated() {
        let price = cost(place, number, index)
        if price < least { (best, least) = (candidate, price) }
        if price == 0 { break }
      }
      let index = rest.remove(at: best)
      result.append(index)
      total += least
      (place, number) = (end(index), styleAfter(number, index))
    }
    return total < straight ? result : Array(spans.indices)
  }
}

/// What changes between a few styles cost, each counted once.
private struct StyleCosts {
  private var styles: [TerminalStyle] = []
  private var numbers: [TerminalStyle: Int] = [:]
  // The bytes of each change, the former style first, beginning with none known.
  private var costs: [UInt8]
  private let limit: Int
  private static let unknown = UInt8.max

  init(limit: Int) {
    self.limit = limit
    costs = Array(repeating: Self.unknown, count: (limit + 1) * limit)
  }

  mutating func number(of style: TerminalStyle) -> Int {
    if let known = numbers[style] { return known }
    numbers[style] = styles.count
    styles.append(style)
    return styles.count - 1
  }

  mutating func cost(from former: Int?, to style: Int, isBlank: Bool) -> Int {
    if isBlank, let former, styles[former].looksBlankLike(styles[style]) { return 0 }
    let key = ((former ?? -1) + 1) * limit + style
    if costs[key] == Self.unknown {
      costs[key] = UInt8(min(254, styles[style].changeLength(from: former.map { styles[$0] })))
    }
    return Int(costs[key])
  }
}
