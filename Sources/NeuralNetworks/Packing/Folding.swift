internal import Tensors

// The sign of a monotonic function of an integer equals a comparison of the integer with a threshold. So the operations
// between a product and a sign are folded into thresholds. These are found by evaluating the operations as they are, not
// by algebra, so that rounding can't differ.

extension PackedNetwork {
  /// Returns the network with all signs folded whose inputs are integer sums.
  package func folded() -> PackedNetwork {
    var result = self
    var index = 0
    while index < result.operations.count {
      if let chain = FoldedChain(result, endingAt: index) { index = result.replace(chain) }
      index += 1
    }
    return result
  }

  // Replaces a chain by thresholds. Returns the new index of its last operation.
  private mutating func replace(_ chain: FoldedChain) -> Int {
    let sign = operations[chain.end]
    var new = [
      PackedOperation(
        layer: sign.layer, .threshold(chain.thresholds), inputs: [chain.begin], type: .signs,
        output: operations[chain.begin - 1].output)
    ]
    if let windows = chain.pooling {
      new.append(
        PackedOperation(
          layer: sign.layer, .poolSigns(windows, any: chain.any), inputs: [chain.end - chain.removed.count + 2],
          type: .signs, output: sign.output))
    }
    // Renumbers the values: the chain's operations are removed, and the new ones take the place of its last one.
    let kept = operations.indices.filter { !chain.removed.contains($0) && $0 != chain.end }
    var names = [0: 0]
    var rows: [PackedOperation] = []
    var end = 0
    for index in operations.indices {
      if index == chain.end {
        for (place, operation) in new.enumerated() {
          var operation = operation
          operation.inputs = [place == 0 ? names[chain.begin] ?? 0 : rows.count]
          rows.append(operation)
        }
        names[index + 1] = rows.count
        end = rows.count - 1
      } else if kept.contains(index) {
        var operation = operations[index]
        operation.inputs = operation.inputs.map { names[$0] ?? 0 }
        rows.append(operation)
        names[index + 1] = rows.count
      }
    }
    operations = rows
    return end
  }
}

/// A sequence of operations from sums to signs whose values no other operation reads.
private struct FoldedChain {
  /// The sums.
  let begin: Int
  /// The index of the sign.
  let end: Int
  /// The indices of the operations between them.
  let removed: Set<Int>
  let thresholds: PackedThresholds
  /// The windows of a max pooling in the chain, and the channels in which the operations after it decrease.
  let pooling: ImageWindows?
  let any: [Bool]

  /// The chain that ends at `index`; nil if that operation is not a sign or can't be folded.
  init?(_ network: PackedNetwork, endingAt index: Int) {
    let operations = network.operations
    guard case .sign(let limits) = operations[index].kind else { return nil }
    var functions: [ChannelFunction] = []
    // The number of functions before the pooling.
    var countBehindPool = 0
    var (pooling, removed, value) = (ImageWindows?.none, Set<Int>(), operations[index].inputs[0])
    while true {
      guard value > 0, operations.count(where: { $0.inputs.contains(value) }) == 1, value < operations.count else {
        return nil
      }
      let operation = operations[value - 1]
      removed.insert(value - 1)
      value = operation.inputs[0]
      switch operation.kind {
      case .function(let function): functions.insert(function, at: 0)
      case .pool(.max, let windows) where pooling == nil:
        pooling = windows
        countBehindPool = functions.count
      case .real(let scale):
        guard value > 0, case .product(let product) = operations[value - 1].kind else { return nil }
        let search = ThresholdSearch(
          product: product, input: network.type(of: operations[value - 1].inputs[0]),
          steps: network.steps(of: operations[value - 1].inputs[0]), scale: scale, functions: functions,
          limits: limits, channels: operations[value - 1].output.channels)
        guard let thresholds = search.thresholds() else { return nil }
        (begin, end, self.removed, self.pooling) = (value, index, removed, pooling)
        self.thresholds = thresholds
        let behind = functions.suffix(pooling == nil ? 0 : countBehindPool)
        any = (0..<search.channels).map { channel in
          behind.reduce(1) { $0 * ($1.direction(channel: channel) ?? 0) } < 0
        }
        return
      default: return nil
      }
    }
  }
}

extension PackedNetwork {
  /// The largest level of a value.
  package func steps(of number: Int) -> Int {
    // Not recursive, since a hostile file may have thousands of consecutive shapes.
    var number = number
    while number > 0 {
      switch operations[number - 1].kind {
      case .levels(let steps): return steps
      case .reshape: number = operations[number - 1].inputs[0]
      default: return 1
      }
    }
    return 255
  }
}

/// Finds the thresholds of a product's sums by evaluating the operations after it.
private struct ThresholdSearch {
  let product: PackedProduct
  let input: PackedType
  let steps: Int
  let scale: PackedScale
  let functions: [ChannelFunction]
  let limits: [Float]
  let channels: Int

  // Nil if a function is not monotonic.
  func thresholds() -> PackedThresholds? {
    var inverted: [Bool] = []
    for channel in 0..<channels {
      var direction = scale.factor < 0 ? -1 : 1
      for function in functions {
        guard let next = function.direction(channel: channel) else { return nil }
        direction *= next
      }
      inverted.append(direction < 0)
    }
    let bounds = (0..<channels).map { sums(of: $0) }
    var thresholds: [Int32] = []
    for border in 0..<scale.classCount(channels: channels) {
      for channel in 0..<channels {
        thresholds.append(threshold(channel, border, bounds[channel], isInverted: inverted[channel]))
      }
    }
    return PackedThresholds(thresholds: thresholds, inverted: inverted, classes: scale.classes)
  }

  private func isPositive(_ sum: Int, _ channel: Int, _ border: Int) -> Bool {
    let first = scale.value(sum, channel: channel, of: channels, border: border)
    let y = functions.reduce(first) { $1.value($0, channel: channel) }
    return limits.isEmpty ? !(y < 0) : !(y - limits[channel] < 0)
  }

  // The smallest sum from which the sign is different; a bound of Int32 if the sign is constant.
  private func threshold(_ channel: Int, _ border: Int, _ bounds: ClosedRange<Int>, isInverted: Bool) -> Int32 {
    let (atLeast, atMost) = (
      isPositive(bounds.lowerBound, channel, border), isPositive(bounds.upperBound, channel, border)
    )
    guard atLeast != atMost else { return atLeast != isInverted ? .min : .max }
    var (low, high) = (bounds.lowerBound, bounds.upperBound)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isPositive(middle, channel, border) == atLeast { low = middle } else { high = middle }
    }
    return Int32(high)
  }

  // The smallest and the largest possible sum.
  private func sums(of row: Int) -> ClosedRange<Int> {
    let weights = product.weights
    switch (input, weights.values) {
    case (.signs, .signs), (.signs, .ternary): return -weights.columns...weights.columns
    case (_, .signs), (_, .ternary): return -steps * weights.columns...steps * weights.columns
    case (_, .integers(let values)):
      let own = values[row * weights.columns..<(row + 1) * weights.columns]
      let bound = steps * own.reduce(0) { $0 + abs(Int($1)) }
      return -bound...bound
    case (_, .floats): preconditionFailure("sums are integers")
    }
  }
}
