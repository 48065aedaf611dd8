internal import NeuralNetworks
internal import Tensors

// The operations that a unit's number passes through before it is stored.

extension CWriter {
  /// Writes one of these operations.
  mutating func tail(_ number: Int, _ index: Int, _ unit: inout CUnit) {
    let (step, operation) = (steps[number], network.operations[index])
    let table = "\(name(number))_\(index)"
    switch operation.kind {
    case .threshold(let thresholds): threshold(thresholds, step, table, &unit)
    case .real(let scale): real(scale, step, table, &unit)
    case .function(let function): self.function(function, table, &unit)
    case .sign(let limits):
      if limits.isEmpty {
        functions.line(unit.set("bit", "v < 0.0f ? 1u : 0u"))
      } else {
        tables.add("\(table)_thresholds", limits)
        functions.line(unit.set("bit", "v < \(table)_thresholds[unit] ? 1u : 0u"))
      }
    case .levels(let steps):
      helpers.insert(.level)
      functions.line(unit.set("q", "level(v, \(steps).0f)"))
    case .realLevels(let steps):
      functions.line(unit.set("v", "(float)q * \(CText.literal(1 / Float(steps)))"))
    case .realSigns: functions.line(unit.set("v", "bit ? -1.0f : 1.0f"))
    case .pixels(let scale):
      let count = scale.lower.count
      guard count > 1 else {
        return pixel("q", CText.literal(scale.lower[0]), CText.literal(scale.scale[0]), &unit)
      }
      tables.add("\(table)_lower", scale.lower)
      tables.add("\(table)_scale", scale.scale)
      pixel("q", "\(table)_lower[unit % \(count)]", "\(table)_scale[unit % \(count)]", &unit)
    case .add:
      // The other operand.
      let other = operation.inputs.first { step.reads.contains($0) } ?? 0
      functions.line(unit.set("v", "v + \(step.parameter(other))[\(unit.index)]"))
    case .scalePixels:
      functions.line(unit.set("v", "v * \(step.parameter(operation.inputs[1]))[\(unit.pixel)]"))
    default: preconditionFailure("the operation does not work element by element")
    }
  }

  /// Writes the conversion of a byte to a float. As in the runtime, the product and the sum are rounded together: the product
  /// of a float and a byte is exact in double precision.
  mutating func pixel(_ byte: String, _ lower: String, _ factor: String, _ unit: inout CUnit) {
    functions.line(unit.set("v", "(float)((double)\(lower) + (double)\(factor) * (double)\(byte))"))
  }

  // A unit's index in a table with one row per border class.
  private mutating func place(_ classes: [UInt8], _ table: String, _ unit: CUnit) -> String {
    guard !classes.isEmpty else { return "unit" }
    tables.add("\(table)_classes", bytes: classes)
    return "(size_t)\(table)_classes[\(unit.pixel)] * \(unit.channels) + unit"
  }

  private mutating func threshold(_ thresholds: PackedThresholds, _ step: CStep, _ table: String, _ unit: inout CUnit) {
    var numbers = thresholds.thresholds.map { Int($0) }
    // Thresholds outside of the range of the sums are clamped to it, as the result is the same.
    if let most = network.greatestSum(of: step) { numbers = numbers.map { min(max($0, -most), most + 1) } }
    tables.add("\(table)_thresholds", narrowest: numbers)
    let place = place(thresholds.classes, table, unit)
    let comparison = "n < \(table)_thresholds[\(place)]"
    if thresholds.inverted.contains(true) {
      tables.addBits("\(table)_inverted", thresholds.inverted)
      functions.line(
        unit.set("bit", "(\(comparison) ? 1u : 0u) ^ (\(table)_inverted[unit / 32] >> (unit % 32) & 1u)"))
    } else {
      functions.line(unit.set("bit", "\(comparison) ? 1u : 0u"))
    }
  }

  // In double precision, since floats would be rounded twice.
  private mutating func real(_ scale: PackedScale, _ step: CStep, _ table: String, _ unit: inout CUnit) {
    let isSmall = (network.greatestSum(of: step) ?? .max) <= 1 << 24
    if scale.offsets.isEmpty, isSmall, scale.factor.significand == 1, Double(Float(scale.factor)) == scale.factor {
      let factor = CText.literal(Float(scale.factor))
      return functions.line(unit.set("v", scale.factor == 1 ? "(float)n" : "\(factor) * (float)n"))
    }
    let scaled = "\(CText.literal(scale.factor)) * (double)n"
    guard !scale.offsets.isEmpty else { return functions.line(unit.set("v", "(float)(\(scaled))")) }
    tables.add("\(table)_offsets", scale.offsets)
    let place = place(scale.classes, table, unit)
    functions.line(unit.set("v", "(float)(\(table)_offsets[\(place)] + \(scaled))"))
  }

  private mutating func function(_ function: ChannelFunction, _ table: String, _ unit: inout CUnit) {
    func element(_ name: String) -> String { "\(table)_\(name)[unit]" }
    switch function {
    case .scale(let numbers):
      tables.add("\(table)_factors", numbers)
      functions.line(unit.set("v", "\(element("factors")) * v"))
    case .shift(let numbers):
      tables.add("\(table)_shifts", numbers)
      functions.line(unit.set("v", "v + \(element("shifts"))"))
    case .normalize(let numbers):
      tables.add("\(table)_mean", numbers.mean)
      tables.add("\(table)_inverse", numbers.inverse)
      tables.add("\(table)_scale", numbers.scale)
      tables.add("\(table)_shift", numbers.shift)
      // One operation per statement, since some compilers compute longer expressions in double precision.
      functions.line(unit.set("v", "v - \(element("mean"))"))
      functions.line(unit.set("v", "v * \(element("inverse"))"))
      functions.line(unit.set("v", "\(element("scale")) * v"))
      functions.line(unit.set("v", "v + \(element("shift"))"))
    case .relu: functions.line(unit.set("v", "v < 0.0f ? 0.0f : v"))
    case .clip: functions.line(unit.set("v", "v > 1.0f ? 1.0f : v < -1.0f ? -1.0f : v"))
    case .rprelu(let threshold, let slope, let shift):
      hasRoundedSums = true
      tables.add("\(table)_threshold", threshold)
      tables.add("\(table)_slope", slope)
      tables.add("\(table)_shift", shift)
      functions.line(unit.set("v", "v - \(element("threshold"))"))
      functions.line(unit.set("v", "v > 0.0f ? v : \(element("slope")) * v"))
      functions.line(unit.set("v", "v + \(element("shift"))"))
    }
  }
}
