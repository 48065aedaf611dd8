extension Dataset {
  /// The names of classes that have none: 0 to the largest training label.
  /// - Throws: `DatasetError` where that is a single one.
  static func countedClasses(_ labels: [UInt8], path: String) throws -> [String] {
    guard let largest = labels.max(), largest > 0 else {
      throw DatasetError(.empty, path: path, expected: "at least two classes", found: "only label 0")
    }
    return (0...Int(largest)).map(String.init)
  }
}
