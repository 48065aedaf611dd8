internal import CBinaryKernels

/// A matrix of signs `[rows, columns]`, a bit each: 1 means -1. A row takes whole words of 64 bits, the first column in the
/// lowest bit; tail bits are zero.
package final class BitMatrix {
  /// How many rows are in use.
  package private(set) var rows: Int
  /// How many columns.
  package let columns: Int
  private var buffer: AlignedBuffer<UInt64>

  /// A matrix of +1.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * signflip_words(columns))
  }

  /// Words in a row.
  package var words: Int { signflip_words(columns) }
  /// Bytes in use.
  package var byteCount: Int { rows * words * 8 }

  /// Sets the number of rows; the contents are unspecified afterwards.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a matrix's shape must not be negative")
    if newRows * words > buffer.capacity { buffer = AlignedBuffer(capacity: newRows * words) }
    rows = newRows
  }

  /// Whether the bit in a row and a column is set.
  package subscript(row: Int, column: Int) -> Bool {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
    return base[row * words + column / 64] >> UInt64(column % 64) & 1 == 1
  }

  /// The signs, ±1, row by row.
  package var signs: [Float] {
    (0..<rows).flatMap { row in (0..<columns).map { self[row, $0] ? -1 : 1 } }
  }

  var base: UnsafeMutablePointer<UInt64> { buffer.base }
}
