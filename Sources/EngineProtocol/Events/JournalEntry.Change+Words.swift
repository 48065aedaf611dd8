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
