package import NeuralNetworks
package import Tensors

/// Compares the results of a packed network with those of the trained network, image by image.
///
/// Integers are equal by construction. Float sums may differ: those of the first layer, where training adds rounded
/// products of scaled pixels and the packed network adds integers, and those of float layers. If such a sum is at the
/// threshold of a sign, the sign may differ, and all that depends on it. This is a tie. Each difference must be traced to
/// a tie; any other difference is a fault.
package struct PackingCheck: Sendable {
  /// A sign that differs because its sum lies at the threshold.
  package struct Tie: Hashable, Sendable {
    /// The index of the image.
    package var image: Int
    /// The layer that computes the sign.
    package var layer: String
    /// The unit, or channel.
    package var unit: Int
    /// The pixel of the layer's output; 0 if the output is a flat row.
    package var pixel: Int
    /// The input of the sign minus its threshold, as training computes it.
    package var trained: Float
    /// The same difference, computed exactly.
    package var packed: Float
    /// Whether the predictions differ.
    package var changesPrediction: Bool
  }

  /// The number of images that were compared.
  package private(set) var count = 0
  /// The number of images with equal predictions.
  package private(set) var equalCount = 0
  /// The numbers of correct predictions of both networks; nil if the labels are unknown.
  package private(set) var correct: (trained: Int, packed: Int)?
  /// The largest difference between two logits, over images without a tie.
  package private(set) var largestDifference: Float = 0
  /// The largest ratio of such a difference to the image's largest absolute logit.
  package private(set) var largestShare: Float = 0
  /// For each image with a tie, the first sign that differs.
  package private(set) var ties: [Tie] = []
  /// The images whose logits differ without a tie.
  package private(set) var unexplained: [Int] = []

  /// Whether every difference is due to a tie.
  package var isSound: Bool { unexplained.isEmpty }

  // Relative to the image's largest absolute logit. Floats added in another order differ by less. If operands are rounded
  // to bfloat16, another order may round the next operand to its neighbour, which differs by 1/256.
  private static func tolerance(_ network: PackedNetwork) -> Float {
    let rounds = network.operations.contains { operation in
      if case .product(let product) = operation.kind { product.roundsInput } else { false }
    }
    return rounds ? 1.0 / 128 : 1e-4
  }
  // Relative to the layer's largest absolute value. Sums closer to the threshold are ties.
  private static let tieWidth: Float = 1e-4

  /// Compares the networks on images.
  /// - Parameters:
  ///   - network: the trained network, ready for inference.
  ///   - pixels: the images' bytes, one image after the other.
  ///   - labels: the class of each image; empty if unknown.
  ///   - images: the indices of the images to compare.
  ///   - progress: called with the completed fraction, 0...1; an error that it throws cancels the comparison.
  /// - Throws: `NetworkError` if the images can't be prepared.
  package init(
    _ model: PackedModel, _ trained: TrainedNetwork, pixels: ByteStorage, labels: [UInt8], _ images: [Int32],
    _ compute: Compute, progress: (Double) throws -> Void = { _ in }
  ) throws {
    let total = images.count
    let runtime = PackedRuntime(model.network, compute)
    let pass = PassContext(compute: compute, isTraining: false)
    let input = Tensor(rows: 0, columns: model.data.image.features)
    let tolerance = Self.tolerance(model.network)
    let tracer = try TieTracer(model, trained, compute)
    var (right, wasRight) = (0, 0)
    let batch = min(runtime.batch, trained.checkpoint.layout.evaluationBatch)
    for first in stride(from: 0, to: total, by: batch) {
      try progress(Double(first) / Double(total))
      let indices = images[first..<min(total, first + batch)]
      try trained.prepare(input, of: pixels, indices, compute)
      let expected = trained.network.forward(input, pass).values
      var found: [Float] = []
      runtime.run(pixels, indices) { found += $1.values }
      let outputs = runtime.outputs
      for (place, index) in indices.enumerated() {
        let (one, other) = (
          Array(expected[place * outputs..<(place + 1) * outputs]),
          Array(found[place * outputs..<(place + 1) * outputs])
        )
        let (theirs, ours) = (one.greatestPlace, other.greatestPlace)
        if theirs == ours { equalCount += 1 }
        if !labels.isEmpty {
          wasRight += theirs == Int(labels[Int(index)]) ? 1 : 0
          right += ours == Int(labels[Int(index)]) ? 1 : 0
        }
        let difference = zip(one, other).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        let share = difference / max(1e-6, one.reduce(Float(0)) { max($0, abs($1)) })
        if share <= tolerance {
          largestDifference = max(largestDifference, difference)
          largestShare = max(largestShare, share)
          if theirs != ours {
            // The two largest logits differ by less than the rounding of their sums.
            ties.append(
              Tie(
                image: Int(index), layer: "the logits", unit: theirs, pixel: 0, trained: one[theirs] - one[ours],
                packed: other[theirs] - other[ours], changesPrediction: true))
          }
        } else if var tie = try tracer.tie(pixels, index, within: Self.tieWidth) {
          (tie.image, tie.changesPrediction) = (Int(index), theirs != ours)
          ties.append(tie)
        } else {
          unexplained.append(Int(index))
        }
      }
    }
    count = total
    if !labels.isEmpty { correct = (wasRight, right) }
  }
}

