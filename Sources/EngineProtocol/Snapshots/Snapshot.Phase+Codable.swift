/// One word; where there is more to say, it follows a colon: “preparing: reading MNIST”.
extension Snapshot.Phase: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let plain: [Self] = [.idle, .training, .finished]
    if let phase = plain.first(where: { $0.text == text }) {
      self = phase
    } else if text.hasPrefix("preparing: ") {
      self = .preparing(String(text.dropFirst("preparing: ".count)))
    } else if text.hasPrefix("failed: ") {
      self = .failed(String(text.dropFirst("failed: ".count)))
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown phase “\(text)”")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private var text: String {
    switch self {
    case .idle: "idle"
    case .preparing(let words): "preparing: \(words)"
    case .training: "training"
    case .finished: "finished"
    case .failed(let words): "failed: \(words)"
    }
  }
}
