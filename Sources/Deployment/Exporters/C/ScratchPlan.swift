/// Where values lie in one block of memory: values that are never needed at the same time share their place.
///
/// The largest values are placed first, each at the lowest place that no value of the same time has.
package struct ScratchPlan: Hashable, Sendable {
  /// A value.
  package struct Value: Hashable, Sendable {
    /// Its size.
    package var bytes: Int
    /// The first and the last step that write or read it.
    package var steps: ClosedRange<Int>

    /// A value.
    package init(bytes: Int, steps: ClosedRange<Int>) { (self.bytes, self.steps) = (bytes, steps) }
  }

  /// Every place is a multiple of so many bytes.
  package static let alignment = 4

  /// The place of each value.
  package let offsets: [Int]
  /// The size of the block.
  package let bytes: Int

  /// Places values.
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
