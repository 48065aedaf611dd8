/// A bfloat16 matrix `[rows, columns]`, row-major: an operand of a matrix product. ±1 is exact in it.
package final class HalfTensor {
  /// How many rows are in use.
  package private(set) var rows: Int
  /// How many columns.
  package let columns: Int
  private var buffer: AlignedBuffer<UInt16>

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a tensor's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * columns)
  }

  /// How many elements are in use.
  package var count: Int { rows * columns }

  /// Sets the number of rows; the contents are unspecified afterwards.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a tensor's shape must not be negative")
    if newRows * columns > buffer.capacity { buffer = AlignedBuffer(capacity: newRows * columns) }
    rows = newRows
  }

  /// The elements as float32, row by row.
  package var values: [Float] {
    (0..<count).map { Float(bitPattern: UInt32(base[$0]) << 16) }
  }

  var base: UnsafeMutablePointer<UInt16> { buffer.base }
}
