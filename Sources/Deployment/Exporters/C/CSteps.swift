internal import NeuralNetworks
internal import Tensors

/// A step of an exported program: one loop over the units of each pixel, for one or several operations.
///
/// Each number passes through the following operations before it is stored. A product followed by a threshold stores only
/// bits, and no sums.
struct CStep: Hashable {
  /// The source of a unit's number.
  enum Head: Hashable {
    /// An element of a value.
    case load(Int)
    /// The result of an operation, by index.
    case operation(Int)
  }

  let head: Head
  /// The indices of the operations that a number passes through.
  let tail: [Int]
  /// The value that is stored.
  let output: Int
  /// The values that are read; those of the head come first.
  let reads: [Int]
}

extension PackedNetwork {
  /// The steps of a program.
  var cSteps: [CStep] {
    var steps: [CStep] = []
    var index = 0
    while index < operations.count {
      guard !isAlias(index) else {
        index += 1
        continue
      }
      let operation = operations[index]
      let isElementwise = operation.kind.isElementwise
      var tail = isElementwise ? [index] : []
      var reads = operation.inputs
      if operation.kind.hasUnits {
        while let next = follower(of: index) {
          reads += operations[next].inputs.filter { $0 != index + 1 }
          tail.append(next)
          index = next
        }
      }
      let place = index - tail.count + (isElementwise ? 1 : 0)
      steps.append(
        CStep(
          head: isElementwise ? .load(operation.inputs[0]) : .operation(place), tail: tail, output: index + 1,
          reads: reads))
      index += 1
    }
    return steps
  }

  /// Whether an operation only changes the shape, and keeps the memory.
  func isAlias(_ index: Int) -> Bool {
    guard case .reshape = operations[index].kind else { return false }
    guard operations[index].type == .signs else { return true }
    let (from, to) = (shape(of: operations[index].inputs[0]), operations[index].output)
    // The bits of each pixel start at a new word.
    return from == to || (from.channels.isMultiple(of: 32) && to.channels.isMultiple(of: 32))
      || from.pixels == to.pixels
  }

  // The next operation, if it works element by element and is the only reader.
  private func follower(of index: Int) -> Int? {
    let (value, next) = (index + 1, index + 1)
    guard next < operations.count, operations.count(where: { $0.inputs.contains(value) }) == 1 else { return nil }
    let operation = operations[next]
    switch operation.kind {
    case .add: return operation.inputs.contains(value) && operation.inputs[0] != operation.inputs[1] ? next : nil
    case .scalePixels: return operation.inputs[0] == value && operation.inputs[1] != value ? next : nil
    default: return operation.kind.isElementwise && operation.inputs == [value] ? next : nil
    }
  }
}

extension PackedKind {
  /// Whether it works element by element.
  var isElementwise: Bool {
    switch self {
    case .pixels, .real, .levels, .realLevels, .realSigns, .function, .sign, .threshold: true
    default: false
    }
  }

  /// Whether it computes numbers one by one; the other kinds compute words of bits.
  var hasUnits: Bool {
    switch self {
    case .poolSigns, .reshape: false
    default: true
    }
  }
}
