internal import NeuralNetworks
internal import Tensors

// Products: one row of inputs per pixel, and one sum per unit.

extension PackedNetwork {
  /// The memory that a step needs while it runs: one row of a product's inputs, in bytes.
  func rowBytes(of step: CStep) -> Int {
    guard case .operation(let index) = step.head, case .product(let product) = operations[index].kind else { return 0 }
    let columns = product.weights.columns
    let isGathered = product.windows.map { !$0.isPointwise } ?? false
    switch type(of: operations[index].inputs[0]) {
    case .real: return isGathered || product.roundsInput ? 4 * columns : 0
    case .signs: return isGathered ? (columns + 31) / 32 * 4 * (keepsBits(product, index) ? 2 : 1) : 0
    case .bytes, .levels: return isGathered ? columns : 0
    case .sums: return 0
    }
  }

  /// The element type of that row.
  func rowType(of step: CStep) -> String? {
    guard rowBytes(of: step) > 0, case .operation(let index) = step.head else { return nil }
    return cType(of: operations[index].inputs[0])
  }

  /// Whether a product of signs leaves out positions outside of the image.
  fileprivate func keepsBits(_ product: PackedProduct, _ index: Int) -> Bool {
    guard let windows = product.windows, windows.padding == .same, windows.reachesOutside,
      type(of: operations[index].inputs[0]) == .signs
    else { return false }
    if case .integers = product.weights.values { return false }
    return true
  }

  /// The largest magnitude of a product's sums; nil for float sums.
  func greatestSum(of step: CStep) -> Int? {
    guard case .operation(let index) = step.head, case .product(let product) = operations[index].kind,
      operations[index].type == .sums
    else { return nil }
    let (input, columns) = (operations[index].inputs[0], product.weights.columns)
    let most = type(of: input) == .signs ? 1 : steps(of: input)
    guard case .integers(let values) = product.weights.values else { return most * columns }
    return (0..<product.weights.rows).map { row in
      values[row * columns..<(row + 1) * columns].reduce(0) { $0 + abs(Int($1)) } * most
    }.max()
  }
}

extension CWriter {
  /// Writes the row of inputs of a pixel.
  mutating func productRow(_ number: Int, _ product: PackedProduct, _ index: Int) {
    let input = network.operations[index].inputs[0]
    let (type, columns) = (network.type(of: input), product.weights.columns)
    let element = network.cType(of: input)
    var row = "x"
    if let windows = product.windows {
      let width = type == .signs ? (windows.input.channels + 31) / 32 : windows.input.channels
      let place =
        "(row * \(windows.stride.height) * \(windows.input.width) + column * \(windows.stride.width)) * \(width)"
      if windows.isPointwise {
        row = "x + \(place)"
      } else {
        row = "row_memory"
        gather(product, windows, index)
      }
    }
    if type == .real, product.roundsInput {
      helpers.insert(.roundFloats)
      functions.line("round_floats(\(row), row_memory, \(columns));")
      row = "row_memory"
    }
    functions.line("const \(element) *const inputs = \(row);")
    switch (type, product.weights.values) {
    case (.bytes, .signs), (.levels, .signs), (.bytes, .ternary), (.levels, .ternary):
      helpers.insert(.sumOfBytes)
      functions.line("const int32_t total = sum_of_bytes(inputs, \(columns));")
    default: break
    }
  }

  private mutating func gather(_ product: PackedProduct, _ windows: ImageWindows, _ index: Int) {
    switch network.type(of: network.operations[index].inputs[0]) {
    case .signs:
      helpers.insert(.gatherBits)
      let words = (product.weights.columns + 31) / 32
      if network.keepsBits(product, index) {
        functions.line("uint32_t *const kept = row_memory + \(words);")
        functions.line("const size_t inside = gather_bits(x, &s, row, column, row_memory, kept);")
      } else {
        functions.line("(void)gather_bits(x, &s, row, column, row_memory, NULL);")
      }
    case .real:
      helpers.insert(.gatherFloats)
      let outside = windows.padding == .sameOne ? "1.0f" : "0.0f"
      functions.line("gather_floats(x, &s, row, column, \(outside), row_memory);")
    default:
      helpers.insert(.gatherBytes)
      functions.line("gather_bytes(x, &s, row, column, row_memory);")
    }
  }

