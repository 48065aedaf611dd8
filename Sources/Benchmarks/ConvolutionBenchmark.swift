import NeuralNetworks
package import Tensors

/// Compares a 3×3 convolution of signs with the same convolution of floats, timed alternately on one thread.
package struct ConvolutionBenchmark {
  /// The shape of the images.
  package var input: ImageShape
  /// Number of 3×3 filters.
  package var filters: Int
  /// Number of images per call.
  package var batch: Int

  /// 256 to 256 channels at 16×16, as in the third quarter of common CIFAR-10 networks.
  package init(
    input: ImageShape = ImageShape(height: 16, width: 16, channels: 256), filters: Int = 256, batch: Int = 8
  ) {
    (self.input, self.filters, self.batch) = (input, filters, batch)
  }

  /// Results in multiply-accumulates per second.
  package struct Result: Encodable {
    /// The instruction set: “avx2”.
    package var kernels: String
    /// Signs with signs: XOR and popcount.
    package var signs: Double
    /// Floats with floats, computed by oneDNN.
    package var floats: Double
    /// The innermost step of the product in registers alone: the upper bound.
    package var ceiling: Double
  }

  /// Times both, with +1 padding.
  package func run(_ kernels: BitKernels = .best, rounds: Int) -> Result {
    let compute = Compute(threads: 1, kernels: kernels)
    guard let windows = ImageWindows(input, kernel: (3, 3), stride: (1, 1), padding: .sameOne) else {
      preconditionFailure("a window of “same” padding fits everywhere")
    }
    let random = RandomStream(seed: 1, stream: 1, step: 0)
    let images = Tensor(rows: batch * input.pixels, columns: input.channels)
    compute.fillUniform(images, from: -1, to: 1, random: random)
    let signs = SignBatch(features: input.channels)
    compute.sign(images, SignEstimator(), into: signs)
    func layer(isBinary: Bool) -> Convolution {
      let layer = Convolution(
        name: "conv", windows: windows, filters: filters, isBinary: isBinary, hasBias: false, scalesUpdates: false,
        precision: .float32)
      compute.fillUniform(layer.weights.value, from: -1, to: 1, random: random)
      compute.prepareOperand(of: layer.weights, .signs)
      return layer
    }
    let (binary, real) = (layer(isBinary: true), layer(isBinary: false))
    let pass = PassContext(compute: compute, isTraining: false)
    var pairs = 0
    let seconds = Stopwatch.shortest(
      rounds: rounds,
      [
        { pairs = kernels.countInRegisters(.product, rounds: 100_000) },
        { _ = binary.forward(.signs(signs), pass) },
        { _ = real.forward(.real(images), pass) },
      ])
    let products = Double(batch * windows.count * windows.features * filters)
    return Result(
      kernels: kernels.name, signs: products / seconds[1], floats: products / seconds[2],
      ceiling: Double(pairs) / seconds[0])
  }
}
