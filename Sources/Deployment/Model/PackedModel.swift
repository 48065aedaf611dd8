package import NeuralNetworks
package import Tensors

/// A trained network that leaves signflip: what it computes, how an image becomes its input, the names of its classes, and
/// where it comes from.
package struct PackedModel: Hashable, Sendable {
  /// What it computes.
  package var network: PackedNetwork
  /// The images that it was trained on, and the names of the classes.
  package var data: DataDescription
  /// How values of image files became bytes; nil if the data set's files contain bytes.
  package var stored: StoredValues?
  /// Where it comes from.
  package var provenance: Provenance
  /// Images and the logits that they have: whoever reads the model can prove that it reads it right.
  package var golden: [GoldenSample]

  /// A model.
  package init(
    network: PackedNetwork, data: DataDescription, stored: StoredValues? = nil, provenance: Provenance,
    golden: [GoldenSample] = []
  ) {
    self.network = network
    self.data = data
    self.stored = stored
    self.provenance = provenance
    self.golden = golden
  }

  /// How values of the training images' files became bytes. Other images must be read in the same way.
  package struct StoredValues: Hashable, Codable, Sendable {
    /// The value of 16 bits that becomes 255; nil if no image had 16 bits.
    package var largestValue: Int?
    /// The background of transparent pixels, 0...255; nil if there were none.
    package var background: Int?

    /// Rules for other images.
    package init(largestValue: Int? = nil, background: Int? = nil) {
      (self.largestValue, self.background) = (largestValue, background)
    }
  }

  /// Where a model comes from.
  package struct Provenance: Hashable, Codable, Sendable {
    /// The run's name; empty where the weights came from a file alone.
    package var run: String
    /// The lane's name.
    package var lane: String
    /// Updates done.
    package var step: Int
    /// The network in short: “784·256·256·256·10”.
    package var network: String
    /// SHA-256 of the trained weights, as the run tells it.
    package var weightsSHA256: String
    /// The share of the test images that the trainer's network gets right; nil where it was not measured.
    package var testAccuracy: Double?
    /// The version of signflip that has packed it.
    package var program: String

    /// Where a model comes from.
    package init(
      run: String = "", lane: String, step: Int, network: String, weightsSHA256: String, testAccuracy: Double? = nil,
      program: String
    ) {
      self.run = run
      self.lane = lane
      self.step = step
      self.network = network
      self.weightsSHA256 = weightsSHA256
      self.testAccuracy = testAccuracy
      self.program = program
    }
  }

  /// An image and its logits.
  package struct GoldenSample: Hashable, Codable, Sendable {
    /// The bytes of the image, rows of pixels, the channels of a pixel together.
    package var pixels: [UInt8]
    /// The logits of the packed network.
    package var logits: [Float]

    /// A sample.
    package init(pixels: [UInt8], logits: [Float]) { (self.pixels, self.logits) = (pixels, logits) }
  }
}

extension PackedModel {
  /// Packs the network of a checkpoint.
  /// - Parameters:
  ///   - checkpoint: what the network is.
  ///   - network: the same with its weights.
  ///   - run: the run's name; empty where there is none.
  ///   - whitening: the run's map of images that were prepared by `zca`.
  ///   - testAccuracy: as the trainer has measured it.
  ///   - program: the version of signflip.
  /// - Throws: `NetworkError`, naming the layer.
  package init(
    packing checkpoint: NetworkCheckpoint, _ network: Network, run: String = "",
    whitening: (matrix: [Float], offset: [Float])? = nil, testAccuracy: Double? = nil, program: String
  ) throws {
    self.init(
      network: try NetworkPacker.pack(checkpoint.layout, network, checkpoint.data, whitening: whitening),
      data: checkpoint.data,
      provenance: Provenance(
        run: run, lane: checkpoint.lane, step: checkpoint.step, network: checkpoint.layout.description,
        weightsSHA256: TensorDigest.sha256(network.state), testAccuracy: testAccuracy, program: program))
  }

  /// Adds golden samples: images, and what the packed network makes of them.
  /// - Parameter images: bytes of images, one after the other.
  package mutating func addGolden(_ images: [[UInt8]], _ compute: Compute) {
    let runtime = PackedRuntime(network, compute)
    golden += images.map { GoldenSample(pixels: $0, logits: runtime.logits(of: $0)) }
  }
}
