internal import NeuralNetworks
internal import Tensors

// Products, and the conversion of their sums to signs by thresholds, or to floats.

extension ONNXLowering {
  /// Appends a product. If its sums are too large for float32, appends several products and adds them.
  mutating func lower(_ product: PackedProduct, of operation: PackedOperation, at index: Int) -> Value {
    let (weights, windows) = (product.weights, product.windows)
    let (number, type) = (operation.inputs[0], network.type(of: operation.inputs[0]))
    let shape = network.shape(of: number)
    var x = windows.map { image(values[number], $0.input) } ?? rows(values[number], shape)
    var result = Value(name: "", isImage: windows != nil)
    // Whether signs are given as bits, 1 for -1, as in sums with integers.
    var isBits = false
    if type == .signs, case .integers = weights.values {
      if case .real? = reader(of: index + 1) { result.isReal = true } else { isBits = true }
    }
    if isBits {
      let half = graph.node("Mul", [x.name, graph.constant([Float(-0.5)], [], "minusHalf")])
      x.name = graph.node("Add", [half, graph.constant([Float(0.5)], [], "half")])
    }
    if product.roundsInput {
      x.name =
        dialect == .qonnx
        ? graph.bfloat16(x.name) : graph.node("Cast", [graph.node("Cast", [x.name], [.to(.bfloat16)])], [.to(.float)])
    }
    // The operator pads with 0. The packed network's offsets also assume 0 around bytes and levels.
    if let windows, windows.padding == .sameOne, !isBits, type == .signs || type == .real {
      let edges = windows.edges
      if edges.contains(where: { $0 > 0 }) {
        let pads = graph.constant([0, 0, edges[0], edges[1], 0, 0, edges[2], edges[3]], "pads")
        x.name = graph.node("Pad", [x.name, pads, graph.constant([Float(1)], [], "one")])
        x.isPadded = true
      }
    }
    var numbers = weights.floats
    if case .threshold(let thresholds)? = reader(of: index + 1), operation.type == .sums {
      // n < T equals -n > -T, so rows of the opposite sign need no other comparison.
      for (row, isInverted) in thresholds.inverted.enumerated() where isInverted {
        for place in row * weights.columns..<(row + 1) * weights.columns { numbers[place] = -numbers[place] }
      }
      result.isFlipped = true
    }
    if operation.type == .sums {
      let greatest = type == .bytes ? 255.0 : type == .levels ? Double(network.steps(of: number)) : 1
      result.bounds = bounds(numbers, columns: weights.columns, greatest)
      if dialect == .standard, result.bounds.contains(where: { $0 >= Self.exact }) {
        result.isDouble = true
        result.name = sumOfDigits(numbers, weights, windows, x, greatest)
        return result
      }
    }
    result.name = multiply(x, numbers, weights, windows)
    return result
  }

  private func bounds(_ numbers: [Float], columns: Int, _ greatest: Double) -> [Double] {
    stride(from: 0, to: numbers.count, by: columns).map { begin in
      greatest * numbers[begin..<begin + columns].reduce(0) { $0 + Double(abs($1)) }
    }
  }

  // Integer weights as digits of a base, lowest first, so that the sums of each digit are exact. The digits' sums are
  // added in double precision.
  private mutating func sumOfDigits(
    _ numbers: [Float], _ weights: PackedWeights, _ windows: ImageWindows?, _ x: Value, _ greatest: Double
  ) -> String {
    let largest = numbers.reduce(0) { max($0, abs(Int($1))) }
    // With an odd base, digits are balanced: -(base - 1)/2 … (base - 1)/2.
    var base = 2 * largest + 1
    var digits: [[Float]] = [numbers]
    while base > 3,
      digits.contains(where: { bounds($0, columns: weights.columns, greatest).contains { $0 >= Self.exact } })
    {
      base = max(3, (base / 2) | 1)
      digits = ONNXLowering.digits(numbers, base: base)
    }
    var (sum, factor) = (String?.none, 1.0)
    for digit in digits {
      var part = graph.node("Cast", [multiply(x, digit, weights, windows)], [.to(.double)])
      if factor > 1 { part = graph.node("Mul", [part, graph.constant([factor], [], "base")]) }
      sum = sum.map { graph.node("Add", [$0, part]) } ?? part
      factor *= Double(base)
    }
    return sum ?? x.name
  }

