internal import NeuralNetworks
internal import Tensors

/// Reads one operation of a file and checks it against the operations before it. No value of the file is trusted.
struct OperationReader {
  let row: PackedGraph.Row
  let number: Int
  /// The operations read so far.
  let network: PackedNetwork
  let tensors: [String: FileTensor]

  private var channels: Int { row.output.channels }

  /// Reads the operation.
  /// - Throws: `PackedFileError` with the operation's number, kind and layer.
  func operation() throws -> PackedOperation {
    guard row.inputs.count == (["add", "scalePixels"].contains(row.op) ? 2 : 1),
      row.inputs.allSatisfy({ (0...number).contains($0) })
    else { throw wrong("inputs among the earlier operations", "\(row.inputs)") }
    let size = row.output
    guard size.height > 0, size.width > 0, size.channels > 0, size.height <= 1 << 16, size.width <= 1 << 16,
      size.channels <= 1 << 26, size.pixels * size.channels <= 1 << 26
    else { throw wrong("an output of at most 67 million elements", "\(size.height)×\(size.width)×\(size.channels)") }
    let kind = try kind()
    let (type, output) = try result(of: kind)
    guard type == row.type, output == row.output else {
      throw wrong("\(type) of \(output), as the operation computes", "\(row.type) of \(row.output)")
    }
    return PackedOperation(layer: row.layer, kind, inputs: row.inputs, type: type, output: output)
  }

  private func kind() throws -> PackedKind {
    switch row.op {
    case "pixels": .pixels(PixelScale(lower: try ofPixel("lower"), scale: try ofPixel("scale")))
    case "contrasts": .contrasts
    case "product": .product(try product())
    case "real": .real(try scale())
    case "levels": .levels(steps: try steps())
    case "realLevels": .realLevels(steps: try steps())
    case "realSigns": .realSigns
    case "scale": .function(.scale(try floats("factors")))
    case "shift": .function(.shift(try floats("shifts")))
    case "normalize":
      .function(
        .normalize(
          .init(
            mean: try floats("mean"), inverse: try floats("inverse"), scale: try floats("scale"),
            shift: try floats("shift"))))
    case "relu": .function(.relu)
    case "clip": .function(.clip)
    case "rprelu":
      .function(
        .rprelu(threshold: try floats("threshold"), slope: try floats("slope"), shift: try floats("shift")))
    case "sign": .sign(thresholds: tensors["\(number).thresholds"] == nil ? [] : try floats("thresholds"))
    case "threshold": .threshold(try thresholds())
    case "poolSigns": .poolSigns(try windows(), any: try flags("any"))
    case "maxPool": .pool(.max, try windows())
    case "averagePool": .pool(.average, try windows())
    case "reshape": .reshape
    case "magnitude": .magnitude
    case "scalePixels": .scalePixels
    case "add": .add
    case "subsample": .subsample(try subsampling())
    default: throw wrong("a known operation: a newer signflip may know it", "“\(row.op)”")
    }
  }

