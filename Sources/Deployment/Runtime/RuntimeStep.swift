internal import NeuralNetworks
internal import Tensors

/// One call of a kernel: an operation of a packed network, or two that the kernel fuses, with weights in the kernel's layout.
package struct RuntimeStep {
  /// The operation's layer.
  package let layer: String
  /// The kernel's name for people: “XNOR, thresholds”.
  package let kernel: String
  /// The number of operations.
  package let operations: Int
  /// Operations whose values are not written, since the kernel keeps them in registers.
  let unwritten: [Int]
  private let body: (RuntimeValues, Compute) -> Void

  /// Runs the kernel.
  func run(_ values: RuntimeValues, _ compute: Compute) { body(values, compute) }

  private init(
    _ layer: String, _ kernel: String, operations: Int = 1, unwritten: [Int] = [],
    _ body: @escaping (RuntimeValues, Compute) -> Void
  ) {
    self.layer = layer
    self.kernel = kernel
    self.operations = operations
    self.unwritten = unwritten
    self.body = body
  }

  /// Creates the step of the operation at `index`, and possibly the next one.
  init(_ network: PackedNetwork, at index: Int) {
    let operation = network.operations[index]
    let (layer, output, input) = (operation.layer, index + 1, operation.inputs[0])
    let shape = network.shape(of: input)
    func step(_ kernel: String, _ body: @escaping (RuntimeValues, Compute) -> Void) -> RuntimeStep {
      RuntimeStep(layer, kernel, body)
    }
    switch operation.kind {
    case .product(let product):
      self = RuntimeStep(product, of: network, at: index)
    case .pixels(let scale):
      self = step("pixels") {
        $1.pixels($0.bytes(input), shape: network.pixelShape(scale), scale, into: $0.real(output))
      }
    case .contrasts:
      self = step("contrasts") {
        $1.contrasts($0.bytes(input), shape: operation.output, into: $0.real(output))
      }
    case .real(let scale):
      let sumScale = SumScale(
        factor: scale.factor, offsets: scale.offsets, columns: operation.output.channels, classes: scale.classes)
      self = step("sums to floats") { $1.real($0.sums(input), sumScale, into: $0.real(output)) }
    case .levels(let steps):
      self = step("floats to levels") { $1.levels($0.real(input), steps: steps, into: $0.bytes(output)) }
    case .realLevels(let steps):
      self = step("levels to floats") { $1.real($0.bytes(input), steps: steps, into: $0.real(output)) }
    case .realSigns: self = step("signs to floats") { $1.unpack($0.signs(input), into: $0.real(output)) }
    case .function(let function): self = RuntimeStep(layer, function, input, output)
    case .sign(let thresholds):
      let limits = Tensor(rows: 1, columns: max(1, thresholds.count), values: thresholds.isEmpty ? [0] : thresholds)
      self = step("floats to signs") {
        if thresholds.isEmpty {
          $1.sign($0.real(input), SignEstimator(), into: $0.signs(output))
        } else {
          $1.sign($0.real(input), threshold: limits, SignEstimator(), into: $0.signs(output))
        }
      }
    case .threshold(let thresholds):
      let limits = SignThresholds(thresholds.thresholds, inverted: thresholds.inverted, classes: thresholds.classes)
      self = step("thresholds") { $1.threshold($0.sums(input), limits, into: $0.signs(output)) }
    case .poolSigns(let windows, let any):
      let mask = BitMatrix(flags: any)
      self = step("OR and AND") { $1.pool($0.signs(input), windows, any: mask, into: $0.signs(output)) }
    case .pool(.max, let windows): self = step("max") { $1.maxPool($0.real(input), windows, into: $0.real(output)) }
    case .pool(.average, let windows):
      self = step("mean") { $1.averagePool($0.real(input), windows, into: $0.real(output)) }
    case .reshape:
      self = step("shape") { values, compute in
        switch operation.type {
        case .signs: compute.flatten(values.signs(input), shape, into: values.signs(output))
        case .levels:
          let (source, target) = (values.bytes(input), values.bytes(output))
          target.resize(rows: source.count / target.columns)
        default:
          let (source, target) = (values.real(input), values.real(output))
          target.resize(rows: source.count / target.columns)
        }
      }
    case .magnitude: self = step("mean magnitudes") { $1.meanMagnitudes(of: $0.real(input), into: $0.real(output)) }
    case .scalePixels:
      self = step("K") {
        $0.real(output).copy(from: $0.real(input))
        $1.scaleRows($0.real(output), by: $0.real(operation.inputs[1]))
      }
    case .add:
      self = step("sum") {
        $0.real(output).copy(from: $0.real(input))
        $1.add($0.real(operation.inputs[1]), to: $0.real(output))
      }
    case .subsample(let subsampling):
      self = step("subsampling") { $1.subsample($0.real(input), subsampling, into: $0.real(output)) }
    }
  }

  // A function of channels, computed by the passes that training uses.
  private init(_ layer: String, _ function: ChannelFunction, _ input: Int, _ output: Int) {
    func row(_ numbers: [Float]) -> Tensor { Tensor(rows: 1, columns: numbers.count, values: numbers) }
    func step(_ body: @escaping (RuntimeValues, Compute) -> Void) -> RuntimeStep {
      RuntimeStep(layer, function.words, body)
    }
    switch function {
    case .scale(let numbers):
      let factors = row(numbers)
      self = step {
        $0.real(output).copy(from: $0.real(input))
        $1.scaleColumns($0.real(output), by: factors)
      }
    case .shift(let numbers):
      let shifts = row(numbers)
      self = step {
        $0.real(output).copy(from: $0.real(input))
        $1.addBias(shifts, to: $0.real(output))
      }
    case .normalize(let numbers):
      let statistics = BatchStatistics(mean: row(numbers.mean), inverseDeviation: row(numbers.inverse))
      let (scale, shift) = (row(numbers.scale), row(numbers.shift))
      self = step {
        $1.normalize($0.real(input), statistics, scale: scale, shift: shift, rectifies: false, into: $0.real(output))
      }
    case .relu:
      self = step {
        $0.real(output).copy(from: $0.real(input))
        $1.relu($0.real(output))
      }
    case .clip: self = step { $1.clip($0.real(input), into: $0.real(output)) }
    case .rprelu(let threshold, let slope, let shift):
      let numbers = RectifierNumbers(threshold: row(threshold), slope: row(slope), shift: row(shift))
      self = step { $1.rectify($0.real(input), numbers, into: $0.real(output)) }
    }
  }

  // MARK: Products

  private init(_ product: PackedProduct, of network: PackedNetwork, at index: Int) {
    let operation = network.operations[index]
    let (input, output, layer) = (operation.inputs[0], index + 1, operation.layer)
    let (weights, windows) = (product.weights, product.windows)
    func bits(_ words: [UInt64]) -> SignMatrix {
      SignMatrix(BitMatrix(rows: weights.rows, columns: weights.columns, packed: words))
    }
    switch (network.type(of: input), weights.values) {
    case (.signs, .signs(let words)):
      let signs = bits(words)
      if case .threshold(let thresholds)? = network.operation(reading: output), thresholds.classes.isEmpty {
        // The kernel compares the sums with the thresholds.
        let limits = SignThresholds(thresholds.thresholds, inverted: thresholds.inverted, classes: [])
        self.init(layer, "XNOR, thresholds", operations: 2, unwritten: [index]) { values, compute in
          if let windows {
            compute.convolve(values.signs(input), windows, signs, limits, into: values.signs(output + 1))
          } else {
            compute.multiply(values.signs(input), signs, limits, into: values.signs(output + 1))
          }
        }
      } else {
        self.init(layer, "XNOR") { RuntimeStep.xnor($0.signs(input), windows, signs, into: $0.sums(output), $1) }
      }
    case (.signs, .ternary(let first, let second)):
      let (one, other) = (bits(first), bits(second))
      let scratch = SumMatrix(rows: 0, columns: weights.rows)
      self.init(layer, "XNOR, two planes") { values, compute in
        RuntimeStep.xnor(values.signs(input), windows, one, into: values.sums(output), compute)
        RuntimeStep.xnor(values.signs(input), windows, other, into: scratch, compute)
        compute.halve(values.sums(output), with: scratch)
      }
    case (.signs, .integers(let values)):
      let matrix = Matrix<Int16>(rows: weights.rows, columns: weights.columns, values: values)
      let bytes = ByteMatrix(rows: 0, columns: network.shape(of: input).channels)
      let rows = ByteMatrix(rows: 0, columns: weights.columns)
      self.init(layer, "integers") { values, compute in
        compute.bytes(of: values.signs(input), into: bytes)
        compute.multiply(RuntimeStep.rows(bytes, windows, rows, compute), matrix, into: values.sums(output))
      }
    case (.bytes, .signs(let words)), (.levels, .signs(let words)):
      let signs = bits(words)
      // The kernel reads four bytes at once.
      let rows = ByteMatrix(rows: 0, columns: (weights.columns + 3) / 4 * 4)
      let panels = LazyPanels(signs.bits)
      if case .threshold(let thresholds)? = network.operation(reading: output) {
        let limits = SignThresholds(
          thresholds.thresholds, inverted: thresholds.inverted, classes: thresholds.classes)
        let sums = SumMatrix(rows: 0, columns: weights.rows)
        self.init(layer, "bytes × bits, thresholds", operations: 2, unwritten: [index]) { values, compute in
          let bytes = RuntimeStep.rows(values.bytes(input), windows, rows, compute)
          compute.multiply(bytes, signs, panels.value, limits, through: sums, into: values.signs(output + 1))
        }
      } else {
        self.init(layer, "bytes × bits") { values, compute in
          let bytes = RuntimeStep.rows(values.bytes(input), windows, rows, compute)
          compute.multiply(bytes, signs, panels.value, into: values.sums(output))
        }
      }
    case (.bytes, _) where weights.areWhole, (.levels, _) where weights.areWhole:
      let whole = (0..<weights.rows).flatMap { row in (0..<weights.columns).map { Int16(weights[row, $0]) } }
      let matrix = Matrix<Int16>(rows: weights.rows, columns: weights.columns, values: whole)
      let rows = ByteMatrix(rows: 0, columns: weights.columns)
      self.init(layer, "integers") { values, compute in
        compute.multiply(
          RuntimeStep.rows(values.bytes(input), windows, rows, compute), matrix, into: values.sums(output))
      }
    default: self.init(real: product, layer, input, output)
    }
  }

  // A product of floats.
  private init(real product: PackedProduct, _ layer: String, _ input: Int, _ output: Int) {
    let (weights, windows) = (product.weights, product.windows)
    let rows = Tensor(rows: 0, columns: weights.columns)
    let rounded = Tensor(rows: 0, columns: 1)
    func operand(_ values: RuntimeValues, _ compute: Compute) -> Tensor {
      var images = values.real(input)
      if product.roundsInput {
        compute.roundOperands(images, into: rounded)
        images = rounded
      }
      guard let windows else { return images }
      compute.unfold(images, windows, range: 0..<images.rows / windows.input.pixels * windows.count, into: rows)
      return rows
    }
    func bits(_ words: [UInt64]) -> SignMatrix {
      SignMatrix(BitMatrix(rows: weights.rows, columns: weights.columns, packed: words))
    }
    switch weights.values {
    case .signs(let words):
      let signs = bits(words)
      self.init(layer, "floats × bits") { values, compute in
        let operand = operand(values, compute)
        values.real(output).resize(rows: operand.rows)
        compute.multiply(operand, signs, into: values.real(output))
      }
    case .ternary(let first, let second):
      let (one, other) = (bits(first), bits(second))
      self.init(layer, "floats × two planes") { values, compute in
        compute.multiply(operand(values, compute), one, other, into: values.real(output))
      }
    case .integers, .floats:
      let numbers: [Float] =
        switch weights.values {
        case .floats(let numbers): numbers
        default: (0..<weights.rows).flatMap { row in (0..<weights.columns).map { weights[row, $0] } }
        }
      let panels = FloatPanels(numbers, outputs: weights.rows, inputs: weights.columns)
      self.init(layer, "floats") { values, compute in
        compute.multiply(operand(values, compute), panels, into: values.real(output))
      }
    }
  }

  private static func xnor(
    _ signs: SignBatch, _ windows: ImageWindows?, _ weights: SignMatrix, into sums: SumMatrix, _ compute: Compute
  ) {
    if let windows {
      compute.convolve(signs, windows, weights, into: sums)
    } else {
      compute.multiply(signs, weights, into: sums)
    }
  }

  // The rows of a product: the windows of a convolution, or the input itself.
  private static func rows(
    _ bytes: ByteMatrix, _ windows: ImageWindows?, _ rows: ByteMatrix, _ compute: Compute
  ) -> ByteMatrix {
    guard let windows else { return bytes }
    compute.unfold(bytes, windows, into: rows)
    return rows
  }
}

// Weights as bytes, made when a large batch first reads them.
private final class LazyPanels {
  private let bits: BitMatrix
  private(set) lazy var value = BytePanels(bits)

  init(_ bits: BitMatrix) { self.bits = bits }
}

extension PackedNetwork {
  /// The operation that reads a value; nil unless there is exactly one.
  func operation(reading value: Int) -> PackedKind? {
    let readers = operations.filter { $0.inputs.contains(value) }
    return readers.count == 1 && operations.indices.contains(value) && operations[value].inputs == [value]
      ? readers[0].kind : nil
  }

  /// The shape of images whose bytes are scaled per channel, even if the images are flat rows.
  fileprivate func pixelShape(_ scale: PixelScale) -> ImageShape {
    ImageShape(height: input.features / scale.lower.count, width: 1, channels: scale.lower.count)
  }
}
