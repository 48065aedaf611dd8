internal import NeuralNetworks
internal import Tensors

/// A step of an exported program: one loop over the units of every pixel that does one operation or several.
///
/// What comes of a unit passes through the operations behind it before it is stored: a product followed by a threshold stores
/// bits, and its sums are nowhere.
struct CStep: Hashable {
  /// What a unit's number begins with.
  enum Head: Hashable {
    /// A value, number by number.
    case load(Int)
    /// What the operation at a place gives.
    case operation(Int)
  }

  let head: Head
  /// The places of the operations that a unit's number passes through.
  let tail: [Int]
  /// The value that is stored.
  let output: Int
  /// The values that are read, what the head reads first.
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

  /// Whether an operation gives another shape of the same memory.
  func isAlias(_ index: Int) -> Bool {
    guard case .reshape = operations[index].kind else { return false }
    guard operations[index].type == .signs else { return true }
    let (from, to) = (shape(of: operations[index].inputs[0]), operations[index].output)
    // Pixels of bits begin with a new word.
    return from == to || (from.channels.isMultiple(of: 32) && to.channels.isMultiple(of: 32))
      || from.pixels == to.pixels
  }

  // The operation behind another one that can work on its numbers one by one, while nothing else reads them.
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
  /// Whether each number follows from one number.
  var isElementwise: Bool {
    switch self {
    case .pixels, .real, .levels, .realLevels, .realSigns, .function, .sign, .threshold: true
    default: false
    }
  }

  /// Whether it gives number after number; the others give words of bits.
  var hasUnits: Bool {
    switch self {
    case .poolSigns, .reshape: false
    default: true
    }
  }
}
