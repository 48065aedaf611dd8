import NeuralNetworks
import Tensors
import Testing

@Suite("Residual blocks and ReActNet's activations agree with PyTorch")
struct ResidualFixtureTests {
  private func tensor(_ values: [Float], columns: Int) -> Tensor {
    Tensor(rows: values.count / columns, columns: columns, values: values)
  }

  private func expectEqual(_ found: Tensor, _ expected: [Float]?, _ what: String) throws {
    let difference = greatestDifference(found.values, try #require(expected))
    #expect(difference < 1e-5, "\(what): \(difference)")
  }

  private func normalization(_ features: Int, _ scale: [Float]?, _ shift: [Float]?) throws -> BatchNormalization {
    let layer = BatchNormalization(name: "n", features: features, numbers: .init(epsilon: 1e-3, momentum: 0.9))
    layer.scale.value.set(try #require(scale))
    layer.shift.value.set(try #require(shift))
    return layer
  }

  private func convolution(_ windows: ImageWindows, _ filters: Int, _ weights: [Float]?, isBinary: Bool) throws
    -> Convolution
  {
    let layer = Convolution(
      name: "c", windows: windows, filters: filters, isBinary: isBinary, hasBias: false, scalesUpdates: false,
      precision: .float32)
    layer.weights.value.set(try #require(weights))
    Compute(threads: 1).prepareOperand(of: layer.weights, .signs)
    return layer
  }

  private func block(_ pass: Fixture.BlockPass) throws -> Residual {
    let shape = ImageShape(height: pass.shape[0], width: pass.shape[1], channels: pass.shape[2])
    let isBinary = pass.method == "bnn"
    let windows = try #require(
      ImageWindows(
        shape, kernel: (3, 3), stride: (pass.stride, pass.stride), padding: isBinary ? .sameOne : .same))
    let activation: any Layer =
      isBinary
      ? SignActivation(name: "s", features: shape.channels) : ReLU(name: "r", keepingInputOf: shape.channels)
    let body: [any Layer] = [
      activation, try convolution(windows, pass.filters, pass.weight, isBinary: isBinary),
      try normalization(pass.filters, pass.scale, pass.shift),
    ]
    let output = windows.outputShape(channels: pass.filters)
    let shortcut: Residual.Shortcut
    switch pass.shortcut {
    case "identity": shortcut = .identity
    case "zeroPad": shortcut = .zeroPadding(try #require(ImageSubsampling(from: shape, to: output)))
    default:
      let pool = try #require(
        ImageWindows(shape, kernel: (pass.stride, pass.stride), stride: (pass.stride, pass.stride), padding: .valid))
      let pixels = try #require(
        ImageWindows(
          pool.outputShape(channels: shape.channels), kernel: (1, 1), stride: (1, 1), padding: .valid))
      shortcut = .layers(
        LayerSequence([
          Pooling(name: "p", kind: .average, windows: pool),
          try convolution(pixels, pass.filters, pass.shortcutWeight, isBinary: false),
          try normalization(pass.filters, pass.shortcutScale, pass.shortcutShift),
        ]))
    }
    return Residual(name: "b", body: body, shortcut: shortcut, features: pass.filters)
  }

  @Test("blocks with every shortcut, of floats and of signs", arguments: [1, 2])
  func blocks(threads: Int) throws {
    let compute = Compute(threads: threads)
    let passes = try Fixture.residuals().blocks
    #expect(Set(passes.map { "\($0.method) \($0.shortcut)" }).count == 6)
    for pass in passes {
      let block = try block(pass)
      let context = PassContext(compute: compute, isTraining: true)
      let input = tensor(pass.input, columns: pass.shape[2])
      let name = "\(pass.method), \(pass.shortcut)"
      try expectEqual(block.forward(.real(input), context).tensor, pass.output, "output of \(name)")
      #expect(input.values == pass.input, "the input of \(name) is the shortcut's too")
      let gradient = block.backward(
        tensor(pass.outputGradient, columns: pass.filters), needsInputGradient: true, context)
      try expectEqual(gradient, pass.inputGradient, "input gradient of \(name)")
      let gradients = [pass.weightGradient, pass.scaleGradient, pass.shiftGradient]
      let others = [pass.shortcutWeightGradient, pass.shortcutScaleGradient, pass.shortcutShiftGradient]
        .compactMap { $0 }
      #expect(block.parameters.count == gradients.count + others.count)
      for (parameter, expected) in zip(block.parameters, gradients + others) {
        try expectEqual(parameter.gradient, expected, "\(parameter.name) gradient of \(name)")
      }
      // Parameters get their gradients even if the input's gradient is not needed.
      for parameter in block.parameters { parameter.gradient.fill(.nan) }
      _ = block.backward(tensor(pass.outputGradient, columns: pass.filters), needsInputGradient: false, context)
      for (parameter, expected) in zip(block.parameters, gradients + others) {
        try expectEqual(parameter.gradient, expected, "\(parameter.name) gradient of the first block, \(name)")
      }
    }
  }

  private func expectPasses(_ layer: any Layer, _ pass: Fixture.LearnedPass) throws {
    let context = PassContext(compute: Compute(threads: 2), isTraining: true)
    try expectEqual(layer.output(of: tensor(pass.input, columns: 70), context), pass.output, "output")
    let gradient = tensor(pass.outputGradient, columns: 70)
    // The layer reads the input of its forward pass again, so it must not have been overwritten.
    let input = tensor(pass.input, columns: 70)
    _ = layer.forward(.real(input), context)
    try expectEqual(layer.inputGradient(gradient, context), pass.inputGradient, "input gradient")
  }

  @Test("the sign with a threshold", arguments: [SignEstimator.Kind.ste, .approx])
  func rsign(kind: SignEstimator.Kind) throws {
    let pass = try kind == .ste ? Fixture.residuals().rsign : Fixture.residuals().rsignApprox
    let layer = RSign(name: "s", features: 70, estimator: .init(kind))
    layer.threshold.value.set(pass.threshold)
    try expectPasses(layer, pass)
    try expectEqual(layer.threshold.gradient, pass.thresholdGradient, "threshold gradient")
  }

  @Test("the hard hyperbolic tangent")
  func hardtanh() throws {
    let pass = try #require(try Fixture.activations()["hardtanh"])
    let layer = Hardtanh(name: "h", features: 7)
    let context = PassContext(compute: Compute(threads: 1), isTraining: true)
    let input = tensor(try #require(pass.input), columns: 7)
    try expectEqual(layer.forward(.real(input), context).tensor, pass.output, "output")
    #expect(input.values == pass.input, "a shortcut may read the input too")
    let gradient = layer.backward(
      tensor(try #require(pass.outputGradient), columns: 7), needsInputGradient: true, context)
    try expectEqual(gradient, pass.inputGradient, "input gradient")
    #expect(pass.inputGradient?.contains(0) == true)
  }

  @Test("the rectifier with learned numbers")
  func rprelu() throws {
    let pass = try Fixture.residuals().rprelu
    let layer = RPReLU(name: "r", features: 70)
    #expect(layer.slope.value.values == Array(repeating: 0.25, count: 70))
    layer.threshold.value.set(pass.threshold)
    layer.slope.value.set(try #require(pass.slope))
    layer.shift.value.set(try #require(pass.shift))
    try expectPasses(layer, pass)
    try expectEqual(layer.threshold.gradient, pass.thresholdGradient, "threshold gradient")
    try expectEqual(layer.slope.gradient, pass.slopeGradient, "slope gradient")
    try expectEqual(layer.shift.gradient, pass.shiftGradient, "shift gradient")
  }
}
