/// Two checkpoints of a lane side by side.
package struct MomentsComparison: Hashable, Codable, Sendable {
  /// A checkpoint.
  package struct Moment: Hashable, Codable, Sendable {
    /// Which one.
    package var place: MomentsRequest.Place
    /// Epochs done, including the fraction of the current one.
    package var epoch: Double
    /// The newest validation accuracy then, 0...1; nil before the first validation.
    package var validationAccuracy: Double?
    /// The newest training loss then; nil before the first update.
    package var trainLoss: Double?
    /// The hyperparameters.
    package var hyperparameters: [HyperparameterSetting]
    /// The figures of its layers on the batch of `LaneDiagnostics`.
    package var diagnostics: LaneDiagnostics

    /// A checkpoint.
    package init(
      place: MomentsRequest.Place, epoch: Double, validationAccuracy: Double?, trainLoss: Double?,
      hyperparameters: [HyperparameterSetting], diagnostics: LaneDiagnostics
    ) {
      self.place = place
      self.epoch = epoch
      self.validationAccuracy = validationAccuracy
      self.trainLoss = trainLoss
      self.hyperparameters = hyperparameters
      self.diagnostics = diagnostics
    }
  }

  /// How the weights of a binary layer differ.
  package struct Layer: Hashable, Codable, Sendable {
    /// The layer's name.
    package var name: String
    /// Number of weights.
    package var weights: Int
    /// Number of weights whose quantized values differ: the Hamming distance of signs.
    package var differing: Int

    /// The difference of a layer.
    package init(name: String, weights: Int, differing: Int) {
      (self.name, self.weights, self.differing) = (name, weights, differing)
    }
  }

  /// The lane's name.
  package var lane: String
  /// The earlier or first named checkpoint.
  package var first: Moment
  /// The other one.
  package var second: Moment
  /// The binary layers, in the order of the forward pass.
  package var layers: [Layer]

  /// Two checkpoints.
  package init(lane: String, first: Moment, second: Moment, layers: [Layer]) {
    self.lane = lane
    self.first = first
    self.second = second
    self.layers = layers
  }
}
