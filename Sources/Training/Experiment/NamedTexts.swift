import EngineProtocol

/// Texts that are built into the program, each with a name.
package struct NamedTexts: Sendable {
  /// What a text is, for errors: “preset”.
  let kind: String
  /// What may stand in place of a name, for errors: “a YAML file”; nil for nothing.
  let alternative: String?
  /// The code of the error for an unknown name.
  let code: ExperimentError.Code
  private let files: [(name: String, bytes: [UInt8])]

  /// Texts in display order.
  package init(
    _ kind: String, or alternative: String? = nil, code: ExperimentError.Code, _ files: [(name: String, bytes: [UInt8])]
  ) {
    (self.kind, self.alternative, self.code, self.files) = (kind, alternative, code, files)
  }

  /// The names.
  package var names: [String] { files.map(\.name) }

  /// Returns a text as written.
  /// - Throws: `ExperimentError` if no text has this name.
  package func text(of name: String) throws -> String {
    guard let file = files.first(where: { $0.name == name }) else {
      throw ExperimentError(
        code: code,
        message: "unknown \(kind) “\(name)”; expected one of \(names.joined(separator: ", "))"
          + (alternative.map { ", or \($0)" } ?? "") + NearestName.question(name, among: names))
    }
    return String(decoding: file.bytes, as: UTF8.self)
  }
}
