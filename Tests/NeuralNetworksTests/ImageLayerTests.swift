import NeuralNetworks
import Tensors
import Testing

@Suite("Layers of images agree with PyTorch")
struct ImageLayerTests {
  private func windows(_ pass: Fixture.ImagePass) throws -> ImageWindows {
    let shape = ImageShape(height: pass.shape[0], width: pass.shape[1], channels: pass.shape[2])
    let padding = try #require(Padding(rawValue: pass.border))
    return try #require(
      ImageWindows(
        shape, kernel: (pass.kernel, pass.kernel), stride: (pass.stride, pass.stride), padding: padding))
  }

  private func tensor(_ values: [Float], columns: Int) -> Tensor {
    Tensor(rows: values.count / columns, columns: columns, values: values)
  }

  private func expectEqual(_ found: [Float], _ expected: [Float]?, _ what: String, _ pass: Fixture.ImagePass) throws {
    let difference = greatestDifference(found, try #require(expected))
    #expect(difference < 1e-5, "\(what) of \(pass.kind) \(pass.shape) \(pass.kernel)/\(pass.stride) \(pass.border)")
  }

  @Test(
    "convolutions, of floats, of signs and of scaled ones", arguments: ["float", "binary", "signs", "scaledSigns"],
    [1, 2])
  func convolution(kind: String, threads: Int) throws {
    let compute = Compute(threads: threads)
    let passes = try Fixture.images().filter { $0.kind == kind }
    #expect(passes.count == (kind == "scaledSigns" ? 3 : 6))
    let hasSigns = kind == "signs" || kind == "scaledSigns"
    for pass in passes {
      let windows = try windows(pass)
      let layer = Convolution(
        name: "c", windows: windows, filters: pass.filters, isBinary: kind != "float", hasBias: false,
        scalesUpdates: false, precision: .float32)
      layer.weights.value.set(try #require(pass.weight))
      compute.prepareOperand(of: layer.weights, .signs)
      let sign = SignActivation(
        name: "s", features: windows.input.channels, measuresMagnitudes: kind == "scaledSigns")
      let context = PassContext(compute: compute, isTraining: true)
      let input = tensor(pass.input, columns: windows.input.channels)
      let activations: Activations = hasSigns ? sign.forward(.real(input), context) : .real(input)
      try expectEqual(layer.forward(activations, context).tensor.values, pass.output, "output", pass)
      let gradient = layer.backward(
        tensor(pass.outputGradient, columns: pass.filters), needsInputGradient: true, context)
      try expectEqual(layer.weights.gradient.values, pass.weightGradient, "weight gradient", pass)
      let inputGradient = hasSigns ? sign.inputGradient(gradient, context) : gradient
      try expectEqual(inputGradient.values, pass.inputGradient, "input gradient", pass)
    }
  }

  // The definition, in double precision: calls `body` with each pixel and weight of each output; the pixel is nil outside.
  private func forEachProduct(
    _ windows: ImageWindows, images: Int, filters: Int, _ body: (_ pixel: Int?, _ output: Int, _ weight: Int) -> Void
  ) {
    let (input, output) = (windows.input, windows.output)
    let border = windows.padding == .valid ? 0 : 1
    for image in 0..<images {
      for place in 0..<windows.count {
        for filter in 0..<filters {
          for tap in 0..<9 {
            let (y, x) = (place / output.width + tap / 3 - border, place % output.width + tap % 3 - border)
            let isInside = (0..<input.height).contains(y) && (0..<input.width).contains(x)
            for channel in 0..<input.channels {
              let pixel = ((image * input.height + y) * input.width + x) * input.channels + channel
              body(
                isInside ? pixel : nil, (image * windows.count + place) * filters + filter,
                (filter * 9 + tap) * input.channels + channel)
            }
          }
        }
      }
    }
  }

  @Test(
    "a 3×3 convolution of floats with floats or signs on tiles is that of its definition",
    arguments: [(5, 7, false), (6, 4, false), (4, 3, false), (5, 7, true), (6, 4, true)], Padding.allCases)
  func tiles(size: (height: Int, width: Int, isBinary: Bool), padding: Padding) throws {
    let (images, filters) = (3, 21)
    let shape = ImageShape(height: size.height, width: size.width, channels: 19)
    let windows = try #require(ImageWindows(shape, kernel: (3, 3), stride: (1, 1), padding: padding))
    let x = Tensor(rows: images * shape.pixels, columns: shape.channels, seed: 1, from: -1, to: 1)
    let w = Tensor(rows: filters, columns: windows.features, seed: 2, from: -1, to: 1)
    let dy = Tensor(rows: images * windows.count, columns: filters, seed: 3, from: -1, to: 1)
    var y = [Double](repeating: 0, count: dy.count)
    var dx = [Double](repeating: 0, count: x.count)
    var dw = [Double](repeating: 0, count: w.count)
    let (xs, dys) = (x.values.map(Double.init), dy.values.map(Double.init))
    let ws = w.values.map { size.isBinary ? ($0 < 0 ? -1 : 1) : Double($0) }
    let outside: Double = padding == .sameOne ? 1 : 0
    forEachProduct(windows, images: images, filters: filters) { pixel, output, weight in
      let value = pixel.map { xs[$0] } ?? outside
      y[output] += value * ws[weight]
      dw[weight] += value * dys[output]
      if let pixel { dx[pixel] += ws[weight] * dys[output] }
    }
    for threads in [1, 2] {
      let compute = Compute(threads: threads)
      let layer = Convolution(
        name: "c", windows: windows, filters: filters, isBinary: size.isBinary, hasBias: false, scalesUpdates: false,
        precision: .float32)
      layer.weights.value.set(w.values)
      compute.prepareOperand(of: layer.weights, .signs)
      let context = PassContext(compute: compute, isTraining: true)
      #expect(greatestDifference(layer.output(of: x, context).values, y.map(Float.init)) < 1e-4)
      #expect(greatestDifference(layer.inputGradient(dy, context).values, dx.map(Float.init)) < 1e-4)
      #expect(greatestDifference(layer.weights.gradient.values, dw.map(Float.init)) < 1e-4)
    }
  }

  @Test("poolings", arguments: ["max", "average"], [1, 2])
  func pooling(kind: String, threads: Int) throws {
    let context = PassContext(compute: Compute(threads: threads), isTraining: true)
    let passes = try Fixture.images().filter { $0.kind == kind }
    #expect(passes.count == 3)
    for pass in passes {
      let layer = Pooling(name: "p", kind: try #require(Pooling.Kind(rawValue: kind)), windows: try windows(pass))
      let channels = pass.shape[2]
      let output = layer.output(of: tensor(pass.input, columns: channels), context)
      try expectEqual(output.values, pass.output, "output", pass)
      let gradient = layer.inputGradient(tensor(pass.outputGradient, columns: channels), context)
      try expectEqual(gradient.values, pass.inputGradient, "input gradient", pass)
    }
  }

  @Test(
    "a convolution with its pooling, a few images at a time, is the two one after the other", arguments: [1, 2],
    [3, 20])
  func pooledConvolution(threads: Int, channels: Int) throws {
    // A map is so large that a block has few images.
    let (images, filters) = (9, 48)
    let shape = ImageShape(height: 48, width: 46, channels: channels)
    let windows = try #require(ImageWindows(shape, kernel: (3, 3), stride: (1, 1), padding: .same))
    let pooled = try #require(
      ImageWindows(windows.outputShape(channels: filters), kernel: (3, 3), stride: (2, 2), padding: .same))
    let context = PassContext(compute: Compute(threads: threads), isTraining: true)
    func layers() -> (Convolution, Pooling) {
      let convolution = Convolution(
        name: "c", windows: windows, filters: filters, isBinary: true, hasBias: false, scalesUpdates: false,
        precision: .float32, keepsOutput: false)
      convolution.weights.value.set(Tensor(rows: filters, columns: windows.features, seed: 2, from: -1, to: 1).values)
      context.compute.prepareOperand(of: convolution.weights, .signs)
      return (convolution, Pooling(name: "p", kind: .max, windows: pooled))
    }
    let x = Tensor(rows: images * shape.pixels, columns: channels, seed: 1, from: -1, to: 1)
    let dy = Tensor(rows: images * pooled.count, columns: filters, seed: 3, from: -1, to: 1)
    let (convolution, pooling) = layers()
    let (other, otherPooling) = layers()
    let network = Network(input: shape, layers: [other, otherPooling])
    let y = pooling.output(of: convolution.output(of: x, context), context).values
    #expect(network.forward(x.view(columns: shape.pixels * channels), context).values == y)
    #expect(other.forward(.real(x), pooledBy: otherPooling, context)?.tensor.values == y)
    _ = convolution.backward(
      pooling.backward(dy, needsInputGradient: true, context), needsInputGradient: false, context)
    network.backward(dy, context)
    // Sums over other blocks of images.
    let difference = greatestDifference(other.weights.gradient.values, convolution.weights.gradient.values)
    #expect(difference < 1e-3, "\(difference)")
    #expect(convolution.weights.gradient.values.contains { abs($0) > 1 })
  }

  @Test("NaN comes through a max pooling, wherever it stands")
  func notANumber() throws {
    let context = PassContext(compute: Compute(threads: 1), isTraining: true)
    let shape = ImageShape(height: 2, width: 2, channels: 1)
    let windows = try #require(ImageWindows(shape, kernel: (2, 2), stride: (2, 2), padding: .valid))
    for place in 0..<4 {
      let input = Tensor(rows: 4, columns: 1, values: [1, 2, 3, 4])
      input[place, 0] = .nan
      #expect(Pooling(name: "p", kind: .max, windows: windows).output(of: input, context)[0, 0].isNaN)
    }
  }

  // The dropout mask of the signs applies to the flattened row, which has no gaps between pixels.
  @Test("flattened signs keep their order, and a dropout behind them stops their gradient")
  func flatten() throws {
    let context = PassContext(compute: Compute(threads: 1), isTraining: true, seed: 4)
    let shape = ImageShape(height: 2, width: 3, channels: 5)
    let input = Tensor(rows: 4 * shape.pixels, columns: shape.channels, seed: 8)
    let sign = SignActivation(name: "s", features: shape.channels)
    let flatten = Flatten(name: "f", shape: shape)
    let dropout = Dropout(name: "d", features: shape.features, rate: 0.4, stream: 1)
    guard
      case .signs(let row) = dropout.forward(flatten.forward(sign.forward(.real(input), context), context), context)
    else {
      Issue.record("signs stay signs")
      return
    }
    let values = Tensor(rows: 0, columns: shape.features)
    context.compute.unpack(row, into: values)
    #expect((values.rows, values.columns) == (4, 30))
    #expect(values.values.contains(0))
    for (value, x) in zip(values.values, input.values) where value != 0 { #expect((value < 0) == (x < 0)) }
    let gradient = Tensor(rows: 4, columns: shape.features, seed: 9)
    let back = sign.inputGradient(flatten.backward(gradient.copied(), needsInputGradient: true, context), context)
    for (index, value) in back.values.enumerated() {
      #expect(abs(value - (values.values[index] == 0 ? 0 : gradient.values[index] / 0.6)) < 1e-6)
    }
  }

  @Test("a linear layer behind flattened signs is scaled by the mean absolute value of the whole image")
  func scaledFlatSigns() throws {
    let compute = Compute(threads: 2)
    let context = PassContext(compute: compute, isTraining: true)
    let shape = ImageShape(height: 2, width: 3, channels: 5)
    let input = Tensor(rows: 4 * shape.pixels, columns: shape.channels, seed: 8)
    let sign = SignActivation(name: "s", features: shape.channels, measuresMagnitudes: true)
    let flatten = Flatten(name: "f", shape: shape)
    let layer = Linear(
      name: "l", inputs: 30, outputs: 6, isBinary: true, hasBias: true, scalesUpdates: false, precision: .float32)
    layer.weights.value.copy(from: Tensor(rows: 6, columns: 30, seed: 3))
    layer.bias?.value.copy(from: Tensor(rows: 1, columns: 6, seed: 4))
    compute.prepareOperand(of: layer.weights, .signs)
    let output = layer.forward(flatten.forward(sign.forward(.real(input), context), context), context).tensor.values
    let gradient = Tensor(rows: 4, columns: 6, seed: 9)
    let inputGradient = flatten.backward(
      layer.backward(gradient.copied(), needsInputGradient: true, context), needsInputGradient: true, context)
    let (x, w) = (input.values, layer.weights.value.values.map { $0 < 0 ? -1 : 1 as Float })
    let bias = try #require(layer.bias).value.values
    for row in 0..<4 {
      let image = Array(x[row * 30..<row * 30 + 30])
      let size = image.reduce(0) { $0 + abs($1) } / 30
      for unit in 0..<6 {
        let dot = (0..<30).reduce(0 as Float) { $0 + (image[$1] < 0 ? -1 : 1) * w[unit * 30 + $1] }
        #expect(abs(output[row * 6 + unit] - (size * dot + bias[unit])) < 1e-4)
      }
      for place in 0..<30 {
        let expected = (0..<6).reduce(0 as Float) { $0 + size * gradient.values[row * 6 + $1] * w[$1 * 30 + place] }
        #expect(abs(inputGradient.values[row * 30 + place] - expected) < 1e-4)
      }
    }
    for unit in 0..<6 {
      let sum = (0..<4).reduce(0 as Float) { $0 + gradient.values[$1 * 6 + unit] }
      #expect(abs((layer.bias?.gradient.values[unit] ?? 0) - sum) < 1e-5)
    }
  }
}
