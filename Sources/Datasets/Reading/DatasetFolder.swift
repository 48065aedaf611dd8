/// A folder in which a data set may lie in a format of its own.
protocol DatasetFolder: Sendable {
  /// What a complete one holds, for the sentence of an error.
  static var contents: String { get }

  /// The folder.
  var path: String { get }
  /// Whether nothing is missing.
  var isComplete: Bool { get }
  /// Whether something of this format is there: what is missing can then be named.
  var isBegun: Bool { get }

  /// Reads it and sees that its parts belong together.
  /// - Parameters:
  ///   - name: the name of the data set.
  ///   - classes: the names of its classes; nil to take them from the folder.
  ///   - progress: told what is being done.
  /// - Throws: `DatasetError` with the path, what was expected and what was found.
  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset
}