  // The type and shape of the operation's result. Throws if the operation can't read its input.
  private func result(of kind: PackedKind) throws -> (PackedType, ImageShape) {
    let (type, shape) = (network.type(of: row.inputs[0]), network.shape(of: row.inputs[0]))
    func takes(_ types: PackedType...) throws {
      guard types.contains(type) else {
        throw wrong(types.map(\.rawValue).joined(separator: " or "), "\(type)")
      }
    }
    func takesSecond(_ expected: ImageShape) throws {
      let (type, shape) = (network.type(of: row.inputs[1]), network.shape(of: row.inputs[1]))
      guard type == .real, shape == expected else { throw wrong("real of \(expected)", "\(type) of \(shape)") }
    }
    switch kind {
    case .pixels, .contrasts:
      try takes(.bytes)
      guard row.output.features == shape.features else { throw wrong("\(shape)", "\(row.output)") }
      return (.real, row.output)
    case .product(let product):
      try takes(.bytes, .levels, .signs, .real)
      let expected = product.windows?.features ?? shape.features
      guard product.weights.columns == expected, product.windows != nil || shape.pixels == 1 || type == .bytes else {
        throw wrong("weights of \(expected) inputs", "\(product.weights.columns)")
      }
      let output =
        product.windows?.outputShape(channels: product.weights.rows) ?? ImageShape(features: product.weights.rows)
      let isWhole = type != .real && product.weights.areWhole
      guard isWhole || type == .real else { throw wrong("integer weights for inputs of type \(type)", "floats") }
      if isWhole { try checkSums(product, type) }
      return (isWhole ? .sums : .real, output)
    case .real:
      try takes(.sums)
      return (.real, shape)
    case .levels:
      try takes(.real)
      return (.levels, shape)
    case .realLevels:
      try takes(.levels)
      return (.real, shape)
    case .realSigns:
      try takes(.signs)
      return (.real, shape)
    case .function:
      try takes(.real)
      return (.real, shape)
    case .sign:
      try takes(.real)
      return (.signs, shape)
    case .threshold:
      try takes(.sums)
      return (.signs, shape)
    case .poolSigns(let windows, _):
      try takes(.signs)
      return (.signs, windows.outputShape(channels: shape.channels))
    case .pool(let kind, let windows):
      try takes(.real)
      guard kind != .max || windows.kernel.height * windows.kernel.width <= 256 else {
        throw wrong("windows of at most 256 pixels", "\(windows.kernel.height)×\(windows.kernel.width)")
      }
      return (.real, windows.outputShape(channels: shape.channels))
    case .reshape:
      try takes(.real, .levels, .signs)
      guard row.output.features == shape.features, type != .signs || row.output.pixels == 1 else {
        throw wrong("the \(shape.features) elements of \(shape)", "\(row.output)")
      }
      return (type, row.output)
    case .magnitude:
      try takes(.real)
      return (.real, ImageShape(height: shape.height, width: shape.width, channels: 1))
    case .scalePixels:
      try takes(.real)
      try takesSecond(ImageShape(height: shape.height, width: shape.width, channels: 1))
      return (.real, shape)
    case .add:
      try takes(.real)
      try takesSecond(shape)
      return (.real, shape)
    case .subsample(let subsampling):
      try takes(.real)
      return (.real, subsampling.output)
    }
  }

  // Sums must fit into 32 bits.
  private func checkSums(_ product: PackedProduct, _ type: PackedType) throws {
    let step = type == .signs ? 1 : type == .levels ? network.steps(of: row.inputs[0]) : 255
    var greatest = 1
    if case .integers(let numbers) = product.weights.values {
      greatest = numbers.reduce(1) { max($0, abs(Int($1))) }
    }
    guard Double(step) * Double(greatest) * Double(product.weights.columns) < Double(Int32.max) else {
      throw wrong("sums that fit into 32 bits", "larger ones")
    }
  }

  // MARK: Parts

  private func wrong(_ expected: String, _ found: String) -> PackedFileError {
    PackedFileError("operation \(number) (\(row.op) of layer \(row.layer)): expected \(expected), found \(found)")
  }

  private func tensor(_ name: String, _ shape: [Int]) throws -> FileTensor.Values {
    guard let tensor = tensors["\(number).\(name)"] else { throw wrong("the tensor \(number).\(name)", "none") }
    guard tensor.shape == shape else { throw wrong("\(name) of shape \(shape)", "\(tensor.shape)") }
    return tensor.values
  }

  private func floats(_ name: String, count: Int? = nil) throws -> [Float] {
    guard case .float32(let numbers) = try tensor(name, [count ?? channels]) else { throw wrong("floats", "others") }
    guard numbers.allSatisfy(\.isFinite) else { throw wrong("numbers in \(name)", "NaN or infinity") }
    return numbers
  }

  // One number per channel of the image, even if the image is a flat row.
  private func ofPixel(_ name: String) throws -> [Float] { try floats(name, count: network.input.channels) }

  private func flags(_ name: String) throws -> [Bool] {
    guard case .bytes(let numbers) = try tensor(name, [channels]) else { throw wrong("bytes", "others") }
    return numbers.map { $0 != 0 }
  }

  private func steps() throws -> Int {
    guard let steps = row.steps, (1...255).contains(steps) else {
      throw wrong("1…255 steps", row.steps.map { "\($0)" } ?? "none")
    }
    return steps
  }