  private static func digits(_ numbers: [Float], base: Int) -> [[Float]] {
    var (rest, digits) = (numbers.map { Int($0) }, [[Float]]())
    while rest.contains(where: { $0 != 0 }) {
      let digit = rest.map { number in
        let positive = ((number % base) + base) % base
        return positive > base / 2 ? positive - base : positive
      }
      digits.append(digit.map { Float($0) })
      rest = zip(rest, digit).map { ($0 - $1) / base }
    }
    return digits
  }

  private mutating func multiply(
    _ x: Value, _ numbers: [Float], _ weights: PackedWeights, _ windows: ImageWindows?
  ) -> String {
    let (rows, columns) = (weights.rows, weights.columns)
    var operand: String
    if let windows {
      let (channels, places) = (windows.input.channels, windows.kernel.height * windows.kernel.width)
      var turned = [Float](repeating: 0, count: numbers.count)
      for row in 0..<rows {
        for channel in 0..<channels {
          for place in 0..<places {
            turned[(row * channels + channel) * places + place] = numbers[row * columns + place * channels + channel]
          }
        }
      }
      operand = graph.constant(turned, [rows, channels, windows.kernel.height, windows.kernel.width], "weights")
    } else {
      var turned = [Float](repeating: 0, count: numbers.count)
      for row in 0..<rows {
        for column in 0..<columns { turned[column * rows + row] = numbers[row * columns + column] }
      }
      operand = graph.constant(turned, [columns, rows], "weights")
    }
    if dialect == .qonnx {
      switch weights.values {
      case .signs: operand = graph.bipolar(operand)
      case .ternary: operand = graph.quant(operand, bits: 2, isSigned: true, isNarrow: true)
      case .integers(let values):
        let largest = values.reduce(0) { max($0, abs(Int($1))) }
        operand = graph.quant(operand, bits: Int.bitWidth - largest.leadingZeroBitCount + 1, isSigned: true)
      case .floats: break
      }
    }
    guard let windows else { return graph.node("MatMul", [x.name, operand]) }
    return graph.node(
      "Conv", [x.name, operand],
      ONNXAttributeProto.windows(windows, pads: !x.isPadded) + [.ints("dilations", [1, 1]), .int("group", 1)])
  }

  // MARK: Sums

  /// Appends the signs of sums.
  mutating func threshold(_ sums: Value, _ thresholds: PackedThresholds, _ output: ImageShape) -> Value {
    var x = sums
    let inverted = thresholds.inverted
    if !x.isFlipped, inverted.contains(true) {
      x.name = graph.node("Mul", [x.name, channels(inverted.map { $0 ? -1 : 1 }, "direction", x)])
    }
    let count = inverted.count
    // Limits lie between two integers, so that rounding of a sum has no effect. A constant unit's limit is beyond all sums.
    let limits = thresholds.thresholds.enumerated().map { place, threshold in
      let (channel, bound) = (place % count, x.bounds[place % count])
      let least = inverted[channel] ? 1 - Double(threshold) : Double(threshold)
      return max(-bound, min(bound + 1, least)) - 0.5
    }
    let (numbers, shape) = spread(limits, thresholds.classes, output, x)
    switch dialect {
    case .standard:
      let limit =
        x.isDouble
        ? graph.constant(numbers, shape, "thresholds") : graph.constant(numbers.map { Float($0) }, shape, "thresholds")
      x.name = decide(graph.node("GreaterOrEqual", [x.name, limit]))
    case .qonnx:
      let shift = graph.constant(numbers.map { Float(-$0) }, shape, "thresholds")
      x.name = graph.bipolar(graph.node("Add", [x.name, shift]))
    }
    return Value(name: x.name, isImage: x.isImage)
  }

