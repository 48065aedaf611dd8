/// A float32 matrix `[rows, columns]`, row-major: a batch of rows, or weights `[outputs, inputs]`.
///
/// A tensor has reference semantics: layers keep their tensors from step to step and write into them, so that a
/// training step allocates no memory for elements. A tensor belongs to one thread at a time.
package final class Tensor {
  /// Number of rows in use.
  package private(set) var rows: Int
  /// Number of columns.
  package private(set) var columns: Int
  private var buffer: AlignedBuffer<Float>
  // The offset in the buffer: 0 except for a view.
  private var offset = 0

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

  private init(buffer: AlignedBuffer<Float>, offset: Int, rows: Int, columns: Int) {
    (self.buffer, self.offset) = (buffer, offset)
    (self.rows, self.columns) = (rows, columns)
  }

  /// A range of rows in the same memory.
  ///
  /// A view is valid until the original tensor grows.
  package func view(rows range: Range<Int>) -> Tensor {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "expected rows of \(rows), found \(range)")
    return Tensor(
      buffer: buffer, offset: offset + range.lowerBound * columns, rows: range.count, columns: columns)
  }

  /// The elements in another shape, in the same memory: `[batch·height·width, channels]` as `[batch, features]`.
  package func view(columns newColumns: Int) -> Tensor {
    precondition(newColumns > 0 && count.isMultiple(of: newColumns), "\(count) elements have no \(newColumns) columns")
    return Tensor(buffer: buffer, offset: offset, rows: count / newColumns, columns: newColumns)
  }

  /// Returns whether writing to one of the tensors may change the other.
  package func sharesMemory(with other: Tensor) -> Bool { buffer === other.buffer }

  /// Number of elements in use.
  package var count: Int { rows * columns }

  /// Sets the number of rows. Existing contents are kept; new rows are unspecified.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a tensor's shape must not be negative")
    if offset + newRows * columns > buffer.capacity {
      let larger = AlignedBuffer<Float>(capacity: newRows * columns)
      larger.base.update(from: base, count: count)
      (buffer, offset) = (larger, 0)
    }
    rows = newRows
  }

  /// Sets the shape; the contents are unspecified afterwards.
  package func reshape(rows newRows: Int, columns newColumns: Int) {
    precondition(newRows >= 0 && newColumns >= 0, "a tensor's shape must not be negative")
    if offset + newRows * newColumns > buffer.capacity {
      (buffer, offset) = (AlignedBuffer(capacity: newRows * newColumns), 0)
    }
    (rows, columns) = (newRows, newColumns)
  }

  /// The element at a row and column.
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

  /// Copies all elements to memory of at least `count` floats.
  package func copy(to target: UnsafeMutableBufferPointer<Float>) {
    precondition(target.count >= count, "expected room for \(count) elements, found \(target.count)")
    target.baseAddress?.update(from: base, count: count)
  }

  /// Copies the shape and elements of `other`.
  package func copy(from other: Tensor) {
    precondition(columns == other.columns, "expected \(columns) columns, found \(other.columns)")
    resize(rows: other.rows)
    base.update(from: other.base, count: count)
  }

  /// Sets every element.
  package func fill(_ value: Float) { base.update(repeating: value, count: count) }

  /// The first element, for operations of this target.
  var base: UnsafeMutablePointer<Float> { buffer.base + offset }
}

/// Memory for `capacity` trivial elements, aligned to a cache line and initialized to zero.
final class AlignedBuffer<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    let bytes = max(1, capacity) * MemoryLayout<Element>.stride
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    base = raw.assumingMemoryBound(to: Element.self)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}

extension AlignedBuffer {
  /// Replaces the buffer by a larger one if necessary, with all elements zero.
  static func reserve(_ buffer: inout AlignedBuffer, _ count: Int) {
    if buffer.capacity < count { buffer = AlignedBuffer(capacity: count) }
  }
}

/// A pointer shared by the parts of a pass, each of which works in its own range.
struct UncheckedPointer<Element>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  init(_ base: UnsafeMutablePointer<Element>) { self.base = base }
}
