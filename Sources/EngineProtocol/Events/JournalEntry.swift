/// A change that took effect in a lane, and where: the marks on every chart of that lane.
package struct JournalEntry: Hashable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done when the change took effect: the next one is the first that it decides.
  package var step: Int
  /// What changed.
  package var change: Change
  /// Seconds that the lane had worked.
  package var seconds: Double
  /// Who asked for it: a client's name, “steering script”; empty within the engine's own process.
  package var origin: String
  /// Which change of the lane's steering script it is, from 0; nil where it is none.
  package var scriptIndex: Int?

  /// The effect of a command.
  package enum Change: Hashable, Sendable {
    /// A hyperparameter got a new value.
    case set(Hyperparameter, old: HyperparameterValue, new: HyperparameterValue)
    /// Training was paused.
    case paused
    /// Training went on.
    case resumed
    /// One update was done, and the lane holds again.
    case stepped
    /// Training goes on, to hold when so many epochs are done.
    case runsToEpoch(Int)
    /// Training was told to stop here.
    case stopped
    /// The lane was put back to a checkpoint, the entry's step, and goes on in a new branch.
    case rewound(from: Int)
    /// Another lane was forked off at the entry's step.
    case forked(into: String)
  }

  /// A change of a lane at a step.
  package init(
    lane: String, branch: Int = 1, step: Int, change: Change, seconds: Double, origin: String = "",
    scriptIndex: Int? = nil
  ) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.change = change
    self.seconds = seconds
    self.origin = origin
    self.scriptIndex = scriptIndex
  }
}

extension JournalEntry.Change {
  /// The change in words: “learning rate 1e-3 → 3e-4”, “rewound from step 1200”.
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
    }
  }
}

/// The change's fields beside the entry's own.
extension JournalEntry: Codable {
  private enum CodingKeys: String, CodingKey {
    case lane, branch, step, seconds, origin, scriptIndex
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      lane: try container.decode(String.self, forKey: .lane), branch: try container.decode(Int.self, forKey: .branch),
      step: try container.decode(Int.self, forKey: .step), change: try Change(from: decoder),
      seconds: try container.decode(Double.self, forKey: .seconds),
      origin: try container.decodeIfPresent(String.self, forKey: .origin) ?? "",
      scriptIndex: try container.decodeIfPresent(Int.self, forKey: .scriptIndex))
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
  }
}

/// `change` is the case's name, the values stand beside it: `{"change":"rewound","from":412}`.
extension JournalEntry.Change: Codable {
  private enum Name: String, Codable {
    case set, paused, resumed, stepped, runsToEpoch, stopped, rewound, forked
  }

  private enum CodingKeys: String, CodingKey {
    case change, hyperparameter, old, new, epoch, from, into
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
    }
  }
}
