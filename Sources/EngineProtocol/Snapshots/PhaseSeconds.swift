/// The seconds that a lane has spent in each phase since its thread started. A resumed run counts from the resumption.
package struct PhaseSeconds: Hashable, Codable, Sendable {
  /// A part of a lane's work.
  package enum Phase: String, Hashable, Codable, Sendable, CaseIterable {
    /// Waiting for the images of a batch, which another thread prepares.
    case data
    /// Preparing binary operands, the forward pass, the loss.
    case forward
    /// The backward pass, regularization.
    case backward
    /// The optimizer's update of the weights.
    case update
    /// Evaluating the validation images, and measuring the layers.
    case validation
    /// Recording metrics, publishing the state, the health watch, copying checkpoints.
    case recording
  }

  /// Seconds of each phase.
  package private(set) var seconds: [Double]
  /// Images trained on in these seconds.
  package var images: Int
  /// Updates made in these seconds.
  package var steps: Int

  /// Nothing done yet.
  package init() {
    seconds = Array(repeating: 0, count: Phase.allCases.count)
    (images, steps) = (0, 0)
  }

  /// The seconds of a phase.
  package subscript(phase: Phase) -> Double {
    get { seconds[Self.place(phase)] }
    set { seconds[Self.place(phase)] = newValue }
  }

  /// The seconds of all phases.
  package var total: Double { seconds.reduce(0, +) }

  /// Returns what was done after `earlier`; nil if that is not an earlier state of the same thread.
  package func since(_ earlier: PhaseSeconds) -> PhaseSeconds? {
    guard steps >= earlier.steps, zip(seconds, earlier.seconds).allSatisfy({ $0 >= $1 }) else { return nil }
    var difference = PhaseSeconds()
    difference.seconds = zip(seconds, earlier.seconds).map { $0 - $1 }
    (difference.images, difference.steps) = (images - earlier.images, steps - earlier.steps)
    return difference
  }

  private static func place(_ phase: Phase) -> Int {
    switch phase {
    case .data: 0
    case .forward: 1
    case .backward: 2
    case .update: 3
    case .validation: 4
    case .recording: 5
    }
  }
}

/// In JSON, an object with the seconds by phase, `images` and `steps`.
extension PhaseSeconds {
  private enum CodingKeys: String, CodingKey {
    case data, forward, backward, update, validation, recording, images, steps
  }

  private static let keys: [(Phase, CodingKeys)] = [
    (.data, .data), (.forward, .forward), (.backward, .backward), (.update, .update), (.validation, .validation),
    (.recording, .recording),
  ]

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    for (phase, key) in Self.keys { self[phase] = try container.decode(Double.self, forKey: key) }
    images = try container.decode(Int.self, forKey: .images)
    steps = try container.decode(Int.self, forKey: .steps)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (phase, key) in Self.keys { try container.encode(self[phase], forKey: key) }
    try container.encode(images, forKey: .images)
    try container.encode(steps, forKey: .steps)
  }
}
