/// Where a list is scrolled to.
package struct ListPosition: Hashable, Sendable {
  /// The first row shown; nil follows the list's end.
  package private(set) var top: Int?

  /// At the end, following it.
  package static let end = ListPosition(top: nil)
  /// At the beginning.
  package static let start = ListPosition(top: 0)

  /// The first row to show of `count` rows where `height` fit.
  package func firstRow(count: Int, height: Int) -> Int {
    let last = max(0, count - height)
    return min(top ?? last, last)
  }

  /// Scrolls by `rows`; at the end it follows again.
  package mutating func scroll(by rows: Int, count: Int, height: Int) {
    let target = firstRow(count: count, height: height) + rows
    top = target >= max(0, count - height) ? nil : max(0, target)
  }
}
