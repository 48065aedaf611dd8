package import TrainingMetrics

/// The figures of a lane's layers: of its weights, and on one fixed batch.
package struct LaneDiagnostics: Hashable, Codable, Sendable {
  /// The fixed batch: the first validation images.
  package struct Batch: Hashable, Codable, Sendable {
    /// The images, by their places in the training file.
    package var images: [Int]
    /// The mean loss of the deterministic network, normalized with the batch's own statistics; label smoothing included.
    package var loss: Double

    /// A batch.
    package init(images: [Int], loss: Double) { (self.images, self.loss) = (images, loss) }
  }

  /// The weights that were measured.
  package var weights: DeployedWeights
  /// The batch; nil if its images are not available, so that only weights were measured.
  package var batch: Batch?
  /// The layers, in the order of the forward pass.
  package var layers: [LayerDiagnostics]
  /// Remarks; nil for none.
  package var notes: [String]?

  /// The figures of a lane.
  package init(weights: DeployedWeights, batch: Batch?, layers: [LayerDiagnostics], notes: [String]? = nil) {
    self.weights = weights
    self.batch = batch
    self.layers = layers
    self.notes = notes
  }

  /// The size of the fixed batch, if there are as many validation images.
  package static let batchSize = 256
}
