internal import CBinaryKernels

/// A bit matrix of signs `[rows, columns]`: 1 means -1. Each row is padded to 64-bit words, with the first column in
/// the lowest bit; tail bits are zero.
package final class BitMatrix {
  /// Number of rows in use.
  package private(set) var rows: Int
  /// Number of columns.
  package let columns: Int
  private var buffer: AlignedBuffer<UInt64>

  /// A matrix of +1 (all bits 0).
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * signflip_words(columns))
  }

  /// Number of words per row.
  package var words: Int { signflip_words(columns) }
  /// Number of bytes in use.
  package var byteCount: Int { rows * words * 8 }

  /// Sets the number of rows; the contents are unspecified afterwards.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a matrix's shape must not be negative")
    if newRows * words > buffer.capacity { buffer = AlignedBuffer(capacity: newRows * words) }
    rows = newRows
  }

  /// Whether the bit at a row and column is set.
  package subscript(row: Int, column: Int) -> Bool {
    precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
    return base[row * words + column / 64] >> UInt64(column % 64) & 1 == 1
  }

  /// The signs, ±1, row by row.
  package var signs: [Float] {
    [Float](unsafeUninitializedCapacity: rows * columns) { target, count in
      for row in 0..<rows {
        let (source, start) = (base + row * words, row * columns)
        for column in 0..<columns {
          target[start + column] = source[column / 64] >> UInt64(column % 64) & 1 == 1 ? -1 : 1
        }
      }
      count = rows * columns
    }
  }

  var base: UnsafeMutablePointer<UInt64> { buffer.base }
}

/// The signs of a weight matrix `[outputs, inputs]`, in the layouts that products need. A layout is rebuilt on its
/// first use after a change.
package final class SignMatrix {
  /// The signs.
  package let bits: BitMatrix
  private var panels = AlignedBuffer<UInt64>(capacity: 0)
  private var wordMajor = AlignedBuffer<UInt64>(capacity: 0)
  private var transposed = AlignedBuffer<UInt64>(capacity: 0)
  private var isCurrent = (panels: false, wordMajor: false, transposed: false)

  /// A matrix of +1.
  package init(rows: Int, columns: Int) {
    bits = BitMatrix(rows: rows, columns: columns)
  }

  /// A matrix of these signs.
  package init(_ bits: BitMatrix) { self.bits = bits }

  /// Marks the layouts as outdated after a change of `bits`.
  func didChange() { isCurrent = (false, false, false) }

  /// Panels of outputs, for products of signs and signs.
  func panels(_ team: ThreadTeam) -> UnsafePointer<UInt64> {
    if !isCurrent.panels {
      AlignedBuffer.reserve(&panels, signflip_panels(bits.rows) * signflip_panel_columns * bits.words)
      let (source, target) = (UncheckedPointer(bits.base), UncheckedPointer(panels.base))
      let (rows, words) = (bits.rows, bits.words)
      team.forEachRange(of: signflip_panels(rows), multipleOf: 1, cost: rows * words) { _, range in
        signflip_pack_panels(source.base, rows, words, target.base, range.lowerBound, range.upperBound)
      }
      isCurrent.panels = true
    }
    return UnsafePointer(panels.base)
  }

  /// The words of all outputs for inputs 0...63, then for the next 64 inputs, and so on: for products of floats
  /// `[batch, inputs]` and signs.
  func wordMajor(_ team: ThreadTeam) -> UnsafePointer<UInt64> {
    if !isCurrent.wordMajor {
      AlignedBuffer.reserve(&wordMajor, bits.rows * bits.words)
      let (source, target) = (UncheckedPointer(bits.base), UncheckedPointer(wordMajor.base))
      let (rows, words) = (bits.rows, bits.words)
      team.forEachRange(of: rows, multipleOf: 8, cost: rows * words) { _, range in
        signflip_word_major(source.base, rows, words, target.base, range.lowerBound, range.upperBound)
      }
      isCurrent.wordMajor = true
    }
    return UnsafePointer(wordMajor.base)
  }

  /// The words of all inputs for outputs 0...63, then for the next 64 outputs, and so on: for products of floats
  /// `[batch, outputs]` and signs.
  func transposed(_ team: ThreadTeam) -> UnsafePointer<UInt64> {
    if !isCurrent.transposed {
      bits.transpose(into: &transposed, team)
      isCurrent.transposed = true
    }
    return UnsafePointer(transposed.base)
  }
}

extension BitMatrix {
  /// Writes the words of all columns for rows 0...63, then for the next 64 rows, and so on; missing rows are 0.
  func transpose(into output: inout AlignedBuffer<UInt64>, _ team: ThreadTeam) {
    let slabs = signflip_words(rows)
    AlignedBuffer.reserve(&output, slabs * columns)
    let (source, target) = (UncheckedPointer(base), UncheckedPointer(output.base))
    let (rows, columns) = (rows, columns)
    team.forEachRange(of: slabs, multipleOf: 1, cost: rows * words * 8) { _, range in
      signflip_transpose(source.base, rows, columns, target.base, range.lowerBound, range.upperBound)
    }
  }
}
