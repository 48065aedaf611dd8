/// What a rule of the health watch has seen in a lane.
package struct HealthFinding: Hashable, Codable, Sendable {
  /// The rules. The page *Diagnostics* documents their thresholds.
  package enum Rule: String, Hashable, Codable, Sendable, CaseIterable {
    /// The loss rises far above its best, or stays above that of guessing.
    case divergence
    /// The loss or a gradient is not finite, which ends the lane.
    case notFinite
    /// Neither loss nor accuracy improves any more, or the network does not get better than guessing.
    case plateau
    /// The same weights flip to and fro.
    case flipStorm
    /// No weight of a layer flips.
    case frozenLayer
    /// Many units of a layer give the same sign for every image.
    case deadUnits
    /// Hardly any gradient passes the signs of a layer.
    case closedGates
    /// Running statistics lag behind, so that validation is worse than training.
    case normalizationLag
    /// Validation gets worse while training gets better.
    case overfitting
    /// Nearly all weights of a layer are at their clip.
    case clippedLayer

    /// The name for display: “flip storm”.
    package var words: String {
      switch self {
      case .divergence: "divergence"
      case .notFinite: "not finite"
      case .plateau: "plateau"
      case .flipStorm: "flip storm"
      case .frozenLayer: "frozen layer"
      case .deadUnits: "dead units"
      case .closedGates: "closed gates"
      case .normalizationLag: "batch normalization lags"
      case .overfitting: "overfitting"
      case .clippedLayer: "layer at its clip"
      }
    }
  }

  /// A number that was seen.
  package struct Figure: Hashable, Codable, Sendable {
    /// What it is: `flipRate`.
    package var name: String
    /// Its value.
    package var value: Double

    /// A number.
    package init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  }

  /// The rule.
  package var rule: Rule
  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// The layer; nil if it is about the whole network.
  package var layer: String?
  /// Updates done when it was seen.
  package var step: Int
  /// Epochs done when it was seen.
  package var epoch: Double
  /// Updates done when it began.
  package var since: Int
  /// The numbers that were seen.
  package var figures: [Figure]
  /// A change that may help, which the lane accepts; nil if there is none.
  package var suggestion: HyperparameterSetting?

  /// What a rule has seen.
  package init(
    _ rule: Rule, lane: String, branch: Int, layer: String? = nil, step: Int, epoch: Double, since: Int,
    figures: [Figure], suggestion: HyperparameterSetting? = nil
  ) {
    self.rule = rule
    self.lane = lane
    self.branch = branch
    self.layer = layer
    self.step = step
    self.epoch = epoch
    self.since = since
    self.figures = figures
    self.suggestion = suggestion
  }
}
