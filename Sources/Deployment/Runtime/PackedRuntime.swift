package import NeuralNetworks
package import Tensors

/// Runs a packed network on this machine: products of bits by XNOR and popcount, no float between sign layers.
///
/// All memory is laid out when it is made; running allocates none. It belongs to the thread that made its `Compute`.
package final class PackedRuntime {
  /// What it computes.
  package let network: PackedNetwork
  /// How many logits an image has.
  package let outputs: Int
  /// What it does, in order; for people, and to measure.
  package let steps: [RuntimeStep]
  /// So many images are computed at once.
  package let batch: Int

  private let compute: Compute
  private let values: RuntimeValues

  /// Lays out a network.
  /// - Parameter batch: so many images at most are computed at once; nil for as many as keep what lies between the layers in
  ///   the second cache.
  package init(_ network: PackedNetwork, _ compute: Compute, batch: Int? = nil) {
    self.network = network
    self.compute = compute
    self.batch = batch ?? PackedRuntime.batch(of: network)
    outputs = network.operations.last?.output.features ?? 0
    var steps: [RuntimeStep] = []
    var index = 0
    while index < network.operations.count {
      let step = RuntimeStep(network, at: index)
      steps.append(step)
      index += step.operations
    }
    self.steps = steps
    values = RuntimeValues(network, batch: self.batch, unwritten: Set(steps.flatMap(\.unwritten)))
  }

  /// Computes the logits of images of a set.
  /// - Parameters:
  ///   - pixels: bytes of images, one after the other.
  ///   - indices: the images that are asked for.
  ///   - body: gets the place in `indices` of the first image of a part, and the part's logits, shape `[images, outputs]`, which
  ///     hold until the next part.
  package func run(
    _ pixels: ByteStorage, _ indices: ArraySlice<Int32>, _ body: (_ first: Int, _ logits: Tensor) -> Void
  ) {
    var first = indices.startIndex
    while first < indices.endIndex {
      let end = min(indices.endIndex, first + batch)
      values.input.gather(pixels, indices[first..<end])
      body(first - indices.startIndex, runInput())
      first = end
    }
  }

  /// Computes the logits of images in memory.
  /// - Parameter pixels: bytes of images, one after the other.
  package func run(_ pixels: UnsafeBufferPointer<UInt8>, _ body: (_ first: Int, _ logits: Tensor) -> Void) {
    let size = network.input.features
    let count = pixels.count / size
    var first = 0
    while first < count {
      let end = min(count, first + batch)
      values.input.copy(UnsafeBufferPointer(rebasing: pixels[first * size..<end * size]))
      body(first, runInput())
      first = end
    }
  }

  /// The logits of one image.
  package func logits(of pixels: [UInt8]) -> [Float] {
    precondition(pixels.count == network.input.features, "expected an image of \(network.input)")
    return pixels.withUnsafeBufferPointer { pixels in
      values.input.copy(pixels)
      return runInput().values
    }
  }

  /// Runs the step at a place once more on what the last run has left: to measure it.
  package func repeatStep(_ place: Int) { steps[place].run(values, compute) }

  /// The floats that an operation gave for the newest images.
  func real(of operation: Int) -> Tensor { values.real(operation + 1) }
  /// The signs that an operation gave for the newest images.
  func signs(of operation: Int) -> SignBatch { values.signs(operation + 1) }

  private func runInput() -> Tensor {
    for step in steps { step.run(values, compute) }
    return values.real(network.operations.count)
  }

  // As many images as keep the values of the largest layer, and its windows, in two mebibytes, and all of them in 256.
  private static func batch(of network: PackedNetwork) -> Int {
    let cost = RuntimeCost(network)
    let count = min(512, Double(2 << 20) / max(1, cost.largest), Double(256 << 20) / max(1, cost.bytes))
    return max(1, Int(count))
  }
}

/// The values between the operations, each in a place of its own.
final class RuntimeValues {
  /// The bytes of the images, a row each.
  let input: ByteMatrix
  private var tensors: [Int: Tensor] = [:]
  private var signs: [Int: SignBatch] = [:]
  private var bytes: [Int: ByteMatrix] = [:]
  private var sums: [Int: SumMatrix] = [:]

  /// Places for so many images; operations whose value nobody writes have none.
  init(_ network: PackedNetwork, batch: Int, unwritten: Set<Int>) {
    input = ByteMatrix(rows: batch, columns: network.input.features)
    for (index, operation) in network.operations.enumerated() where !unwritten.contains(index) {
      let (number, channels, rows) = (index + 1, operation.output.channels, batch * operation.output.pixels)
      let source = operation.inputs[0]
      switch (operation.type, operation.kind) {
      // Another shape of the same memory.
      case (.real, .reshape): tensors[number] = tensors[source]?.view(columns: channels)
      case (.levels, .reshape): bytes[number] = bytes[source]?.view(columns: channels)
      case (.real, _): tensors[number] = Tensor(rows: rows, columns: channels)
      case (.signs, _): signs[number] = SignBatch(features: channels)
      case (.levels, _), (.bytes, _): bytes[number] = ByteMatrix(rows: rows, columns: channels)
      case (.sums, _): sums[number] = SumMatrix(rows: rows, columns: channels)
      }
    }
  }

  /// Floats, shape `[images·pixels, channels]`.
  func real(_ number: Int) -> Tensor { there(tensors[number]) }
  /// Signs, of the same shape.
  func signs(_ number: Int) -> SignBatch { there(signs[number]) }
  /// Levels, or the bytes of the images.
  func bytes(_ number: Int) -> ByteMatrix { number == 0 ? input : there(bytes[number]) }
  /// Sums.
  func sums(_ number: Int) -> SumMatrix { there(sums[number]) }

  // Every place was made for the operation that gives it.
  private func there<Place>(_ place: Place?) -> Place {
    guard let place else { preconditionFailure("an operation reads a value of another type") }
    return place
  }
}
