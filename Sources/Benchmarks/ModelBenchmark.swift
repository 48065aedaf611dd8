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
    /// The calls of the packed network.
    package var packed: Times
    /// oneDNN's float32 products of the same shapes, without anything between them: less than a float network takes.
    package var floatProducts: Times

    /// Images per second of the packed network, at the median.
    package var imagesPerSecond: Double { Double(batch) / packed.median }
    /// Images per second of the float products, at the median.
    package var floatImagesPerSecond: Double { Double(batch) / floatProducts.median }
  }

  /// Seconds per call.
  package struct Times: Hashable, Codable, Sendable {
    /// The median and the 99th percentile.
    package var median, slow: Double

    init(_ seconds: [Double]) {
      let sorted = seconds.sorted()
      median = sorted[sorted.count / 2]
      slow = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    }
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
  ///
  /// Series of packed and of float calls alternate, so that another program on the machine slows down both. The first call of a
  /// series is not counted: the other series has emptied the caches.
  /// - Parameter progress: called between two calls with the share of the time that is over; an error that it throws cancels the
  ///   measurement.
  /// - Throws: errors of `progress`.
  package func run(
    batch: Int, threads: Int, seconds: Double, progress: (Double) throws -> Void = { _ in }
  ) throws -> Result {
    let compute = Compute(threads: threads)
    let runtime = PackedRuntime(network, compute, batch: nil)
    let images = ByteStorage(Array(pixels[..<(batch * network.input.features)]))
    let indices = (0..<batch).map { Int32($0) }
    let products = FloatProducts(network, batch: batch)
    let begin = ContinuousClock.now
    var share: Double { (ContinuousClock.now - begin) / .seconds(1) / seconds }
    func series(_ call: () -> Double) throws -> [Double] {
      _ = call()
      let start = share
      var times: [Double] = []
      while times.isEmpty || share - start < 1.0 / 20 {
        try progress(min(1, share))
        times.append(call())
      }
      return times
    }
    var (packed, floats): ([Double], [Double]) = ([], [])
    while packed.count < 5 || share < 1 {
      packed += try series { Self.time { runtime.run(images, indices[...]) { _, _ in } } }
      floats += try series { products.run(compute) }
    }
    return Result(batch: batch, threads: threads, packed: Times(packed), floatProducts: Times(floats))
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

  private static func times(_ seconds: Double, _ body: () -> Void) -> [Double] {
    body()
    var times: [Double] = []
    let begin = ContinuousClock.now
    while (ContinuousClock.now - begin) / .seconds(1) < seconds || times.count < 5 { times.append(time(body)) }
    return times
  }

  fileprivate static func time(_ body: () -> Void) -> Double {
    let start = ContinuousClock.now
    body()
    return (ContinuousClock.now - start) / .seconds(1)
  }
}

/// The float32 products of a network's shapes.
private struct FloatProducts {
  private struct Product {
    let left, weights, sums: Tensor
    // How often it is done for all images.
    let repetitions: Double
  }

  private let products: [Product]

  init(_ network: PackedNetwork, batch: Int) {
    products = network.operations.compactMap { operation in
      guard case .product(let product) = operation.kind else { return nil }
      let (rows, outputs) = (product.windows?.count ?? 1, product.weights.rows)
      let inputs = product.weights.columns
      // If there are many windows, some images at a time.
      let images = max(1, min(batch, (1 << 22) / (rows * inputs)))
      let left = Tensor(rows: images * rows, columns: inputs)
      let weights = Tensor(rows: outputs, columns: inputs)
      left.fill(0.5)
      weights.fill(0.25)
      return Product(
        left: left, weights: weights, sums: Tensor(rows: images * rows, columns: outputs),
        repetitions: Double(batch) / Double(images))
    }
  }

  /// Does each product once.
  /// - Returns: the seconds for all images.
  func run(_ compute: Compute) -> Double {
    products.reduce(0) { total, product in
      let seconds = ModelBenchmark.time {
        compute.multiply(.float32(product.left), .float32(product.weights), transposingB: true, into: product.sums)
      }
      return total + seconds * product.repetitions
    }
  }
}
