/// A map of each column: `y = factor·(x - center) + shift`.
package struct ColumnMap: Sendable {
  /// Subtracted first.
  package var center: [Float]
  /// Multiplied.
  package var factor: [Float]
  /// Added last.
  package var shift: [Float]

  /// A map with one number of each kind per column.
  package init(center: [Float], factor: [Float], shift: [Float]) {
    precondition(center.count == factor.count && center.count == shift.count, "expected as many numbers of each kind")
    (self.center, self.factor, self.shift) = (center, factor, shift)
  }

  /// `y = x`.
  package static func identity(columns: Int) -> ColumnMap {
    ColumnMap(
      center: [Float](repeating: 0, count: columns), factor: [Float](repeating: 1, count: columns),
      shift: [Float](repeating: 0, count: columns))
  }
}

/// Counts and sums over the rows of one or several tensors, by column of `y = map(x)`.
package struct ColumnActivity: Sendable {
  /// The number of rows.
  package private(set) var rows = 0
  /// How many y are below 0.
  package private(set) var negatives: [Int]
  /// How many |y| are greater than the window, over all columns.
  package private(set) var beyond = 0
  /// Σ y.
  package private(set) var sums: [Double]
  /// Σ y².
  package private(set) var squares: [Double]

  /// Nothing yet.
  package init(columns: Int) {
    negatives = [Int](repeating: 0, count: columns)
    sums = [Double](repeating: 0, count: columns)
    squares = sums
  }

  /// Adds the rows of a tensor.
  package mutating func add(_ tensor: Tensor, _ map: ColumnMap, window: Float) {
    let (count, columns) = (tensor.rows, tensor.columns)
    precondition(columns == negatives.count, "expected \(negatives.count) columns, found \(columns)")
    precondition(columns == map.center.count, "expected a map of \(columns) columns, found \(map.center.count)")
    let base = tensor.base
    var outside = 0
    map.center.withUnsafeBufferPointer { center in
      map.factor.withUnsafeBufferPointer { factor in
        map.shift.withUnsafeBufferPointer { shift in
          negatives.withUnsafeMutableBufferPointer { negatives in
            sums.withUnsafeMutableBufferPointer { sums in
              squares.withUnsafeMutableBufferPointer { squares in
                for row in 0..<count {
                  let x = base + row * columns
                  for column in 0..<columns {
                    let y = factor[column] * (x[column] - center[column]) + shift[column]
                    negatives[column] &+= y < 0 ? 1 : 0
                    outside &+= abs(y) > window ? 1 : 0
                    let wide = Double(y)
                    sums[column] += wide
                    squares[column] += wide * wide
                  }
                }
              }
            }
          }
        }
      }
    }
    beyond += outside
    rows += count
  }

  /// The mean and the biased variance of each column of y.
  package var moments: [(mean: Double, variance: Double)] {
    let count = Double(max(1, rows))
    return zip(sums, squares).map { sum, square in
      let mean = sum / count
      return (mean, max(0, square / count - mean * mean))
    }
  }
}
