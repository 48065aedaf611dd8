internal import NeuralNetworks
internal import Tensors

/// Writes one function per step of an exported program, and collects the tables and helpers that they need.
struct CWriter {
  let network: PackedNetwork
  let steps: [CStep]
  let memory: CMemory
  var tables = CTables()
  var helpers: Set<CHelper> = []
  var functions = CText()
  /// The calls of all steps, in order.
  var calls: [String] = []
  /// Whether many floats are added, so that the order changes the last bits.
  var hasRoundedSums = false
  var needsMath = false

  init(_ network: PackedNetwork) {
    self.network = network
    steps = network.cSteps
    memory = CMemory(network, steps, rowBytes: steps.map { network.rowBytes(of: $0) })
    for number in steps.indices { write(number) }
  }

  // MARK: Steps

  /// The prefix of the names of a step's function and tables.
  func name(_ number: Int) -> String {
    let last = steps[number].output - 1
    let place: Int =
      if case .operation(let index) = steps[number].head { index } else { steps[number].tail.first ?? last }
    return "step\(number + 1)_\(CText.letters(network.operations[place].layer))"
  }

  private mutating func write(_ number: Int) {
    let step = steps[number]
    let reads = step.uniqueReads
    var parameters = reads.map { "const \(network.cType(of: $0)) *\(step.parameter($0))" }
    var arguments = reads.map { argument($0, isRead: true) }
    parameters.append("\(network.cType(of: step.output)) *y")
    arguments.append(argument(step.output, isRead: false))
    if let type = network.rowType(of: step) {
      parameters.append("\(type) *row_memory")
      arguments.append("(\(type) *)(void *)(memory + \(memory.row(of: number)))")
    }
    functions.line("/* \(CText.comment(words(number))) */")
    functions.open("static void \(name(number))(\(parameters.joined(separator: ", ")))")
    body(number)
    functions.close()
    functions.line()
    calls.append("\(name(number))(\(arguments.joined(separator: ", ")));")
  }

  private func argument(_ value: Int, isRead: Bool) -> String {
    switch memory.place(of: value) {
    case .image: return "image"
    case .logits: return "logits"
    case .scratch(let offset):
      return "(\(isRead ? "const " : "")\(network.cType(of: value)) *)(void *)(memory + \(offset))"
    }
  }

  // The description of a step in a comment.
  private func words(_ number: Int) -> String {
    let step = steps[number]
    let head: [Int] = if case .operation(let index) = step.head { [index] } else { [] }
    let parts = (head + step.tail).map { network.operations[$0].kind.words }
    let last = network.operations[step.output - 1]
    return "\(network.operations[(head + step.tail)[0]].layer): \(parts.joined(separator: ", ")) -> \(last.output)"
  }

  private mutating func body(_ number: Int) {
    let step = steps[number]
    if case .operation(let index) = step.head, !network.operations[index].kind.hasUnits {
      return wordBody(number, network.operations[index])
    }
    let shape = network.shape(of: step.output)
    let loop = network.loop(of: step)
    functions.line("size_t \((loop.variables + ["unit"]).joined(separator: ", "));")
    prelude(number)
    if loop.isGrid {
      functions.open("for (row = 0; row < \(shape.height); row++)")
      functions.open("for (column = 0; column < \(shape.width); column++, pixel++)")
    } else if loop.isFlat {
      functions.open("for (pixel = 0; pixel < \(shape.pixels); pixel++)")
    }
    pixelBody(number)
    for _ in 0..<(loop.isGrid ? 2 : loop.isFlat ? 1 : 0) { functions.close() }
  }

  private mutating func pixelBody(_ number: Int) {
    let step = steps[number]
    let channels = network.shape(of: step.output).channels
    if case .operation(let index) = step.head, case .product(let product) = network.operations[index].kind {
      productRow(number, product, index)
    }
    if network.type(of: step.output) == .signs { functions.line("uint32_t word = 0;") }
    functions.open("for (unit = 0; unit < \(channels); unit++)")
    var unit = CUnit(channels: channels, hasPixels: network.loop(of: step).hasPixels)
    head(number, &unit)
    for index in step.tail { tail(number, index, &unit) }
    switch network.type(of: step.output) {
    case .signs:
      functions.line("word |= bit << (unit % 32);")
      functions.open("if (unit % 32 == 31 || unit == \(channels - 1))")
      functions.line("*y++ = word;")
      functions.line("word = 0;")
      functions.close()
    case .sums: functions.line("y[\(unit.index)] = n;")
    case .levels, .bytes: functions.line("y[\(unit.index)] = q;")
    case .real: functions.line("y[\(unit.index)] = v;")
    }
    functions.close()
  }

  // MARK: Operations that give words of bits

