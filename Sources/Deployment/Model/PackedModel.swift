package import NeuralNetworks
package import Tensors

/// An exported network: its operations, the preparation of images, the names of the classes, and the provenance.
package struct PackedModel: Hashable, Sendable {
  /// The operations.
  package var network: PackedNetwork
  /// The shape and preparation of the images, and the names of the classes.
  package var data: DataDescription
  /// How values of image files were converted to bytes; nil if the data set's files contain bytes.
  package var stored: StoredValues?
  /// The run, lane and step that the weights are from.
  package var provenance: Provenance
  /// Images with their logits. A program that reads the model can check its own results against them.
  package var golden: [GoldenSample]

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

  /// How values of the training images' files were converted to bytes. Other images must be converted in the same way.
  package struct StoredValues: Hashable, Codable, Sendable {
    /// The 16-bit value that becomes 255; nil if no image had 16 bits.
    package var largestValue: Int?
    /// The background of transparent pixels, 0...255; nil if there were none.
    package var background: Int?

    /// A conversion.
    package init(largestValue: Int? = nil, background: Int? = nil) {
      (self.largestValue, self.background) = (largestValue, background)
    }
  }

  /// The origin of a model.
  package struct Provenance: Hashable, Codable, Sendable {
    /// The run's name; empty if the weights were read from a single checkpoint file.
    package var run: String
    package var lane: String
    /// The number of updates of the weights.
    package var step: Int
    /// The network in short: “784·256·256·256·10”.
    package var network: String
    /// The SHA-256 of the trained weights, as in the run's results.
    package var weightsSHA256: String
    /// The trained network's accuracy on the test images, 0...1; nil if it was not measured.
    package var testAccuracy: Double?
    /// The version of signflip that packed the network.
    package var program: String

    /// An origin.
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
    /// The bytes of the image, shape `[height, width, channels]`, row-major.
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
  ///   - checkpoint: the description of the network and its images.
  ///   - network: the network with its weights.
  ///   - run: the run's name; empty if there is none.
  ///   - whitening: the run's whitening matrix, if images are prepared by `zca`.
  ///   - testAccuracy: the accuracy that training measured, 0...1.
  ///   - program: the version of signflip.
  /// - Throws: `NetworkError` with the layer that can't be packed.
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

  /// Computes the logits of images, and adds both as golden samples.
  /// - Parameter images: the bytes of each image.
  package mutating func addGolden(_ images: [[UInt8]], _ compute: Compute) {
    let runtime = PackedRuntime(network, compute)
    golden += images.map { GoldenSample(pixels: $0, logits: runtime.logits(of: $0)) }
  }
}
