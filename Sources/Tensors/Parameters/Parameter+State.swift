extension Parameter {
  /// A tensor of the parameter's state, with its name: `hidden1.weights`, `hidden1.weights.firstMoment`,
  /// `hidden1.weights.secondMoment`. Moments are there once an update has made them.
  package var stateTensors: [(name: String, tensor: Tensor)] {
    [(name, value)] + (firstMoment.map { [("\(name).firstMoment", $0)] } ?? [])
      + (secondMoment.map { [("\(name).secondMoment", $0)] } ?? [])
  }

  /// How often each weight has flipped, row by row, with 65,535 for that many or more; nil where they are not counted.
  package var flipCountValues: [UInt16]? {
    flipCounts.map { Array(UnsafeBufferPointer(start: $0.base, count: count)) }
  }

  /// What the flips so far add up to.
  package struct FlipTotals: Hashable, Codable, Sendable {
    /// Flips of the newest update.
    package var newest: Int
    /// Flips of all updates.
    package var total: Int
    /// How many weights have flipped 0, 1, 2, … times.
    package var weightsByFlips: [Int]
  }

  /// What the flips so far add up to.
  package var flipTotals: FlipTotals {
    FlipTotals(newest: newestFlips, total: totalFlips, weightsByFlips: weightsByFlips)
  }

  /// Makes room for the moments that a state to be restored has, and drops those that it has not.
  package func prepareMoments(first: Bool, second: Bool) {
    firstMoment = first ? firstMoment ?? Tensor(rows: value.rows, columns: value.columns) : nil
    secondMoment = second ? secondMoment ?? Tensor(rows: value.rows, columns: value.columns) : nil
  }

  /// Puts flips back.
  /// - Parameter counts: as many as there are weights.
  package func restoreFlips(_ counts: [UInt16], _ totals: FlipTotals) {
    guard let flipCounts else { return }
    precondition(counts.count == count, "expected \(count) flip counts, found \(counts.count)")
    counts.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { flipCounts.base.update(from: start, count: counts.count) }
    }
    (newestFlips, totalFlips, weightsByFlips) = (totals.newest, totals.total, totals.weightsByFlips)
  }
}