  private func windows() throws -> ImageWindows {
    let shape = network.shape(of: row.inputs[0])
    guard let windows = row.windows?.windows(over: shape) else {
      throw wrong("windows over images of \(shape)", "none")
    }
    return windows
  }

  private func subsampling() throws -> ImageSubsampling {
    let shape = network.shape(of: row.inputs[0])
    guard let subsampling = ImageSubsampling(from: shape, to: row.output), subsampling.stride == row.stride else {
      throw wrong("each \(row.stride ?? 0)th pixel of \(shape)", "\(row.output)")
    }
    return subsampling
  }

  private func product() throws -> PackedProduct {
    guard let rows = row.rows, let columns = row.columns, rows > 0, columns > 0, rows < 1 << 26, columns < 1 << 26
    else {
      throw wrong("rows and columns of weights", "none")
    }
    let words = (columns + 63) / 64
    let values: PackedWeights.Values
    switch row.weights {
    case "bits":
      guard case .words(let bits) = try tensor("weights", [rows, words]) else { throw wrong("words of bits", "others") }
      values = .signs(try checked(bits, columns))
    case "ternary":
      guard case .words(let bits) = try tensor("weights", [2, rows, words]) else {
        throw wrong("words of bits", "others")
      }
      let planes = try checked(bits, columns)
      values = .ternary(Array(planes[..<(rows * words)]), Array(planes[(rows * words)...]))
    case "integers":
      switch try tensor("weights", [rows, columns]) {
      case .int8(let numbers): values = .integers(numbers.map { Int16($0) })
      case .int16(let numbers): values = .integers(numbers)
      default: throw wrong("integers of 8 or 16 bits", "others")
      }
    case "float":
      guard case .float32(let numbers) = try tensor("weights", [rows, columns]), numbers.allSatisfy(\.isFinite) else {
        throw wrong("floats", "others")
      }
      values = .floats(numbers)
    default: throw wrong("bits, ternary, integers or float as weights", "“\(row.weights ?? "none")”")
    }
    return PackedProduct(
      weights: PackedWeights(rows: rows, columns: columns, values), windows: row.windows == nil ? nil : try windows(),
      roundsInput: row.roundsInput ?? false)
  }

  // Tail bits must be zero: the kernels rely on it.
  private func checked(_ bits: [UInt64], _ columns: Int) throws -> [UInt64] {
    let words = (columns + 63) / 64
    guard columns % 64 != 0 else { return bits }
    let tail = ~UInt64(0) << UInt64(columns % 64)
    for last in stride(from: words - 1, to: bits.count, by: words) where bits[last] & tail != 0 {
      throw wrong("zero bits after the last weight of a row", "ones")
    }
    return bits
  }

  private func classes(_ count: Int) throws -> [UInt8] {
    guard count > 1 else { return [] }
    guard case .bytes(let classes) = try tensor("classes", [row.output.pixels]),
      classes.allSatisfy({ Int($0) < count })
    else { throw wrong("a class for each pixel", "others") }
    return classes
  }

  // The number of border classes in a tensor.
  private func classCount(_ name: String) throws -> Int {
    let count = tensors["\(number).\(name)"]?.shape.first ?? 1
    guard (1...255).contains(count) else { throw wrong("1…255 border classes", "\(count)") }
    return count
  }

  private func scale() throws -> PackedScale {
    guard let factor = row.factor, factor.isFinite, factor != 0 else { throw wrong("a factor", "none") }
    guard tensors["\(number).offsets"] != nil else { return PackedScale(factor: factor) }
    let count = try classCount("offsets")
    guard case .float64(let offsets) = try tensor("offsets", [count, channels]), offsets.allSatisfy(\.isFinite) else {
      throw wrong("numbers of 64 bits", "others")
    }
    return PackedScale(factor: factor, offsets: offsets, classes: try classes(count))
  }

  private func thresholds() throws -> PackedThresholds {
    let count = try classCount("thresholds")
    guard case .int32(let numbers) = try tensor("thresholds", [count, channels]) else {
      throw wrong("integers of 32 bits", "others")
    }
    return PackedThresholds(thresholds: numbers, inverted: try flags("inverted"), classes: try classes(count))
  }
}
