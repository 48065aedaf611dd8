/// A column of a table.
package struct TableColumn: Hashable, Sendable {
  /// Where the text stands in the column.
  package enum Alignment: Hashable, Sendable { case leading, trailing }

  /// The heading.
  package var title: String
  /// Where the text stands.
  package var alignment: Alignment
  /// A column of lower priority is dropped before one of higher priority.
  package var priority: Int
  /// The narrowest that it can be before another is dropped for it; nil takes its widest text.
  package var minimumWidth: Int?
  /// Whether it takes what room is left.
  package var isFlexible: Bool

  /// A column.
  package init(
    _ title: String, alignment: Alignment = .leading, priority: Int = 0, minimumWidth: Int? = nil,
    isFlexible: Bool = false
  ) {
    self.title = title
    self.alignment = alignment
    self.priority = priority
    self.minimumWidth = minimumWidth
    self.isFlexible = isFlexible
  }
}
