/// How much of a divided length one part gets.
package enum LayoutSize: Hashable, Sendable {
  /// So many cells.
  case fixed(Int)
  /// A share of what the fixed parts leave, in proportion to the weight.
  case weighted(Double)
  /// A share as of weight 1, but so many cells at least.
  case minimum(Int)

  /// The lengths of the parts of `total` cells, with `spacing` cells between two parts that are not empty.
  ///
  /// Where there is too little, the fixed and least lengths are served in their order, and the last go empty.
  package static func lengths(_ sizes: [LayoutSize], total: Int, spacing: Int = 0) -> [Int] {
    var rest = total - spacing * max(0, sizes.count - 1)
    var result = sizes.map { size -> Int in
      let wanted =
        switch size {
        case .fixed(let count), .minimum(let count): count
        case .weighted: 0
        }
      let given = max(0, min(wanted, rest))
      rest -= given
      return given
    }
    guard rest > 0 else { return result }
    // A minimum that exceeds its share keeps it, and leaves less to the others: such parts drop out one after another.
    var sharing = sizes.indices.filter { sizes[$0].weight > 0 }
    var pool = rest + sharing.reduce(0) { $0 + result[$1] }
    while true {
      let weights = sharing.reduce(0) { $0 + sizes[$1].weight }
      guard weights > 0 else { return result }
      let full = sharing.filter { Double(result[$0]) > Double(pool) * sizes[$0].weight / weights }
      if full.isEmpty {
        var sum = 0.0
        var given = 0
        for index in sharing {
          sum += Double(pool) * sizes[index].weight / weights
          result[index] = Int((sum + 1e-9).rounded()) - given
          given += result[index]
        }
        return result
      }
      sharing.removeAll { full.contains($0) }
      pool -= full.reduce(0) { $0 + result[$1] }
    }
  }

  private var weight: Double {
    switch self {
    case .fixed: 0
    case .weighted(let weight): max(0, weight)
    case .minimum: 1
    }
  }
}
