package import Tensors

/// A trained network as a device runs it: a row of operations on bytes, bits, whole numbers and, where it can't be otherwise,
/// floats.
///
/// It is made of a `Network` by `NetworkPacker`; each kind of layer packs itself. What it computes is what the network
/// computes in inference: all whole numbers and signs are equal bit for bit, floats but for the order of their sums.
package struct PackedNetwork: Hashable, Sendable {
  /// The size of an image, whose bytes come in.
  package var input: ImageShape
  /// The operations in the order in which they are done; the last one gives the logits.
  package var operations: [PackedOperation]

  /// A network of operations.
  package init(input: ImageShape, operations: [PackedOperation]) {
    self.input = input
    self.operations = operations
  }

  /// What a value is: of the bytes that come in (0), or of what operation `number - 1` gives.
  package func type(of number: Int) -> PackedType { number == 0 ? .bytes : operations[number - 1].type }

  /// The shape of a value.
  package func shape(of number: Int) -> ImageShape { number == 0 ? input : operations[number - 1].output }
}

/// What passes from operation to operation.
package enum PackedType: String, Codable, Sendable, CaseIterable {
  /// The bytes of an image.
  case bytes
  /// ±1, a bit each.
  case signs
  /// Whole numbers of few bits, 0…steps.
  case levels
  /// Whole numbers that a product gives.
  case sums
  /// Floats.
  case real
}

/// One operation of a packed network.
package struct PackedOperation: Hashable, Sendable {
  /// The layer that it comes from: `hidden1`.
  package var layer: String
  /// What it does.
  package var kind: PackedKind
  /// The values that it reads: 0 are the bytes of the image, n what operation n - 1 gives.
  package var inputs: [Int]
  /// What it gives.
  package var type: PackedType
  /// The shape of what it gives, for an image.
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

/// What an operation does.
package enum PackedKind: Hashable, Sendable {
  /// Bytes to floats, `lower[c] + scale[c]·byte`.
  case pixels(PixelScale)
  /// Bytes to floats: each image gets mean 0 and norm 55.
  case contrasts
  /// `Σ w·x` of a row of values, or of the windows of an image: sums of bytes, levels and signs with whole weights, else floats.
  case product(PackedProduct)
  /// Sums to floats.
  case real(PackedScale)
  /// Floats to levels: `round(steps·clip(x, 0, 1))`, ties to even.
  case levels(steps: Int)
  /// Levels to floats: `q·(1/steps)`.
  case realLevels(steps: Int)
  /// Signs to floats.
  case realSigns
  /// A function of each channel of floats.
  case function(ChannelFunction)
  /// Floats to signs: -1 where x < the threshold of its channel, else +1. Without thresholds they are 0.
  case sign(thresholds: [Float])
  /// Sums to signs: batch normalization, sign and what lies between, in one comparison of whole numbers.
  case threshold(PackedThresholds)
  /// Signs pooled in windows: +1 where one of them is; in the channels `any`, -1 where one of them is.
  case poolSigns(ImageWindows, any: [Bool])
  /// The greatest or the mean float of each channel in each window.
  case pool(Pooling.Kind, ImageWindows)
  /// The same values in another shape.
  case reshape
  /// The mean magnitude over the channels of each pixel.
  case magnitude
  /// Each pixel of the first value multiplied by the number that the second has for it: XNOR-Net's K.
  case scalePixels
  /// The sum of two values.
  case add
  /// Every n-th pixel, and zeros in the channels beyond.
  case subsample(ImageSubsampling)
}

/// The weights of a product, and the windows that they are moved over.
package struct PackedProduct: Hashable, Sendable {
  /// The weights, a row for each output.
  package var weights: PackedWeights
  /// The windows of a convolution; nil for a row of values.
  package var windows: ImageWindows?
  /// Whether floats that come in are rounded to bfloat16 first, as the training has done.
  package var roundsInput: Bool

  /// A product.
  package init(weights: PackedWeights, windows: ImageWindows?, roundsInput: Bool = false) {
    self.weights = weights
    self.windows = windows
    self.roundsInput = roundsInput
  }
}

/// What sums stand for: `y = offset + factor·n` in double precision, rounded to float once.
package struct PackedScale: Hashable, Sendable {
  /// What one step of a sum is worth.
  package var factor: Double
  /// The number of each border class and channel, shape `[classes, channels]`; empty for 0.
  package var offsets: [Double]
  /// The border class of each pixel of an image; empty where there is one class.
  package var classes: [UInt8]

  /// A scale.
  package init(factor: Double, offsets: [Double] = [], classes: [UInt8] = []) {
    (self.factor, self.offsets, self.classes) = (factor, offsets, classes)
  }

  /// The number that a sum stands for.
  package func value(_ sum: Int, channel: Int, of channels: Int, border: Int) -> Float {
    let scaled = factor * Double(sum)
    return Float(offsets.isEmpty ? scaled : offsets[border * channels + channel] + scaled)
  }

  /// How many border classes there are.
  package func classCount(channels: Int) -> Int { offsets.isEmpty ? 1 : offsets.count / channels }
}

/// Thresholds of sums: `-1 where (n < threshold) ≠ inverted, else +1`.
package struct PackedThresholds: Hashable, Sendable {
  /// Shape `[classes, channels]`. The least and the greatest Int32 make a unit constant.
  package var thresholds: [Int32]
  /// Of each channel, whether it is -1 from its threshold on.
  package var inverted: [Bool]
  /// The border class of each pixel of an image; empty where there is one class.
  package var classes: [UInt8]
  /// In how many places the threshold is another one than algebra gives in float32.
  package var differsFromAlgebra = 0

  /// Thresholds.
  package init(thresholds: [Int32], inverted: [Bool], classes: [UInt8]) {
    (self.thresholds, self.inverted, self.classes) = (thresholds, inverted, classes)
  }

  /// How many thresholds make their unit constant.
  package var constantCount: Int { thresholds.count { $0 == .min || $0 == .max } }
}
