/// A float32 matrix `[rows, columns]`, row-major: a batch of rows, or weights `[outputs, inputs]`.
///
/// A tensor is a place, not a value: layers keep theirs from step to step and write into them, so that a training step
/// allocates no tensors. A tensor belongs to one thread at a time.
package final class Tensor {
  /// How many rows are in use.
  package private(set) var rows: Int
  /// How many columns.
  package private(set) var columns: Int
  private var buffer: AlignedBuffer<Float>

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a tensor's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * columns)
  }

  /// A matrix with the elements of `values`, row by row.
  package convenience init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "expected \(rows)×\(columns) values, found \(values.count)")
    self.init(rows: rows, columns: columns)
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { base.update(from: start, count: values.count) }
    }
  }

  /// How many elements are in use.
  package var count: Int { rows * columns }

  /// Sets the number of rows. The contents are kept where they still fit, and are unspecified beyond.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a tensor's shape must not be negative")
    if newRows * columns > buffer.capacity {
      let larger = AlignedBuffer<Float>(capacity: newRows * columns)
      larger.base.update(from: buffer.base, count: count)
      buffer = larger
    }
    rows = newRows
  }

  /// Sets the shape; the contents are unspecified afterwards.
  package func reshape(rows newRows: Int, columns newColumns: Int) {
    precondition(newRows >= 0 && newColumns >= 0, "a tensor's shape must not be negative")
    if newRows * newColumns > buffer.capacity { buffer = AlignedBuffer(capacity: newRows * newColumns) }
    (rows, columns) = (newRows, newColumns)
  }

  /// The element in a row and a column.
  package subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
      return base[row * columns + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "index out of range")
      base[row * columns + column] = newValue
    }
  }

  /// All elements, row by row.
  package var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Takes the shape and elements of `other`.
  package func copy(from other: Tensor) {
    precondition(columns == other.columns, "expected \(columns) columns, found \(other.columns)")
    resize(rows: other.rows)
    base.update(from: other.base, count: count)
  }

  /// Sets every element.
  package func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// The first element; the room's own passes work from here.
  var base: UnsafeMutablePointer<Float> { buffer.base }
}
