package import Tensors

/// A trained network as a sequence of operations on bytes, bits and integers, and on floats only where needed.
///
/// `NetworkPacker` makes it from a `Network`. Its results equal those of the network in inference: integers and signs are
/// equal, and floats differ only by the order of their sums.
package struct PackedNetwork: Hashable, Sendable {
  /// The shape of the input image, in bytes.
  package var input: ImageShape
  /// The operations in order of execution. The last one computes the logits.
  package var operations: [PackedOperation]

  /// A network of operations.
  package init(input: ImageShape, operations: [PackedOperation]) {
    self.input = input
    self.operations = operations
  }

  /// Returns the type of a value: number 0 is the input, number n the result of operation n - 1.
  package func type(of number: Int) -> PackedType { number == 0 ? .bytes : operations[number - 1].type }

  /// Returns the shape of a value for one image.
  package func shape(of number: Int) -> ImageShape { number == 0 ? input : operations[number - 1].output }
}

/// The type of a value between operations.
package enum PackedType: String, Codable, Sendable, CaseIterable {
  /// The bytes of an image.
  case bytes
  /// ±1, one bit each.
  case signs
  /// Integers of few bits, 0…steps.
  case levels
  /// Integers that a product computes.
  case sums
  /// Floats.
  case real
}

/// An operation of a packed network.
package struct PackedOperation: Hashable, Sendable {
  /// The layer that it was made from: `hidden1`.
  package var layer: String
  package var kind: PackedKind
  /// The numbers of the values that it reads: 0 is the input, n the result of operation n - 1.
  package var inputs: [Int]
  /// The type of its result.
  package var type: PackedType
  /// The shape of its result for one image.
  package var output: ImageShape

  /// An operation.
  package init(layer: String, _ kind: PackedKind, inputs: [Int], type: PackedType, output: ImageShape) {
    self.layer = layer
    self.kind = kind
    self.inputs = inputs
    self.type = type
    self.output = output
  }
}

/// A kind of operation, with its parameters.
package enum PackedKind: Hashable, Sendable {
  /// Bytes to floats, `lower[c] + scale[c]·byte`.
  case pixels(PixelScale)
  /// Bytes to floats: each image gets mean 0 and norm 55.
  case contrasts
  /// `Σ w·x` over a row of values, or over windows of an image. The result is sums if the inputs are bytes, levels or
  /// signs and the weights are integers, else floats.
  case product(PackedProduct)
  /// Sums to floats.
  case real(PackedScale)
  /// Floats to levels: `round(steps·clip(x, 0, 1))`, ties to even.
  case levels(steps: Int)
  /// Levels to floats: `q·(1/steps)`.
  case realLevels(steps: Int)
  /// Signs to floats.
  case realSigns
  /// Floats to floats: a function with parameters per channel.
  case function(ChannelFunction)
  /// Floats to signs: `-1 where x < threshold[c], else +1`; the thresholds are 0 if there are none.
  case sign(thresholds: [Float])
  /// Sums to signs by one comparison of integers, which includes batch normalization and all else before the sign.
  case threshold(PackedThresholds)
  /// Max pooling of signs: +1 if any sign in the window is +1. In channels where `any` is true, -1 if any is -1.
  case poolSigns(ImageWindows, any: [Bool])
  /// Max or average pooling of floats.
  case pool(Pooling.Kind, ImageWindows)
  /// The same values in another shape.
  case reshape
  /// The mean magnitude of each pixel's channels.
  case magnitude
  /// Each pixel of the first value multiplied by the pixel's number in the second value: XNOR-Net's K.
  case scalePixels
  /// The sum of two values.
  case add
  /// Every n-th pixel, with zeros in additional channels.
  case subsample(ImageSubsampling)
}

/// The weights and windows of a product.
package struct PackedProduct: Hashable, Sendable {
  /// The weights, one row per output.
  package var weights: PackedWeights
  /// The windows of a convolution; nil for a linear layer.
  package var windows: ImageWindows?
  /// Whether float inputs are rounded to bfloat16 first, as in training.
  package var roundsInput: Bool

  /// A product.
  package init(weights: PackedWeights, windows: ImageWindows?, roundsInput: Bool = false) {
    self.weights = weights
    self.windows = windows
    self.roundsInput = roundsInput
  }
}

/// Converts sums to floats: `y = offset + factor·n` in double precision, rounded once to float.
package struct PackedScale: Hashable, Sendable {
  /// The real value of one unit of a sum.
  package var factor: Double
  /// An offset per border class and channel, shape `[classes, channels]`; empty for 0.
  package var offsets: [Double]
  /// The border class of each pixel of an image; empty if there is only one class.
  package var classes: [UInt8]

  /// A scale.
  package init(factor: Double, offsets: [Double] = [], classes: [UInt8] = []) {
    (self.factor, self.offsets, self.classes) = (factor, offsets, classes)
  }

  /// Returns the real value of a sum.
  package func value(_ sum: Int, channel: Int, of channels: Int, border: Int) -> Float {
    let scaled = factor * Double(sum)
    return Float(offsets.isEmpty ? scaled : offsets[border * channels + channel] + scaled)
  }

  /// The number of border classes.
  package func classCount(channels: Int) -> Int { offsets.isEmpty ? 1 : offsets.count / channels }
}

/// Thresholds of sums: `-1 where (n < threshold) ≠ inverted, else +1`.
package struct PackedThresholds: Hashable, Sendable {
  /// Shape `[classes, channels]`. The smallest and the largest Int32 make a unit constant.
  package var thresholds: [Int32]
  /// For each channel, whether sums from the threshold on give -1.
  package var inverted: [Bool]
  /// The border class of each pixel of an image; empty if there is only one class.
  package var classes: [UInt8]
  /// The number of thresholds that differ from those computed by algebra in float32.
  package var differsFromAlgebra = 0

  /// Thresholds.
  package init(thresholds: [Int32], inverted: [Bool], classes: [UInt8]) {
    (self.thresholds, self.inverted, self.classes) = (thresholds, inverted, classes)
  }

  /// The number of thresholds that make their unit constant.
  package var constantCount: Int { thresholds.count { $0 == .min || $0 == .max } }
}