/// A trained network with everything that prepares its input.
package struct TrainedNetwork {
  /// The description of the network and of its images.
  package let checkpoint: NetworkCheckpoint
  /// The network with its weights, ready for inference.
  package let network: Network
  /// The whitening matrix and offset; nil if images are not prepared by `zca`.
  package let whitening: (matrix: [Float], offset: [Float])?

  package init(
    _ checkpoint: NetworkCheckpoint, _ network: Network, whitening: (matrix: [Float], offset: [Float])? = nil
  ) {
    (self.checkpoint, self.network, self.whitening) = (checkpoint, network, whitening)
  }

  /// Computes the network's input from images.
  /// - Throws: `NetworkError` if the preparation is unknown.
  package func prepare(
    _ tensor: Tensor, of pixels: ByteStorage, _ indices: ArraySlice<Int32>, _ compute: Compute
  ) throws {
    guard checkpoint.data.preparation == .zca else {
      return try checkpoint.data.prepare(tensor, of: pixels, indices)
    }
    guard let whitening else {
      throw NetworkError(layer: "input", expected: "the run's whitening.safetensors", found: "none")
    }
    let size = checkpoint.data.image.features
    let contrasts = Tensor(rows: 0, columns: size)
    contrasts.gatherContrasts(pixels, indices, shape: checkpoint.data.image)
    tensor.resize(rows: contrasts.rows)
    let matrix = Tensor(rows: size, columns: size, values: whitening.matrix)
    compute.multiply(.float32(contrasts), .float32(matrix), into: tensor)
    for row in 0..<tensor.rows { for column in 0..<size { tensor[row, column] -= whitening.offset[column] } }
  }
}

/// Finds the first sign that differs between the trained network and the packed one.
private struct TieTracer {
  private let trained: TrainedNetwork
  private let compute: Compute
  private let folded: PackedRuntime
  private let exact: PackedRuntime

  init(_ model: PackedModel, _ trained: TrainedNetwork, _ compute: Compute) throws {
    (self.trained, self.compute) = (trained, compute)
    folded = PackedRuntime(model.network, compute, batch: 1)
    let unfolded = try NetworkPacker.pack(
      trained.checkpoint.layout, trained.network, trained.checkpoint.data, whitening: trained.whitening, form: .unfolded
    )
    exact = PackedRuntime(unfolded, compute, batch: 1)
  }

  func tie(_ pixels: ByteStorage, _ index: Int32, within width: Float) throws -> PackingCheck.Tie? {
    let input = Tensor(rows: 0, columns: trained.checkpoint.data.image.features)
    try trained.prepare(input, of: pixels, [index], compute)
    _ = trained.network.forward(input, PassContext(compute: compute, isTraining: false))
    for runtime in [folded, exact] { runtime.run(pixels, [index]) { _, _ in } }
    let theirs = trained.network.layers.compactMap { layer in layer.newestSigns.map { (layer.name, $0) } }
    let (places, names) = (folded.network.signPlaces, exact.network.signPlaces)
    guard theirs.count == places.count, places.count == names.count else { return nil }
    for (number, (layer, signs)) in theirs.enumerated() {
      let ours = folded.signs(of: places[number]).signs
      for row in 0..<ours.rows {
        for column in 0..<ours.columns where ours[row, column] != signs.signs[row, column] {
          let operation = exact.network.operations[names[number]]
          let source = operation.inputs[0] - 1
          var limit: Float = 0
          if case .sign(let limits) = operation.kind, !limits.isEmpty { limit = limits[column] }
          let values = exact.real(of: source)
          let greatest = values.values.reduce(Float(0)) { max($0, abs($1)) }
          let value = values[row, column] - limit
          guard abs(value) <= width * max(greatest, 1) else { return nil }
          let probe = SignInputProbe(layer: layer, row: row, column: column)
          try trained.prepare(input, of: pixels, [index], compute)
          var pass = PassContext(compute: compute, isTraining: false)
          pass.observer = probe
          _ = trained.network.forward(input, pass)
          guard let former = probe.value else { return nil }
          return PackingCheck.Tie(
            image: 0, layer: operation.layer, unit: column, pixel: row, trained: former, packed: value,
            changesPrediction: false)
        }
      }
    }
    return nil
  }
}

extension PackedNetwork {
  /// The operation that computes the signs of each sign layer, including the pooling after it.
  fileprivate var signPlaces: [Int] {
    operations.indices.filter { index in
      switch operations[index].kind {
      case .sign, .poolSigns: return true
      case .threshold:
        if case .poolSigns? = operation(reading: index + 1) { return false }
        return true
      default: return false
      }
    }
  }
}

extension [Float] {
  /// The index of the largest element; the first one of equal elements.
  package var greatestPlace: Int {
    var best = 0
    for place in indices where self[place] > self[best] { best = place }
    return best
  }
}
