/// One word; where there is more to say, it follows a colon: “failed: loss is NaN at step 412”.
extension LaneSnapshot.State: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    let plain: [Self] = [.training, .validating, .paused, .testing, .finished, .stopped]
    if let state = plain.first(where: { $0.text == text }) {
      self = state
    } else if text.hasPrefix("waiting: ") {
      self = .waiting(String(text.dropFirst("waiting: ".count)))
    } else if text.hasPrefix("failed: ") {
      self = .failed(String(text.dropFirst("failed: ".count)))
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown state “\(text)”")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  private var text: String {
    switch self {
    case .training: "training"
    case .validating: "validating"
    case .paused: "paused"
    case .testing: "testing"
    case .finished: "finished"
    case .stopped: "stopped"
    case .waiting(let words): "waiting: \(words)"
    case .failed(let words): "failed: \(words)"
    }
  }
}
