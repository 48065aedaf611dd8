extension DecodingError {
  /// What was expected and where, in a line.
  var words: String {
    switch self {
    case .keyNotFound(let key, let context): "expected “\(key.stringValue)”" + Self.place(context)
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.debugDescription + Self.place(context)
    @unknown default: "not a message"
    }
  }

  private static func place(_ context: Context) -> String {
    let path = context.codingPath.map(\.stringValue).joined(separator: ".")
    return path.isEmpty ? "" : " at \(path)"
  }
}
