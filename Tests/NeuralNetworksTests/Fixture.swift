import Foundation

/// The fixtures written by `Fixtures/make_fixtures.py`.
enum Fixture {
  /// `layers.json`: one pass of each layer and loss.
  static func layers() throws -> [String: Pass] { try read("layers") }

  /// `images.json`: one pass of convolutions and poolings.
  static func images() throws -> [ImagePass] { try read("images") }

  /// `quantizers.json`: one pass of a linear layer with each quantizer of weights.
  static func quantizers() throws -> [String: Pass] { try read("quantizers") }
  /// `residuals.json`: one pass of residual blocks, and of activations with learned parameters.
  static func residuals() throws -> Residuals { try read("residuals") }

  /// `training.json`: ten steps with each method and optimizer.
  static func training() throws -> Training { try read("training") }

  /// `activations.json`: one pass of activations added later.
  static func activations() throws -> [String: Pass] { try read("activations") }

  /// `learning.json`: losses and optimizers added later.
  static func learning() throws -> Learning { try read("learning") }

  static func read<Content: Decodable>(_ name: String) throws -> Content {
    let file = Bundle.module.bundleURL.appending(path: "Fixtures/\(name).json")
    return try JSONDecoder().decode(Content.self, from: Data(contentsOf: file))
  }

  /// A forward and a backward pass, row-major; the fields depend on the layer.
  struct Pass: Decodable {
    var input, inputGradient, output, outputGradient: [Float]?
    var weight, weightGradient, bias, biasGradient: [Float]?
    var scale, scaleGradient, shift, shiftGradient: [Float]?
    var runningMean, runningVariance, newRunningMean, newRunningVariance: [Float]?
    var logits, gradient, teacher: [Float]?
    var labels: [UInt8]?
    var value: Double?
  }

  /// A pass of a convolution, or of a pooling; images and weights are NHWC.
  struct ImagePass: Decodable {
    var kind: String
    var shape: [Int]
    var kernel, stride, filters: Int
    var border: String
    var input, inputGradient, output, outputGradient: [Float]
    var weight, weightGradient: [Float]?
  }

  /// Passes of residual blocks and of ReActNet's activations.
  struct Residuals: Decodable {
    var blocks: [BlockPass]
    var rsign, rsignApprox, rprelu: LearnedPass
  }

  /// A pass of an activation with learned parameters.
  struct LearnedPass: Decodable {
    var input, inputGradient, output, outputGradient: [Float]
    var threshold, thresholdGradient: [Float]
    var slope, slopeGradient, shift, shiftGradient: [Float]?
  }

  /// A pass of activation, 3×3 convolution and normalization with a shortcut; images and weights are NHWC.
  struct BlockPass: Decodable {
    var method, shortcut: String
    var shape: [Int]
    var filters, stride: Int
    var input, inputGradient, output, outputGradient: [Float]
    var weight, weightGradient, scale, scaleGradient, shift, shiftGradient: [Float]
    var shortcutWeight, shortcutWeightGradient, shortcutScale, shortcutScaleGradient: [Float]?
    var shortcutShift, shortcutShiftGradient: [Float]?
  }

  /// Networks of one shape, and the batches for all of them.
  struct Training: Decodable {
    var widths: [Int]
    var epsilon, momentum: Float
    var inputs: [[Float]]
    var labels: [[UInt8]]
    var cases: [Case]
  }

  /// More losses and optimizers.
  struct Learning: Decodable {
    var layers: [String: Pass]
    var training: Training
  }

  /// A training: parameters before and after, running statistics after, loss of each step.
  struct Case: Decodable {
    var name, method, loss: String
    var optimizer: Settings
    var initial, final, running: [[Float]]
    var losses: [Double]
  }

  /// An optimizer; missing parameters have their defaults.
  struct Settings: Decodable {
    var kind: String
    var rate: Float
    var momentum, weightDecay, clipValue: Float?
    var scalesUpdates: Bool?
    var normalization: String?
    var binaryFrom: Int?
  }
}
