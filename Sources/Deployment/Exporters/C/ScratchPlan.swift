/// The places of values in one block of memory. Values that are never needed at the same time may share memory.
///
/// The largest values are placed first, each at the lowest offset that is free during all its steps.
package struct ScratchPlan: Hashable, Sendable {
  /// A value in memory.
  package struct Value: Hashable, Sendable {
    /// Its size in bytes.
    package var bytes: Int
    /// The steps during which it is needed, from the first to the last that writes or reads it.
    package var steps: ClosedRange<Int>

    package init(bytes: Int, steps: ClosedRange<Int>) { (self.bytes, self.steps) = (bytes, steps) }
  }

  /// Every offset is a multiple of this number of bytes.
  package static let alignment = 4

  /// The offset of each value, in bytes.
  package let offsets: [Int]
  /// The size of the block, in bytes.
  package let bytes: Int

  /// Computes the offsets.
  package init(_ values: [Value]) {
    func rounded(_ bytes: Int) -> Int { (bytes + Self.alignment - 1) / Self.alignment * Self.alignment }
    var offsets = [Int](repeating: 0, count: values.count)
    var placed: [Int] = []
    let order = values.indices.sorted { (values[$1].bytes, $0) < (values[$0].bytes, $1) }
    for index in order {
      let others = placed.filter { values[$0].steps.overlaps(values[index].steps) }.sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for other in others where offset + rounded(values[index].bytes) > offsets[other] {
        offset = max(offset, offsets[other] + rounded(values[other].bytes))
      }
      offsets[index] = offset
      placed.append(index)
    }
    self.offsets = offsets
    bytes = values.indices.map { offsets[$0] + rounded(values[$0].bytes) }.max() ?? 0
  }
}
