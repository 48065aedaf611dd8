internal import NeuralNetworks
internal import Tensors

/// The place in memory of each value of an exported program.
struct CMemory {
  /// A place of a value.
  enum Place: Hashable {
    case image, logits
    /// An offset in the scratch memory, in bytes.
    case scratch(Int)
  }

  /// The size of the scratch memory, in bytes.
  let bytes: Int
  private let places: [Place]
  private let rows: [Int: Int]

  /// Assigns places to the values of a network.
  /// - Parameter rowBytes: the memory that each step needs while it runs, in bytes.
  init(_ network: PackedNetwork, _ steps: [CStep], rowBytes: [Int]) {
    // Values that share memory have the same root: reshaped values, and values that are computed in place.
    var roots = Array(0...network.operations.count)
    for index in network.operations.indices where network.isAlias(index) {
      roots[index + 1] = roots[network.operations[index].inputs[0]]
    }
    let logits = roots[network.operations.count]
    for (number, step) in steps.enumerated() where step.output != logits {
      let later = steps[(number + 1)...].flatMap(\.reads).map { roots[$0] }
      let shared = step.aligned(in: network).first { value in
        let root = roots[value]
        return root != 0 && root != logits && !later.contains(root) && step.reads.count { roots[$0] == root } == 1
      }
      guard let shared else { continue }
      let root = roots[shared]
      for value in roots.indices where roots[value] == step.output { roots[value] = root }
    }
    var values: [Int: ScratchPlan.Value] = [:]
    for (number, step) in steps.enumerated() {
      for value in [step.output] + step.reads where roots[value] != 0 && roots[value] != logits {
        let old = values[roots[value]] ?? .init(bytes: 0, steps: number...number)
        values[roots[value]] = .init(
          bytes: max(old.bytes, network.bytes(of: value)), steps: old.steps.lowerBound...number)
      }
    }
    let owned = values.keys.sorted()
    let busy = rowBytes.indices.filter { rowBytes[$0] > 0 }
    let plan = ScratchPlan(
      owned.compactMap { values[$0] } + busy.map { ScratchPlan.Value(bytes: rowBytes[$0], steps: $0...$0) })
    let offsets = Dictionary(uniqueKeysWithValues: zip(owned, plan.offsets))
    places = roots.map { $0 == 0 ? .image : $0 == logits ? .logits : .scratch(offsets[$0] ?? 0) }
    rows = Dictionary(uniqueKeysWithValues: zip(busy, plan.offsets.dropFirst(owned.count)))
    bytes = max(ScratchPlan.alignment, plan.bytes)
  }

  /// Returns the place of a value.
  func place(of value: Int) -> Place { places[value] }

  /// Returns the offset of the memory that a step needs while it runs, in bytes.
  func row(of step: Int) -> Int { rows[step] ?? 0 }
}

extension CStep {
  // The float values that a step reads element by element in the order in which it writes: it can work in place.
  fileprivate func aligned(in network: PackedNetwork) -> [Int] {
    guard network.type(of: output) == .real else { return [] }
    let features = network.shape(of: output).features
    var candidates = tail.flatMap { network.operations[$0].inputs }.filter { reads.contains($0) }
    if case .operation(let index) = head {
      switch network.operations[index].kind {
      case .add, .scalePixels: candidates += network.operations[index].inputs
      default: break
      }
    }
    return candidates.filter {
      network.type(of: $0) == .real && network.shape(of: $0).features == features
        && network.shape(of: $0).channels == network.shape(of: output).channels
    }
  }
}

extension PackedNetwork {
  /// Returns the size of a value in bytes.
  func bytes(of value: Int) -> Int {
    let shape = shape(of: value)
    switch type(of: value) {
    case .bytes, .levels: return shape.features
    case .signs: return shape.pixels * ((shape.channels + 31) / 32) * 4
    case .sums, .real: return 4 * shape.features
    }
  }
}
