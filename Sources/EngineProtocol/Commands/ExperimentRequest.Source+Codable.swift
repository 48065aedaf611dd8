/// One of `preset` (null for the default one), `file`, or `text` with its `name`.
extension ExperimentRequest.Source: Codable {
  private enum CodingKeys: String, CodingKey {
    case preset, file, text, name
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let places = [CodingKeys.preset, .file, .text].filter(container.contains)
    guard places.count <= 1 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription:
            "expected one of preset, file, text; found \(places.map(\.rawValue).joined(separator: ", "))"))
    }
    switch places.first {
    case .file: self = .file(try container.decode(String.self, forKey: .file))
    case .text:
      let name = try container.decodeIfPresent(String.self, forKey: .name) ?? "text"
      self = .text(try container.decode(String.self, forKey: .text), name: name)
    default: self = .preset(try container.decodeIfPresent(String.self, forKey: .preset))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .preset(let name): try container.encode(name, forKey: .preset)
    case .file(let path): try container.encode(path, forKey: .file)
    case .text(let text, let name):
      try container.encode(text, forKey: .text)
      try container.encode(name, forKey: .name)
    }
  }
}
