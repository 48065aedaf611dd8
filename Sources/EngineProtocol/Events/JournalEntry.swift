/// A change that took effect in a lane at a step, or a note on a step. Charts mark it.
package struct JournalEntry: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done when the change took effect; the next update is the first one affected.
  package var step: Int
  /// What changed.
  package var change: Change
  /// Seconds of work of the lane until then.
  package var seconds: Double
  /// Who made the change: a client's name, or “steering script”; empty for the engine's own process.
  package var origin: String
  /// The index of the change in the lane's steering script, from 0; nil if it is from elsewhere.
  package var scriptIndex: Int?
  /// Why the change is not on disk yet, so that a crash would lose it; nil if it is, or if it need not be. Only for clients:
  /// it is not recorded.
  package var unrecorded: String?

  /// The effect of a command.
  package enum Change: Hashable, Sendable {
    /// A hyperparameter got a new value.
    case set(Hyperparameter, old: HyperparameterValue, new: HyperparameterValue)
    /// Training was paused.
    case paused
    /// Training was resumed.
    case resumed
    /// One update was done, and the lane paused again.
    case stepped
    /// Training continues until this many epochs are done, then pauses.
    case runsToEpoch(Int)
    /// Training was stopped.
    case stopped
    /// The lane was rewound to a checkpoint at the entry's step, and continues in a new branch.
    case rewound(from: Int)
    /// Another lane was forked at the entry's step.
    case forked(into: String)
    /// Nothing changed: a note on the entry's step.
    case noted(String)
  }

  /// A change in a lane at a step.
  package init(
    lane: String, branch: Int = 1, step: Int, change: Change, seconds: Double, origin: String = "",
    scriptIndex: Int? = nil, unrecorded: String? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.change = change
    self.seconds = seconds
    self.origin = origin
    self.scriptIndex = scriptIndex
    self.unrecorded = unrecorded
  }
}

extension JournalEntry.Change {
  /// Whether a hyperparameter got another value, so that the later steps are of another training.
  package var isEdit: Bool { if case .set(_, let old, let new) = self { old != new } else { false } }

  /// The change for display: “learning rate 1e-3 → 3e-4”, “rewound from step 1200”.
  package var words: String {
    switch self {
    case .set(let hyperparameter, let old, let new): "\(hyperparameter.specification.title) \(old) → \(new)"
    case .paused: "paused"
    case .resumed: "goes on"
    case .stepped: "one step"
    case .runsToEpoch(let epoch): "runs to epoch \(epoch)"
    case .stopped: "stopped"
    case .rewound(let step): "rewound from step \(step)"
    case .forked(let lane): "forked into \(lane)"
    case .noted(let text): "note: \(text)"
    }
  }
}

/// In JSON, the keys of the change and of the entry stand in one object.
extension JournalEntry: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, step, seconds, origin, scriptIndex, unrecorded
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
      step: try container.decode(Int.self, forKey: .step), change: try Change(from: decoder),
      seconds: try container.decode(Double.self, forKey: .seconds),
      origin: try container.decodeIfPresent(String.self, forKey: .origin) ?? "",
      scriptIndex: try container.decodeIfPresent(Int.self, forKey: .scriptIndex),
      unrecorded: try container.decodeIfPresent(String.self, forKey: .unrecorded))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(lane, forKey: .lane)
    try container.encode(branch, forKey: .branch)
    try container.encode(step, forKey: .step)
    try change.encode(to: encoder)
    try container.encode(seconds, forKey: .seconds)
    if !origin.isEmpty { try container.encode(origin, forKey: .origin) }
    try container.encodeIfPresent(scriptIndex, forKey: .scriptIndex)
    try container.encodeIfPresent(unrecorded, forKey: .unrecorded)
  }
}

/// In JSON, `change` is the case's name, with the associated values beside it: `{"change":"rewound","from":412}`.
extension JournalEntry.Change: Codable {
  private enum Name: String, Codable {
    case set, paused, resumed, stepped, runsToEpoch, stopped, rewound, forked, noted
  }

  private enum CodingKeys: String, CodingKey {
    case change, hyperparameter, old, new, epoch, from, into, text
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    switch try container.decode(Name.self, forKey: .change) {
    case .set:
      self = .set(
        try container.decode(Hyperparameter.self, forKey: .hyperparameter),
        old: try container.decode(HyperparameterValue.self, forKey: .old),
        new: try container.decode(HyperparameterValue.self, forKey: .new))
    case .paused: self = .paused
    case .resumed: self = .resumed
    case .stepped: self = .stepped
    case .runsToEpoch: self = .runsToEpoch(try container.decode(Int.self, forKey: .epoch))
    case .stopped: self = .stopped
    case .rewound: self = .rewound(from: try container.decode(Int.self, forKey: .from))
    case .forked: self = .forked(into: try container.decode(String.self, forKey: .into))
    case .noted: self = .noted(try container.decode(String.self, forKey: .text))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .change)
    switch self {
    case .paused, .resumed, .stepped, .stopped: break
    case .set(let hyperparameter, let old, let new):
      try container.encode(hyperparameter, forKey: .hyperparameter)
      try container.encode(old, forKey: .old)
      try container.encode(new, forKey: .new)
    case .runsToEpoch(let epoch): try container.encode(epoch, forKey: .epoch)
    case .rewound(let step): try container.encode(step, forKey: .from)
    case .forked(let lane): try container.encode(lane, forKey: .into)
    case .noted(let text): try container.encode(text, forKey: .text)
    }
  }

  private var name: Name {
    switch self {
    case .set: .set
    case .paused: .paused
    case .resumed: .resumed
    case .stepped: .stepped
    case .runsToEpoch: .runsToEpoch
    case .stopped: .stopped
    case .rewound: .rewound
    case .forked: .forked
    case .noted: .noted
    }
  }
}
