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
