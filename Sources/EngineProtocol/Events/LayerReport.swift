package import TrainingMetrics

/// How the binary layers of a lane stood at the end of an epoch.
package struct LayerReport: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch; see `LaneBranch`.
  package var branch: Int
  /// Updates done.
  package var step: Int
  /// Sign flips of each binary layer.
  package var flips: [FlipStatistics]
  /// Latent weights of each binary layer, in the order of `flips`.
  package var latentWeights: [Histogram]

  /// How the binary layers stood.
  package init(lane: String, branch: Int, step: Int, flips: [FlipStatistics], latentWeights: [Histogram]) {
    self.lane = lane
    self.branch = branch
    self.step = step
    self.flips = flips
    self.latentWeights = latentWeights
  }
}