  /// Appends the signs of floats.
  mutating func sign(_ x: Value, _ thresholds: [Float]) -> String {
    switch dialect {
    case .standard:
      let limit = thresholds.isEmpty ? graph.constant([Float(0)], [], "zero") : channels(thresholds, "thresholds", x)
      return decide(graph.node("GreaterOrEqual", [x.name, limit]))
    case .qonnx:
      guard !thresholds.isEmpty else { return graph.bipolar(x.name) }
      return graph.bipolar(graph.node("Add", [x.name, channels(thresholds.map { -$0 }, "thresholds", x)]))
    }
  }

  private mutating func decide(_ isPositive: String) -> String {
    graph.node(
      "Where", [isPositive, graph.constant([Float(1)], [], "one"), graph.constant([Float(-1)], [], "minusOne")])
  }

  /// Appends the real values of sums.
  mutating func real(_ sums: Value, _ scale: PackedScale, _ operation: PackedOperation, at index: Int) -> Value {
    var x = Value(name: sums.name, isImage: sums.isImage)
    guard !sums.isReal else { return x }
    let mustBeExact = dialect == .standard && decides(from: index)
    if mustBeExact, !sums.isDouble { x.name = graph.node("Round", [x.name]) }
    let (offsets, shape) = spread(scale.offsets, scale.classes, operation.output, x)
    if offsets.isEmpty, !sums.isDouble {
      let inverse = (1 / scale.factor).rounded()
      if scale.factor == 1 { return x }
      if scale.factor.significand == 1 || !mustBeExact {
        x.name = graph.node("Mul", [x.name, graph.constant([Float(scale.factor)], [], "factor")])
        return x
      }
      // A quotient of small integers is never halfway between two floats, so division and multiplication round alike.
      if 1 / inverse == scale.factor {
        x.name = graph.node("Div", [x.name, graph.constant([Float(inverse)], [], "steps")])
        return x
      }
    }
    if mustBeExact || sums.isDouble {
      if !sums.isDouble { x.name = graph.node("Cast", [x.name], [.to(.double)]) }
      x.name = graph.node("Mul", [x.name, graph.constant([scale.factor], [], "factor")])
      if !offsets.isEmpty { x.name = graph.node("Add", [x.name, graph.constant(offsets, shape, "offsets")]) }
      x.name = graph.node("Cast", [x.name], [.to(.float)])
    } else {
      x.name = graph.node("Mul", [x.name, graph.constant([Float(scale.factor)], [], "factor")])
      let numbers = offsets.map { Float($0) }
      if !offsets.isEmpty { x.name = graph.node("Add", [x.name, graph.constant(numbers, shape, "offsets")]) }
    }
    return x
  }

  // Expands numbers per border class and channel to numbers per pixel and channel, if there are several classes.
  private func spread(
    _ numbers: [Double], _ classes: [UInt8], _ output: ImageShape, _ x: Value
  ) -> (numbers: [Double], shape: [Int]) {
    let count = output.channels
    guard !classes.isEmpty, !numbers.isEmpty else { return (numbers, x.isImage ? [1, count, 1, 1] : [count]) }
    let all = (0..<count).flatMap { channel in classes.map { numbers[Int($0) * count + channel] } }
    return (all, [1, count, output.height, output.width])
  }
}

extension PackedWeights {
  /// The weights as floats, row-major.
  var floats: [Float] {
    switch values {
    case .floats(let numbers): return numbers
    case .integers(let numbers): return numbers.map { Float($0) }
    case .signs, .ternary:
      var numbers: [Float] = []
      numbers.reserveCapacity(rows * columns)
      for row in 0..<rows { for column in 0..<columns { numbers.append(self[row, column]) } }
      return numbers
    }
  }
}
