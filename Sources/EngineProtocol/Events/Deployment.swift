/// The weights of a lane that were packed.
package struct DeployedWeights: Hashable, Codable, Sendable {
  /// The lane's name.
  package var lane: String
  /// The lane's branch.
  package var branch: Int
  /// Which weights they are.
  package var choice: WeightsChoice
  /// Updates done when the weights were read.
  package var step: Int
  /// Epochs done; of the best weights, at their validation.
  package var epoch: Double

  /// Weights of a lane.
  package init(lane: String, branch: Int, choice: WeightsChoice, step: Int, epoch: Double) {
    self.lane = lane
    self.branch = branch
    self.choice = choice
    self.step = step
    self.epoch = epoch
  }
}

/// A comparison of a packed network with the trainer's, image by image.
package struct PackingComparison: Hashable, Codable, Sendable {
  /// The images: “6,000 validation images of fashion-mnist”.
  package var images: String
  /// Number of images.
  package var count: Int
  /// Number of images for which both predict the same class.
  package var equalCount: Int
  /// Accuracy of the trainer's network, 0...1.
  package var trainedAccuracy: Double
  /// Accuracy of the packed network, 0...1.
  package var packedAccuracy: Double
  /// The largest difference of two logits, as a share of the image's greatest, over the images without a tie.
  package var largestDifference: Double
  /// Number of images in which a sum lies so close to the threshold of a sign that the order of additions decides.
  package var tieCount: Int
  /// Number of images whose logits differ for no known reason.
  package var unexplainedCount: Int

  /// A comparison.
  package init(
    images: String, count: Int, equalCount: Int, trainedAccuracy: Double, packedAccuracy: Double,
    largestDifference: Double, tieCount: Int, unexplainedCount: Int
  ) {
    self.images = images
    self.count = count
    self.equalCount = equalCount
    self.trainedAccuracy = trainedAccuracy
    self.packedAccuracy = packedAccuracy
    self.largestDifference = largestDifference
    self.tieCount = tieCount
    self.unexplainedCount = unexplainedCount
  }
}

/// A lane's packed network: its layers, and how it compares with the trainer's network.
package struct LanePacking: Hashable, Codable, Sendable {
  /// A layer with weights, with everything up to the next one.
  package struct Layer: Hashable, Codable, Sendable {
    /// The layer's name.
    package var name: String
    /// The output of an image: “24×24×50”.
    package var output: String
    /// The form of the weights: `bits`, `ternary`, `int8`, `int16`, `float`.
    package var weights: String
    /// The form of the input: `bytes`, `signs`, `levels`, `real`.
    package var input: String
    /// The form of the output.
    package var gives: String
    /// Bytes of weights, thresholds and other numbers.
    package var bytes: Int
    /// Bytes of the weights as float32.
    package var floatBytes: Int
    /// What stays float behind the product, in words.
    package var floats: [String]
    /// What computes the product on this machine: “XNOR, thresholds”.
    package var kernel: String

    /// A layer.
    package init(
      name: String, output: String, weights: String, input: String, gives: String, bytes: Int, floatBytes: Int,
      floats: [String], kernel: String
    ) {
      self.name = name
      self.output = output
      self.weights = weights
      self.input = input
      self.gives = gives
      self.bytes = bytes
      self.floatBytes = floatBytes
      self.floats = floats
      self.kernel = kernel
    }
  }

  /// A form in which a lane can be exported.
  package struct Format: Hashable, Codable, Sendable {
    /// The name for `ExportLaneRequest.format`.
    package var name: String
    /// The form in one line.
    package var summary: String
    /// The default name of the file or folder.
    package var file: String

    /// A form.
    package init(name: String, summary: String, file: String) {
      (self.name, self.summary, self.file) = (name, summary, file)
    }
  }

  /// The weights.
  package var weights: DeployedWeights
  /// The layers in order.
  package var layers: [Layer]
  /// Bytes of all layers.
  package var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }
  /// Bytes of all weights as float32.
  package var floatBytes: Int { layers.reduce(0) { $0 + $1.floatBytes } }
  /// The comparison on the validation images.
  package var comparison: PackingComparison
  /// The instruction set of the kernels: “AVX2”.
  package var kernels: String
  /// The forms in which the lane can be exported.
  package var formats: [Format]
  /// Remarks on the weights; nil for none.
  package var notes: [String]?

  /// A lane's packed network.
  package init(
    weights: DeployedWeights, layers: [Layer], comparison: PackingComparison, kernels: String, formats: [Format],
    notes: [String]? = nil
  ) {
    self.weights = weights
    self.layers = layers
    self.comparison = comparison
    self.kernels = kernels
    self.formats = formats
    self.notes = notes
  }
}

