package import NeuralNetworks
package import Tensors

/// Runs a packed network on this machine. Products of bits are XNOR and popcount; between sign layers there are no floats.
///
/// All memory is allocated by the initializer, and none while it runs. Only the thread that made its `Compute` may use it.
package final class PackedRuntime {
  /// The network.
  package let network: PackedNetwork
  /// The number of logits per image.
  package let outputs: Int
  /// The steps in order, for tables and measurements.
  package let steps: [RuntimeStep]
  /// The number of images that are computed at once.
  package let batch: Int

  private let compute: Compute
  private let values: RuntimeValues

  /// Prepares a network.
  /// - Parameter batch: the largest number of images that are computed at once; nil for a number whose values fit into the
  ///   second-level cache.
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

  /// Computes the logits of selected images.
  /// - Parameters:
  ///   - pixels: the images' bytes, one image after the other.
  ///   - indices: the images to compute.
  ///   - body: called for each batch with the position in `indices` of its first image, and its logits, shape `[images,
  ///     outputs]`. The logits are valid until the next call.
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
  /// - Parameter pixels: the images' bytes, one image after the other.
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

  /// Returns the logits of one image.
  package func logits(of pixels: [UInt8]) -> [Float] {
    precondition(pixels.count == network.input.features, "expected an image of \(network.input)")
    return pixels.withUnsafeBufferPointer { pixels in
      values.input.copy(pixels)
      return runInput().values
    }
  }

  /// Repeats one step on the values of the last run, to measure it.
  package func repeatStep(_ place: Int) { steps[place].run(values, compute) }

  /// What computes each product, in order: “XNOR, thresholds”.
  package var productKernels: [String] {
    var first = 0
    return steps.compactMap { step in
      defer { first += step.operations }
      return if case .product = network.operations[first].kind { step.kernel } else { nil }
    }
  }

  /// The floats that an operation computed for the last batch.
  func real(of operation: Int) -> Tensor { values.real(operation + 1) }
  /// The signs that an operation computed for the last batch.
  func signs(of operation: Int) -> SignBatch { values.signs(operation + 1) }

  private func runInput() -> Tensor {
    for step in steps { step.run(values, compute) }
    return values.real(network.operations.count)
  }

  // The number of images with which the largest layer's values and windows take at most 2 MiB, and all values at most 256 MiB.
  private static func batch(of network: PackedNetwork) -> Int {
    let cost = RuntimeCost(network)
    let count = min(512, Double(2 << 20) / max(1, cost.largest), Double(256 << 20) / max(1, cost.bytes))
    return max(1, Int(count))
  }
}

/// The values between the operations, each in memory of its own.
final class RuntimeValues {
  /// The images' bytes, shape `[images, features]`.
  let input: ByteMatrix
  private var tensors: [Int: Tensor] = [:]
  private var signs: [Int: SignBatch] = [:]
  private var bytes: [Int: ByteMatrix] = [:]
  private var sums: [Int: SumMatrix] = [:]

  /// Allocates memory for a number of images; `unwritten` operations get none.
  init(_ network: PackedNetwork, batch: Int, unwritten: Set<Int>) {
    input = ByteMatrix(rows: batch, columns: network.input.features)
    for (index, operation) in network.operations.enumerated() where !unwritten.contains(index) {
      let (number, channels, rows) = (index + 1, operation.output.channels, batch * operation.output.pixels)
      let source = operation.inputs[0]
      switch (operation.type, operation.kind) {
      // The same memory with another shape.
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
  /// Signs, shape `[images·pixels, channels]`.
  func signs(_ number: Int) -> SignBatch { there(signs[number]) }
  /// Levels, shape `[images·pixels, channels]`; for number 0 the images' bytes.
  func bytes(_ number: Int) -> ByteMatrix { number == 0 ? input : there(bytes[number]) }
  /// Sums, shape `[images·pixels, channels]`.
  func sums(_ number: Int) -> SumMatrix { there(sums[number]) }

  // The initializer has allocated it for the operation that writes it.
  private func there<Place>(_ place: Place?) -> Place {
    guard let place else { preconditionFailure("an operation reads a value of another type") }
    return place
  }
}
