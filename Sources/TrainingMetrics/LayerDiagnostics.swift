/// What shows why a layer learns, or does not: figures of its weights, its signs, its normalization and its gradient.
///
/// The page *Diagnostics* documents every figure. Parts that a layer does not have, or that were not measured, are nil.
package struct LayerDiagnostics: Hashable, Codable, Sendable {
  /// The layer's name.
  package var name: String
  /// The shape of the output: height, width and channels of an image, or the number of units.
  package var output: [Int]
  /// Outputs and inputs of the weight matrix; nil for a layer without weights.
  package var weightShape: [Int]?
  /// What the layer costs when images are classified; nil for a layer without parameters, and where it was not asked for.
  package var cost: Cost?
  /// Binary or ternary weights.
  package var weights: Weights?
  /// The signs that the layer gives.
  package var activations: Activations?
  /// How far running statistics lag behind those of a batch.
  package var lag: Lag?
  /// ‖dC/dW‖₂ on the batch, with respect to the weights that products use.
  package var gradientNorm: Double?

  /// The figures of a layer.
  package init(
    name: String, output: [Int], weightShape: [Int]? = nil, cost: Cost? = nil, weights: Weights? = nil,
    activations: Activations? = nil, lag: Lag? = nil, gradientNorm: Double? = nil
  ) {
    self.name = name
    self.output = output
    self.weightShape = weightShape
    self.cost = cost
    self.weights = weights
    self.activations = activations
    self.lag = lag
    self.gradientNorm = gradientNorm
  }

  /// What a layer costs when images are classified.
  package struct Cost: Hashable, Codable, Sendable {
    /// Number of parameters.
    package var parameters: Int
    /// Bytes of the parameters: k bits per quantized weight, with each row padded to 64-bit words, and 4 bytes for each
    /// other one.
    package var packedBytes: Int
    /// Multiply-accumulates per image.
    package var products: Int
    /// What is multiplied: “floats”, “floats and signs”, “signs”; nil without products.
    package var operands: String?

    /// A layer's cost.
    package init(parameters: Int, packedBytes: Int, products: Int, operands: String?) {
      self.parameters = parameters
      self.packedBytes = packedBytes
      self.products = products
      self.operands = operands
    }
  }

  /// Figures of binary or ternary weights. u is what the sign is taken of: the latent weights, centred where the method
  /// centres them; b is what the quantizer gives.
  package struct Weights: Hashable, Codable, Sendable {
    /// The share of weights with b = +1.
    package var plusShare: Double
    /// The share of weights with b = 0; nil for binary weights.
    package var zeroShare: Double?
    /// The mean over the rows of `H = -Σ p ln p`, p the shares of the values of b in the row; at most ln 2 = 0.693 for
    /// binary weights.
    /// - SeeAlso: Qin et al. 2020, IR-Net, arXiv:1909.10788.
    package var meanEntropy: Double
    /// The cosine of the angle between u and b: `cos θ = Σ u·b / (‖u‖₂‖b‖₂)`, for signs `‖u‖₁ / (√N·‖u‖₂)`; √(2/π) =
    /// 0.798 for Gaussian weights. Nil without latent weights.
    /// - SeeAlso: Anderson and Berg 2017, arXiv:1705.07199.
    package var alignment: Double?
    /// The share of latent weights at `±clipValue`; nil if they are not clipped.
    package var clippedShare: Double?
    /// The share of weights in the tails, `|u| > Q(τ) = -E|u|·ln(2 - 2τ)` with τ = 0.95, where a Laplace distribution has
    /// 10 %: they hardly flip any more. Nil without latent weights.
    /// - SeeAlso: Xu et al. 2021, ReCU, arXiv:2103.12369.
    package var deadShare: Double?
    /// The share of weights that have never flipped; nil if it is not known.
    package var neverFlippedShare: Double?
    /// The flips of the epoch; nil if it was not trained as a whole.
    package var epochFlips: EpochFlips?
    /// The kernels of a 3×3 convolution.
    package var kernels: Kernels?

    /// Figures of weights.
    package init(
      plusShare: Double, zeroShare: Double? = nil, meanEntropy: Double, alignment: Double? = nil,
      clippedShare: Double? = nil, deadShare: Double? = nil, neverFlippedShare: Double? = nil, kernels: Kernels? = nil
    ) {
      self.plusShare = plusShare
      self.zeroShare = zeroShare
      self.meanEntropy = meanEntropy
      self.alignment = alignment
      self.clippedShare = clippedShare
      self.deadShare = deadShare
      self.neverFlippedShare = neverFlippedShare
      self.kernels = kernels
    }
  }

  /// The flips of a layer between the ends of two epochs.
  package struct EpochFlips: Hashable, Codable, Sendable {
    /// The updates between.
    package var updates: Int
    /// All flips.
    package var flips: Int
    /// How many weights have another b than an epoch before.
    package var changed: Int
    /// How many weights flipped 0, 1, 2, 3–4, 5–8, 9–16, … times, without empty bins at the end. Divided by `updates`, the
    /// number of flips is how often a weight flips; at one bit, every flip but the first goes back. Nil in runs of older
    /// versions.
    /// - SeeAlso: Nagel et al. 2022, arXiv:2203.11086, who take an exponential mean in place of an epoch's.
    package var weightsByFlips: [Int]?
    /// The weights that flipped most, the most restless first.
    package var restless: [Restless]?

    /// A weight with its flips in the epoch.
    package struct Restless: Hashable, Codable, Sendable {
      /// The weight's output and input.
      package var unit, input: Int
      /// How often it flipped.
      package var flips: Int

      /// A weight.
      package init(unit: Int, input: Int, flips: Int) { (self.unit, self.input, self.flips) = (unit, input, flips) }
    }

    /// Flips of an epoch.
    package init(
      updates: Int, flips: Int, changed: Int, weightsByFlips: [Int]? = nil, restless: [Restless]? = nil
    ) {
      (self.updates, self.flips, self.changed) = (updates, flips, changed)
      (self.weightsByFlips, self.restless) = (weightsByFlips, restless)
    }

    /// The bin of `weightsByFlips` for a number of flips.
    package static func bin(ofFlips flips: Int) -> Int {
      flips <= 1 ? max(0, flips) : Int.bitWidth - (flips - 1).leadingZeroBitCount + 1
    }

    /// The numbers of flips of a bin: “3–4”.
    package static func words(ofBin bin: Int) -> String {
      bin <= 2 ? "\(bin)" : "\((1 << (bin - 2)) + 1)–\(1 << (bin - 1))"
    }

    /// The drift share, `changed / flips`: 1 if every flip counts, near 0 if the same weights flip to and fro. Nil without
    /// a flip.
    package var driftShare: Double? { flips > 0 ? Double(changed) / Double(flips) : nil }
  }

  /// The binary kernels of a 3×3 convolution: one per filter and input channel, each one of 512 patterns.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, on repeated filters.
  package struct Kernels: Hashable, Codable, Sendable {
    /// The number of kernels.
    package var count: Int
    /// The number of different patterns.
    package var distinct: Int
    /// The number of different patterns, if a pattern and its inverse are the same; at most 256.
    package var distinctUpToInversion: Int

    /// Counts of kernels.
    package init(count: Int, distinct: Int, distinctUpToInversion: Int) {
      (self.count, self.distinct, self.distinctUpToInversion) = (count, distinct, distinctUpToInversion)
    }
  }

  /// Figures of signs on a batch. x is what the sign is taken of, for RSign less its threshold; a unit is a channel, over
  /// all images and positions.
  package struct Activations: Hashable, Codable, Sendable {
    /// The number of units.
    package var units: Int
    /// The share of +1.
    package var plusShare: Double
    /// The share of dead units: those whose share of +1 is below 0.01 or above 0.99.
    package var deadShare: Double
    /// The share of closed gates: `|x|` beyond the estimator's window, so that no gradient passes. Nil for an estimator
    /// without a window.
    package var closedShare: Double?
    /// The mean over the units of `(μ² - σ²)₊`, with the moments of x.
    /// - SeeAlso: Ding et al. 2019, arXiv:1904.02823, with the constants of the authors' code; so for the next two.
    package var degeneration: Double
    /// The mean over the units of `(σ - 4)₊²`.
    package var saturation: Double
    /// The mean over the units of `(min(2 - μ - σ, 2 + μ - σ))₊²`.
    package var mismatch: Double

    /// Figures of signs.
    package init(
      units: Int, plusShare: Double, deadShare: Double, closedShare: Double? = nil, degeneration: Double,
      saturation: Double, mismatch: Double
    ) {
      self.units = units
      self.plusShare = plusShare
      self.deadShare = deadShare
      self.closedShare = closedShare
      self.degeneration = degeneration
      self.saturation = saturation
      self.mismatch = mismatch
    }
  }

  /// The Kullback-Leibler divergence of the batch's statistics (1) from the running ones (2), by channel:
  /// `ln(σ₂/σ₁) + (σ₁² + (μ₁ - μ₂)²)/(2σ₂²) - 1/2`, where σ² includes the ε of the normalization.
  /// - SeeAlso: Nagel et al. 2022, arXiv:2203.11086.
  package struct Lag: Hashable, Codable, Sendable {
    /// The mean over the channels.
    package var mean: Double
    /// The largest of the channels.
    package var maximum: Double

    /// A lag.
    package init(mean: Double, maximum: Double) { (self.mean, self.maximum) = (mean, maximum) }
  }
}
