/// A lane's name; null for all.
extension LaneSelection: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    self.init(container.decodeNil() ? nil : try container.decode(String.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let name { try container.encode(name) } else { try container.encodeNil() }
  }

  /// The lane of this name, or all.
  init(_ name: String?) { self = name.map(LaneSelection.lane) ?? .all }

  /// The lane's name; nil for all.
  var name: String? {
    switch self {
    case .all: nil
    case .lane(let name): name
    }
  }
}
