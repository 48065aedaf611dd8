internal import NeuralNetworks
internal import Tensors

// The sources of a unit's number.

extension CWriter {
  /// Writes what a step computes once per run.
  mutating func prelude(_ number: Int) {
    guard case .operation(let index) = steps[number].head else { return }
    let operation = network.operations[index]
    switch operation.kind {
    case .pool: functions.line("size_t ky, kx;")
    case .magnitude: functions.line("size_t k;")
    case .contrasts: contrasts(operation.output.features)
    case .product(let product):
      if let windows = product.windows, !windows.isPointwise {
        helpers.insert(.windowShape)
        let (before, kernel, stride) = (windows.before, windows.kernel, windows.stride)
        let numbers = [
          windows.input.height, windows.input.width, windows.input.channels, kernel.height, kernel.width, stride.height,
          stride.width, before.height, before.width,
        ]
        functions.line("static const window_shape s = {\(numbers.map { "\($0)" }.joined(separator: ", "))};")
      }
    default: break
    }
  }

  // Lower bound and factor of an image, in the same order as in training.
  private mutating func contrasts(_ count: Int) {
    (hasRoundedSums, needsMath) = (true, true)
    functions.line("uint64_t sum = 0, squares = 0;")
    functions.line("double mean, divisor;")
    functions.line("float lower, factor;")
    functions.open("for (unit = 0; unit < \(count); unit++)")
    functions.line("sum += x[unit];")
    functions.line("squares += (uint32_t)x[unit] * x[unit];")
    functions.close()
    functions.line("mean = (double)sum / \(count).0;")
    functions.line("/* In integers, so that the contrast of a constant image is exactly 0. */")
    functions.line(
      "divisor = sqrt((double)(squares * \(count)u - sum * sum) / \(count).0) / \(ContrastNormalization.norm);")
    functions.line("if (!(divisor >= \(CText.literal(ContrastNormalization.smallestDivisor)))) divisor = 1.0;")
    functions.line("lower = (float)(-mean / divisor);")
    functions.line("factor = (float)(1.0 / divisor);")
  }

  /// Writes the source of a unit's number.
  mutating func head(_ number: Int, _ unit: inout CUnit) {
    let step = steps[number]
    switch step.head {
    case .load(let value):
      let element = "\(step.parameter(value))[\(unit.index)]"
      switch network.type(of: value) {
      case .bytes, .levels: functions.line(unit.set("q", element))
      case .sums: functions.line(unit.set("n", element))
      case .real: functions.line(unit.set("v", element))
      case .signs:
        let words = (unit.channels + 31) / 32
        let place = unit.hasPixels ? "pixel * \(words) + unit / 32" : "unit / 32"
        functions.line(unit.set("bit", "\(step.parameter(value))[\(place)] >> (unit % 32) & 1u"))
      }
    case .operation(let index): head(number, network.operations[index], index, &unit)
    }
  }

  private mutating func head(_ number: Int, _ operation: PackedOperation, _ index: Int, _ unit: inout CUnit) {
    let step = steps[number]
    func parameter(_ place: Int) -> String { step.parameter(operation.inputs[place]) }
    let input = network.shape(of: operation.inputs[0])
    switch operation.kind {
    case .product(let product): sum(number, product, index, &unit)
    case .contrasts:
      pixel("x[\(unit.index)]", "lower", "factor", &unit)
    case .pool(let kind, let windows):
      pool(kind, windows, &unit)
    case .magnitude:
      hasRoundedSums = true
      let channels = input.channels
      functions.line("double sum = 0.0;")
      functions.open("for (k = 0; k < \(channels); k++)")
      functions.line("const float part = x[\(unit.pixel) * \(channels) + k];")
      functions.line("sum += (double)(part < 0.0f ? -part : part);")
      functions.close()
      functions.line(unit.set("v", "(float)(sum / \(channels).0)"))
    case .scalePixels:
      functions.line(unit.set("v", "\(parameter(0))[\(unit.index)] * \(parameter(1))[\(unit.pixel)]"))
    case .add:
      functions.line(unit.set("v", "\(parameter(0))[\(unit.index)] + \(parameter(1))[\(unit.index)]"))
    case .subsample(let subsampling):
      let place =
        "((row * \(subsampling.stride)) * \(input.width) + column * \(subsampling.stride)) * \(input.channels) + unit"
      functions.line(
        unit.set("v", input.channels < unit.channels ? "unit < \(input.channels) ? x[\(place)] : 0.0f" : "x[\(place)]"))
    default: preconditionFailure("the operation works element by element, or on words")
    }
  }

  private mutating func pool(_ kind: Pooling.Kind, _ windows: ImageWindows, _ unit: inout CUnit) {
    let element = "x[(py * \(windows.input.width) + px) * \(windows.input.channels) + unit]"
    switch kind {
    case .max:
      functions.line(unit.set("v", "0.0f"))
      functions.line("int is_first = 1;")
      functions.openWindow(windows)
      functions.line("const float next = \(element);")
      functions.line("if (is_first || next > v) v = next;")
      functions.line("is_first = 0;")
      functions.closeWindow()
    case .average:
      hasRoundedSums = true
      functions.line(unit.set("v", "0.0f"))
      if windows.reachesOutside {
        functions.line("size_t count = 0;")
        functions.openWindow(windows)
        functions.line("count++;")
        functions.closeWindow()
        functions.line("const float share = 1.0f / (float)count;")
      } else {
        functions.line("const float share = 1.0f / \(windows.kernel.height * windows.kernel.width).0f;")
      }
      let places = windows.kernel.height * windows.kernel.width
      functions.openWindow(windows)
      if !windows.reachesOutside, places & (places - 1) == 0 {
        functions.line("const float part = share * \(element);")
        functions.line("v += part;")
      } else {
        // The runtime fuses both operations. A product of two floats is exact in double precision.
        functions.line("const double part = (double)share * (double)\(element);")
        functions.line("v = (float)((double)v + part);")
      }
      functions.closeWindow()
    }
  }
}

extension ImageWindows {
  /// Whether a window is one pixel.
  var isPointwise: Bool { kernel == (1, 1) }

  /// Whether a window extends beyond the image.
  var reachesOutside: Bool {
    padding != .valid
      && ((output.height - 1) * stride.height + kernel.height > input.height
        || (output.width - 1) * stride.width + kernel.width > input.width)
  }
}
