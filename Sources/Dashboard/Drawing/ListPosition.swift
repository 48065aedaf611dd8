/// Where a list is scrolled to.
package struct ListPosition: Hashable, Sendable {
  /// The first row shown; nil follows the list's end.
  package private(set) var top: Int?
  // How many rows there were, and fitted, when the list was last drawn.
  private var count = 0
  /// How many rows fitted when the list was last drawn.
  package private(set) var height = 1

  private init(top: Int?) { self.top = top }

  /// At the end, following it.
  package static let end = ListPosition(top: nil)
  /// At the beginning.
  package static let start = ListPosition(top: 0)

  /// Whether it follows the list's end.
  package var isAtEnd: Bool { top == nil }

  /// The first row to show of `count` rows where `height` fit.
  package mutating func firstRow(count: Int, height: Int) -> Int {
    (self.count, self.height) = (count, height)
    return firstRow
  }

  private var firstRow: Int {
    let last = max(0, count - height)
    return min(top ?? last, last)
  }

  /// Scrolls; at the end it follows again.
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

/// How one goes through a list.
package enum ListMove: Hashable, Sendable {
  case up, down, pageUp, pageDown, first, last

  /// How many rows that is; more than any list has for the first and the last.
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
