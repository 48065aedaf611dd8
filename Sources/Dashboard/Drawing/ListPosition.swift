/// The scroll position of a list.
package struct ListPosition: Hashable, Sendable {
  /// The first visible row; nil to follow the list's end.
  package private(set) var top: Int?
  // Number of rows of the list, and visible rows, when it was last drawn.
  private var count = 0
  /// Number of visible rows when the list was last drawn.
  package private(set) var height = 1

  private init(top: Int?) { self.top = top }

  /// At the end, following new rows.
  package static let end = ListPosition(top: nil)
  /// At the beginning.
  package static let start = ListPosition(top: 0)

  /// Whether it follows the list's end.
  package var isAtEnd: Bool { top == nil }

  /// Returns the first visible row of `count` rows, of which `height` fit.
  package mutating func firstRow(count: Int, height: Int) -> Int {
    (self.count, self.height) = (count, height)
    return firstRow
  }

  private var firstRow: Int {
    let last = max(0, count - height)
    return min(top ?? last, last)
  }

  /// Scrolls. Scrolling to the end follows it again.
  package mutating func scroll(_ move: ListMove) {
    switch move {
    case .first: top = 0
    case .last: top = nil
    case .up, .down, .pageUp, .pageDown:
      let target = firstRow + move.rows(page: height)
      top = target >= max(0, count - height) ? nil : max(0, target)
    }
  }
}

/// A movement in a list.
package enum ListMove: Hashable, Sendable {
  case up, down, pageUp, pageDown, first, last

  /// The number of rows; a very large number for the first and the last row.
  package func rows(page: Int) -> Int {
    switch self {
    case .up: -1
    case .down: 1
    case .pageUp: -page
    case .pageDown: page
    case .first: Int.min / 2
    case .last: Int.max / 2
    }
  }
}
