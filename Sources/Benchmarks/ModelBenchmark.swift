internal import Deployment
package import NeuralNetworks
private import Tensors

/// Measures a packed network on this machine, and float products of the same shapes.
package struct ModelBenchmark {
  /// A measurement of one batch size.
  package struct Result: Hashable, Codable, Sendable {
    /// Images per call.
    package var batch: Int
    /// The number of threads.
    package var threads: Int
    /// Median and 99th percentile of the seconds per call.
    package var median, slow: Double
    /// The shortest time of oneDNN for float products of the same shapes, in seconds; the operations between them are not
    /// included.
    package var floatProducts: Double

    /// Images per second at the median.
    package var imagesPerSecond: Double { Double(batch) / median }
  }

  /// The time of a step at one batch size.
  package struct Step: Hashable, Codable, Sendable {
    package var layer: String
    package var kernel: String
    /// The shortest time, in seconds.
    package var seconds: Double
    /// Multiply-accumulates of the step for all images.
    package var products: Int
  }

  private let network: PackedNetwork
  private let pixels: [UInt8]

  /// A benchmark of a network on random images.
  package init(_ network: PackedNetwork) {
    self.network = network
    var draws = Philox(seed: 1)
    pixels = (0..<1024 * network.input.features).map { _ in UInt8(draws.next() & 255) }
  }

  /// Measures calls of `batch` images for about `seconds` seconds.
  package func run(batch: Int, threads: Int, seconds: Double) -> Result {
    let compute = Compute(threads: threads)
    let runtime = PackedRuntime(network, compute, batch: nil)
    let images = ByteStorage(Array(pixels[..<(batch * network.input.features)]))
    let indices = (0..<batch).map { Int32($0) }
    let times = Self.times(seconds) { runtime.run(images, indices[...]) { _, _ in } }
    let sorted = times.sorted()
    return Result(
      batch: batch, threads: threads, median: sorted[sorted.count / 2],
      slow: sorted[min(sorted.count - 1, sorted.count * 99 / 100)],
      floatProducts: floatProducts(batch: batch, compute, seconds: seconds / 2))
  }

  /// Measures each step on `batch` images, with one thread.
  package func steps(batch: Int, seconds: Double) -> [Step] {
    let compute = Compute(threads: 1)
    let runtime = PackedRuntime(network, compute, batch: batch)
    let indices = (0..<batch).map { Int32($0) }
    runtime.run(ByteStorage(Array(pixels[..<(batch * network.input.features)])), indices[...]) { _, _ in }
    var first = 0
    return runtime.steps.indices.map { place in
      let step = runtime.steps[place]
      defer { first += step.operations }
      let times = Self.times(seconds / Double(runtime.steps.count)) { runtime.repeatStep(place) }
      var products = 0
      if case .product(let product) = network.operations[first].kind {
        products = batch * product.weights.rows * product.weights.columns * (product.windows?.count ?? 1)
      }
      return Step(layer: step.layer, kernel: step.kernel, seconds: times.min() ?? 0, products: products)
    }
  }

  // The time of oneDNN for the products only, a lower bound for any float network of these shapes.
  private func floatProducts(batch: Int, _ compute: Compute, seconds: Double) -> Double {
    var total = 0.0
    let products = network.operations.compactMap { operation -> (Int, Int, Int)? in
      guard case .product(let product) = operation.kind else { return nil }
      return (product.windows?.count ?? 1, product.weights.rows, product.weights.columns)
    }
    for (rows, outputs, inputs) in products {
      // A part of the batch if there are many windows.
      let images = max(1, min(batch, (1 << 22) / (rows * inputs)))
      let (a, b, c) = (
        Tensor(rows: images * rows, columns: inputs), Tensor(rows: outputs, columns: inputs),
        Tensor(rows: images * rows, columns: outputs)
      )
      a.fill(0.5)
      b.fill(0.25)
      let times = Self.times(seconds / Double(products.count)) {
        compute.multiply(.float32(a), .float32(b), transposingB: true, into: c)
      }
      total += (times.min() ?? 0) * Double(batch) / Double(images)
    }
    return total
  }

  private static func times(_ seconds: Double, _ body: () -> Void) -> [Double] {
    body()
    var times: [Double] = []
    let begin = ContinuousClock.now
    while (ContinuousClock.now - begin) / .seconds(1) < seconds || times.count < 5 {
      let start = ContinuousClock.now
      body()
      times.append((ContinuousClock.now - start) / .seconds(1))
    }
    return times
  }
}
