/// A line of the list of data sets.
package struct DatasetEntry: Hashable, Sendable {
  /// The name to ask for it by.
  package let name: String
  /// What it holds, in a line.
  package let summary: String
  /// The folder in which it was found, “built in”, or nil.
  package let location: String?
  /// How to get it where it was not found.
  package let howToGet: String

  /// A line of the list.
  package init(name: String, summary: String, location: String?, howToGet: String) {
    self.name = name
    self.summary = summary
    self.location = location
    self.howToGet = howToGet
  }
}