/// The speed of a lane's packed network on this machine, beside float32 products of the same shapes.
package struct LaneTiming: Hashable, Codable, Sendable {
  /// The figures of one network.
  package struct Speed: Hashable, Codable, Sendable {
    /// The median of the seconds for one image.
    package var latency: Double
    /// The 99th percentile of the seconds for one image.
    package var slowLatency: Double
    /// Images per second in batches of `LaneTiming.batch`.
    package var imagesPerSecond: Double

    /// Figures.
    package init(latency: Double, slowLatency: Double, imagesPerSecond: Double) {
      (self.latency, self.slowLatency, self.imagesPerSecond) = (latency, slowLatency, imagesPerSecond)
    }
  }

  /// The weights, on which the speed does not depend.
  package var weights: DeployedWeights
  /// The packed network.
  package var packed: Speed
  /// oneDNN's float32 products of the same shapes, without anything between them: faster than any float network.
  package var float: Speed
  /// Images per call for `imagesPerSecond`.
  package var batch: Int
  /// Number of threads.
  package var threads: Int
  /// The machine's processor; nil if unknown.
  package var processor: String?
  /// The instruction set of the kernels.
  package var kernels: String

  /// The speed of a lane's network.
  package init(
    weights: DeployedWeights, packed: Speed, float: Speed, batch: Int, threads: Int, processor: String?, kernels: String
  ) {
    self.weights = weights
    self.packed = packed
    self.float = float
    self.batch = batch
    self.threads = threads
    self.processor = processor
    self.kernels = kernels
  }
}

/// A lane's network that was written.
package struct LaneExport: Hashable, Codable, Sendable {
  /// The weights.
  package var weights: DeployedWeights
  /// The name of the format.
  package var format: String
  /// The paths of the files.
  package var files: [String]
  /// Bytes of all files.
  package var bytes: Int
  /// Bytes of all parameters as float32.
  package var floatBytes: Int
  /// The comparison on the test images, before the files were written.
  package var comparison: PackingComparison

  /// An export.
  package init(
    weights: DeployedWeights, format: String, files: [String], bytes: Int, floatBytes: Int,
    comparison: PackingComparison
  ) {
    self.weights = weights
    self.format = format
    self.files = files
    self.bytes = bytes
    self.floatBytes = floatBytes
    self.comparison = comparison
  }
}

/// Work on a copy of a lane that has failed: packing, timing, exporting, inspecting, classifying, reading.
package struct DeploymentFailure: Hashable, Codable, Sendable {
  /// The kinds of work.
  package enum Work: String, Hashable, Codable, Sendable {
    case packing, timing, exporting, inspecting, classifying, searching, comparing, reading
  }

  /// The lane's name.
  package var lane: String
  /// What has failed.
  package var work: Work
  /// Why.
  package var reason: String
  /// Whether it was cancelled by a command.
  package var wasCancelled: Bool
  /// The request, if there is a file at its path already. Nothing was written.
  package var existing: ExportLaneRequest?

  /// A failure.
  package init(
    lane: String, work: Work, reason: String, wasCancelled: Bool = false, existing: ExportLaneRequest? = nil
  ) {
    self.lane = lane
    self.work = work
    self.reason = reason
    self.wasCancelled = wasCancelled
    self.existing = existing
  }
}