  /// Writes a unit's sum.
  mutating func sum(_ number: Int, _ product: PackedProduct, _ index: Int, _ unit: inout CUnit) {
    let weights = product.weights
    let (columns, words) = (weights.columns, (weights.columns + 31) / 32)
    let table = "\(name(number))_weights"
    let row = "\(table) + unit * \(columns)"
    func bits(_ name: String) -> String { "\(name) + unit * \(words)" }
    let type = network.type(of: network.operations[index].inputs[0])
    if type == .real { hasRoundedSums = true }
    switch weights.values {
    case .signs(let words64):
      tables.addBits(table, words64, rows: weights.rows, columns: columns)
      switch type {
      case .signs: bitSum([bits(table)], product, index, &unit)
      case .real:
        helpers.insert(.dotFloatsBits)
        functions.line(unit.set("v", "dot_floats_bits(inputs, \(bits(table)), \(columns))"))
      default:
        helpers.insert(.sumWhereSet)
        functions.line(unit.set("n", "total - 2 * sum_where_set(inputs, \(bits(table)), \(columns))"))
      }
    case .ternary(let first, let second):
      tables.addBits("\(table)_1", first, rows: weights.rows, columns: columns)
      tables.addBits("\(table)_2", second, rows: weights.rows, columns: columns)
      let planes = [bits("\(table)_1"), bits("\(table)_2")]
      switch type {
      case .signs: bitSum(planes, product, index, &unit)
      case .real:
        helpers.insert(.dotFloatsTernary)
        functions.line(unit.set("v", "dot_floats_ternary(inputs, \(planes[0]), \(planes[1]), \(columns))"))
      default:
        helpers.insert(.sumWhereSet)
        let parts = planes.map { " - sum_where_set(inputs, \($0), \(columns))" }.joined()
        functions.line(unit.set("n", "total\(parts)"))
      }
    case .integers(let values):
      let size = tables.add(table, narrowest: values.map { Int($0) })
      let (helper, name): (CHelper, String) =
        switch type {
        case .signs: (size == 8 ? .dotSigns8 : .dotSigns16, "dot_signs")
        case .real: (size == 8 ? .dotFloats8 : .dotFloats16, "dot_floats")
        default: (size == 8 ? .dotBytes8 : .dotBytes16, "dot_bytes")
        }
      helpers.insert(helper)
      functions.line(unit.set(type == .real ? "v" : "n", "\(name)_\(size)(inputs, \(row), \(columns))"))
    case .floats(let values):
      tables.add(table, values)
      helpers.insert(.dotFloats)
      functions.line(unit.set("v", "dot_floats(inputs, \(row), \(columns))"))
    }
  }

  // K - 2d for one plane, K - d - e for two: K inputs are in the image, d and e bits differ.
  private mutating func bitSum(_ planes: [String], _ product: PackedProduct, _ index: Int, _ unit: inout CUnit) {
    let (columns, words) = (product.weights.columns, (product.weights.columns + 31) / 32)
    let factor = planes.count == 1 ? "2 * " : ""
    helpers.insert(.differingBits)
    let whole = planes.map { " - \(factor)differing_bits(inputs, \($0), \(words))" }.joined()
    guard network.keepsBits(product, index) else { return functions.line(unit.set("n", "\(columns)\(whole)")) }
    helpers.insert(.differingKeptBits)
    let part = planes.map { " - \(factor)differing_kept_bits(inputs, kept, \($0), \(words))" }.joined()
    functions.line(unit.set("n", "inside == \(columns) ? \(columns)\(whole) : (int32_t)inside\(part)"))
  }
}