  private mutating func wordBody(_ number: Int, _ operation: PackedOperation) {
    let input = network.shape(of: operation.inputs[0])
    let words = (input.channels + 31) / 32
    guard case .poolSigns(let windows, let any) = operation.kind else {
      // The unused bits of each pixel's last word are removed.
      helpers.insert(.appendBits)
      functions.line("size_t pixel;")
      functions.line("memset(y, 0, \(network.bytes(of: steps[number].output)));")
      functions.open("for (pixel = 0; pixel < \(input.pixels); pixel++)")
      functions.line("append_bits(y, pixel * \(input.channels), x + pixel * \(words), \(input.channels));")
      functions.close()
      return
    }
    let (hasAll, hasOne) = (any.contains(false), any.contains(true))
    let mask = "\(name(number))_any"
    if hasAll && hasOne { tables.addBits(mask, any) }
    functions.line("size_t row, column, k, ky, kx;")
    functions.open("for (row = 0; row < \(windows.output.height); row++)")
    functions.open("for (column = 0; column < \(windows.output.width); column++)")
    functions.open("for (k = 0; k < \(words); k++)")
    if hasAll { functions.line("uint32_t all = 0xFFFFFFFFu;") }
    if hasOne { functions.line("uint32_t one = 0;") }
    functions.openWindow(windows)
    functions.line("const uint32_t bits = x[(py * \(input.width) + px) * \(words) + k];")
    if hasAll { functions.line("all &= bits;") }
    if hasOne { functions.line("one |= bits;") }
    functions.closeWindow()
    functions.line("*y++ = \(hasAll && hasOne ? "(all & ~\(mask)[k]) | (one & \(mask)[k])" : hasOne ? "one" : "all");")
    for _ in 0..<3 { functions.close() }
  }
}

/// A unit's number while its statements are written.
struct CUnit {
  let channels: Int
  let hasPixels: Bool
  /// The variables that are declared.
  private var declared: Set<String> = []

  init(channels: Int, hasPixels: Bool) { (self.channels, self.hasPixels) = (channels, hasPixels) }

  /// The C expression of the number's index in its value.
  var index: String { hasPixels ? "pixel * \(channels) + unit" : "unit" }
  var pixel: String { hasPixels ? "pixel" : "0" }

  /// An assignment; the first one declares the variable.
  mutating func set(_ name: String, _ expression: String) -> String {
    let types = ["n": "int32_t", "v": "float", "q": "uint8_t", "bit": "uint32_t"]
    let isNew = declared.insert(name).inserted
    return "\(isNew ? (types[name] ?? "") + " " : "")\(name) = \(expression);"
  }
}

/// The loops around the units of a step.
struct CLoop {
  /// Whether the loops are over rows and columns, as windows need.
  let isGrid: Bool
  /// Whether there is one loop over all elements.
  let isFlat: Bool

  var hasPixels: Bool { isGrid || isFlat }
  var variables: [String] { isGrid ? ["row", "column", "pixel = 0"] : isFlat ? ["pixel"] : [] }
}

extension CStep {
  /// The values that are read, without repetitions.
  var uniqueReads: [Int] { reads.enumerated().filter { reads.firstIndex(of: $1) == $0 }.map(\.element) }

  /// The parameter's name of a value in the step's function.
  func parameter(_ value: Int) -> String {
    let place = uniqueReads.firstIndex(of: value) ?? 0
    return place == 0 ? "x" : "x\(place + 1)"
  }
}

extension PackedNetwork {
  /// The C type of a value's elements.
  func cType(of value: Int) -> String {
    switch type(of: value) {
    case .bytes, .levels: "uint8_t"
    case .signs: "uint32_t"
    case .sums: "int32_t"
    case .real: "float"
    }
  }

  /// The loops of a step.
  func loop(of step: CStep) -> CLoop {
    var isGrid = false
    if case .operation(let index) = step.head {
      switch operations[index].kind {
      case .product(let product): isGrid = product.windows != nil
      case .pool, .subsample: isGrid = true
      default: break
      }
    }
    return CLoop(isGrid: isGrid, isFlat: !isGrid && shape(of: step.output).pixels > 1)
  }
}

extension CText {
  /// Opens loops over the pixels of a window that are in the image, at `py` and `px`.
  mutating func openWindow(_ windows: ImageWindows) {
    open("for (ky = 0; ky < \(windows.kernel.height); ky++)")
    line("const size_t py = row * \(windows.stride.height) + ky - \(windows.before.height);")
    open("for (kx = 0; kx < \(windows.kernel.width); kx++)")
    line("const size_t px = column * \(windows.stride.width) + kx - \(windows.before.width);")
    if windows.padding != .valid {
      line("if (py >= \(windows.input.height) || px >= \(windows.input.width)) continue;")
    }
  }

  /// Closes both loops.
  mutating func closeWindow() {
    close()
    close()
  }

  /// A name with all other characters than letters, digits and underscores replaced.
  static func letters(_ name: String) -> String {
    name.unicodeScalars.map { scalar in
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        ? String(scalar) : "_"
    }.joined()
  }
}

extension PackedKind {
  /// Its description in a comment.
  fileprivate var words: String {
    switch self {
    case .pixels: "pixels to floats"
    case .contrasts: "contrast normalization"
    case .product(let product): "product with \(product.weights.kind)"
    case .real: "sums to floats"
    case .levels(let steps): "levels 0 to \(steps)"
    case .realLevels: "levels to floats"
    case .realSigns: "signs to floats"
    case .function(let function): function.words
    case .sign: "sign"
    case .threshold: "thresholds"
    case .poolSigns: "max pooling of signs"
    case .pool(.max, _): "max pooling"
    case .pool(.average, _): "average pooling"
    case .reshape: "shape"
    case .magnitude: "mean magnitudes"
    case .scalePixels: "scale of each pixel"
    case .add: "sum with the shortcut"
    case .subsample: "subsampling"
    }
  }
}
