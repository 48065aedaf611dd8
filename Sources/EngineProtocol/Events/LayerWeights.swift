package import Foundation
package import TrainingMetrics

/// The weights of one layer of a lane, as the screen of weights shows them.
///
/// u is what the sign is taken of: the latent weights, centred and standardized where the method does so; b is what the
/// quantizer gives. The page *Diagnostics* documents every figure.
package struct LayerWeights: Hashable, Codable, Sendable {
  /// What a layer's numbers are.
  package enum Kind: String, Hashable, Codable, Sendable {
    /// Latent weights, from which b is made.
    case latent
    /// The moving averages of Bop's gradients. There are no latent weights.
    case moving
    /// Float weights, used as they are.
    case float
  }

  /// A layer with weights.
  package struct Layer: Hashable, Codable, Sendable {
    /// The name.
    package var name: String
    /// The weights for display: “binary”, “ternary”, “8-bit”, “float”.
    package var words: String
    /// Outputs and inputs.
    package var units, inputs: Int
    /// What its numbers are.
    package var kind: Kind

    /// A layer.
    package init(name: String, words: String, units: Int, inputs: Int, kind: Kind) {
      (self.name, self.words, self.units, self.inputs, self.kind) = (name, words, units, inputs, kind)
    }
  }

  /// How far one update moves.
  package struct Reach: Hashable, Codable, Sendable {
    /// The mean of |Δu| in the newest update, before the clip.
    package var mean: Double
    /// The share of weights with |u| up to that: one such update can flip them.
    package var share: Double

    /// A reach.
    package init(mean: Double, share: Double) { (self.mean, self.share) = (mean, share) }
  }

  /// The weights of some units as images: a byte per weight, in the order of the inputs.
  package struct Pictures: Hashable, Codable, Sendable {
    /// The size of an image, and the bytes per pixel. Where the inputs are no pixels, rows of inputs.
    package var width, height, channels: Int
    /// Whether the inputs are the pixels of an image or of a window of it.
    package var arePixels: Bool
    /// The first unit.
    package var firstUnit: Int
    /// Number of units.
    package var count: Int
    /// u: 0 for the lower end of the histogram, 255 for the upper one.
    package var values: Data
    /// b, from its lowest value 0 to its highest 255; nil for float weights.
    package var levels: Data?

    /// Images.
    package init(
      width: Int, height: Int, channels: Int, arePixels: Bool, firstUnit: Int, count: Int, values: Data, levels: Data?
    ) {
      (self.width, self.height, self.channels, self.arePixels) = (width, height, channels, arePixels)
      (self.firstUnit, self.count, self.values, self.levels) = (firstUnit, count, values, levels)
    }
  }

  /// A single weight.
  package struct Weight: Hashable, Codable, Sendable {
    /// The weight in a checkpoint.
    package struct Point: Hashable, Codable, Sendable {
      package var step: Int
      package var value: Double
      package var flips: Int?

      /// A point.
      package init(step: Int, value: Double, flips: Int?) { (self.step, self.value, self.flips) = (step, value, flips) }
    }

    /// Its place.
    package var unit, input: Int
    /// u; for Bop the moving average of gradients.
    package var value: Double
    /// b; nil for float weights.
    package var level: Double?
    /// How often it has flipped; nil if that is not counted.
    package var flips: Int?
    /// Δu in the newest update; nil if it is not known.
    package var change: Double?
    /// The stored value and the flips in the checkpoints that lead to it, oldest first.
    package var course: [Point]

    /// A weight.
    package init(
      unit: Int, input: Int, value: Double, level: Double?, flips: Int?, change: Double?, course: [Point]
    ) {
      (self.unit, self.input, self.value, self.level) = (unit, input, value, level)
      (self.flips, self.change, self.course) = (flips, change, course)
    }
  }

  /// Which weights they are.
  package var weights: DeployedWeights
  /// The request.
  package var request: WeightsRequest
  /// All layers with weights.
  package var layers: [Layer]
  /// The place of this one.
  package var place: Int
  /// u; for Bop the margins b·m/τ.
  package var histogram: Histogram
  /// The bound of latent weights; nil if they are not clipped.
  package var clip: Double?
  /// The largest |u| with b = 0; nil for binary weights.
  package var zeroBand: Double?
  /// How far one update moves; nil if the checkpoint has no moments, as for SGD without momentum.
  package var reach: Reach?
  /// For Bop, the share of weights with a margin above ½: about to flip.
  package var nearShare: Double?
  /// The figures; nil if flips are not counted.
  package var figures: LayerDiagnostics.Weights?
  /// Images of some units.
  package var pictures: Pictures
  /// For each input, the mean number of flips of its weights; nil if flips are not counted.
  package var inputFlips: [Float]?
  /// The requested weight.
  package var weight: Weight?

  /// The weights of a layer.
  package init(
    weights: DeployedWeights, request: WeightsRequest, layers: [Layer], place: Int, histogram: Histogram,
    clip: Double? = nil, zeroBand: Double? = nil, reach: Reach? = nil, nearShare: Double? = nil,
    figures: LayerDiagnostics.Weights? = nil, pictures: Pictures, inputFlips: [Float]? = nil, weight: Weight? = nil
  ) {
    (self.weights, self.request, self.layers, self.place) = (weights, request, layers, place)
    (self.histogram, self.clip, self.zeroBand, self.reach) = (histogram, clip, zeroBand, reach)
    (self.nearShare, self.figures, self.pictures) = (nearShare, figures, pictures)
    (self.inputFlips, self.weight) = (inputFlips, weight)
  }

  /// The layer.
  package var layer: Layer { layers[place] }
  /// Number of bins of the histogram.
  package static let binCount = 80
}
