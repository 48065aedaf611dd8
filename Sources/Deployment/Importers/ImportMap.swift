/// What a user says about the tensors of a file: which tensor of the network each fills.
package struct ImportMap: Sendable {
  /// What fills a tensor.
  package enum Value: Hashable, Sendable {
    /// A tensor of the file, by name.
    case tensor(String)
    /// This number, in all places.
    case number(Float)
  }

  /// The tensors of the network by name, with what fills them, in the order of the map.
  package let entries: [(name: String, value: Value)]
  /// Tensors of the file to leave out.
  package let ignored: [String]
  /// Where the map is from, for messages.
  package let source: String

  /// A map.
  package init(_ entries: [(name: String, value: Value)], ignored: [String] = [], source: String) {
    (self.entries, self.ignored, self.source) = (entries, ignored, source)
  }

  func error(_ key: String, expected: String, found: String) -> WeightImportError {
    WeightImportError("\(source): \(key): expected \(expected), found \(found)")
  }
}
