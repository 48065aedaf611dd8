/// A matrix of integers, shape `[rows, columns]`, row-major: the bytes, levels, sums or weights of a packed network.
///
/// As with `Tensor`, a network keeps it for all images, and memory is allocated only if it must grow.
package final class Matrix<Element: BitwiseCopyable & ExpressibleByIntegerLiteral> {
  /// The number of rows in use.
  package private(set) var rows: Int
  package let columns: Int
  private var buffer: AlignedBuffer<Element>

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * columns)
  }

  /// A matrix of these elements, row-major.
  package convenience init(rows: Int, columns: Int, values: [Element]) {
    precondition(values.count == rows * columns, "expected \(rows)×\(columns) values, found \(values.count)")
    self.init(rows: rows, columns: columns)
    for (place, value) in values.enumerated() { base[place] = value }
  }

  private init(_ buffer: AlignedBuffer<Element>, rows: Int, columns: Int) {
    (self.buffer, self.rows, self.columns) = (buffer, rows, columns)
  }

  /// Returns a matrix that shares this one's memory, with another number of columns. It is valid until this matrix grows.
  package func view(columns newColumns: Int) -> Matrix {
    precondition(newColumns > 0 && count.isMultiple(of: newColumns), "\(count) elements have no \(newColumns) columns")
    return Matrix(buffer, rows: count / newColumns, columns: newColumns)
  }

  /// The number of elements in use.
  package var count: Int { rows * columns }

  /// Sets the number of rows; the contents are unspecified afterwards.
  package func resize(rows newRows: Int) {
    precondition(newRows >= 0, "a matrix's shape must not be negative")
    AlignedBuffer.reserve(&buffer, newRows * columns)
    rows = newRows
  }

  /// All elements, row-major.
  package var values: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Copies rows from `source`.
  package func copy(_ source: UnsafeBufferPointer<Element>) {
    precondition(source.count.isMultiple(of: columns), "expected whole rows of \(columns)")
    resize(rows: source.count / columns)
    if let start = source.baseAddress { base.update(from: start, count: source.count) }
  }

  var base: UnsafeMutablePointer<Element> { buffer.base }
}

/// Bytes of images, or levels of few bits.
package typealias ByteMatrix = Matrix<UInt8>
/// Integers that products compute.
package typealias SumMatrix = Matrix<Int32>

extension Matrix<UInt8> {
  /// Copies selected images.
  /// - Parameters:
  ///   - pixels: the images' bytes, one image after the other, `columns` bytes each.
  ///   - indices: the images to copy.
  package func gather(_ pixels: ByteStorage, _ indices: some Collection<Int32>) {
    resize(rows: indices.count)
    pixels.withBytes { bytes in
      for (row, index) in indices.enumerated() {
        let begin = Int(index) * columns
        precondition(index >= 0 && begin + columns <= bytes.count, "image \(index) does not exist")
        guard let start = bytes.baseAddress else { return }
        (base + row * columns).update(from: start + begin, count: columns)
      }
    }
  }
}

/// Classes of a convolution's windows: those of one class extend beyond the image in the same way.
package struct BorderClasses: Hashable, Sendable {
  /// The class of each window of an image; empty if there is only one class.
  package let classes: [UInt8]
  /// For each class, the rows and columns of the window that are in the image.
  package let inside: [(rows: Range<Int>, columns: Range<Int>)]

  /// The classes of these windows; nil if there are more than 255 classes.
  package init?(_ windows: ImageWindows) {
    func ranges(_ count: Int, _ stride: Int, _ before: Int, _ kernel: Int, _ size: Int) -> [Range<Int>] {
      (0..<count).map { place in
        let begin = place * stride - before
        let first = max(0, -begin)
        return first..<max(first, min(kernel, size - begin))
      }
    }
    let (input, kernel, stride) = (windows.input, windows.kernel, windows.stride)
    let rows = ranges(windows.output.height, stride.height, windows.before.height, kernel.height, input.height)
    let columns = ranges(windows.output.width, stride.width, windows.before.width, kernel.width, input.width)
    var (rowKinds, columnKinds) = ([Range<Int>](), [Range<Int>]())
    for range in rows where !rowKinds.contains(range) { rowKinds.append(range) }
    for range in columns where !columnKinds.contains(range) { columnKinds.append(range) }
    guard rowKinds.count * columnKinds.count <= 255 else { return nil }
    inside = rowKinds.flatMap { row in columnKinds.map { (row, $0) } }
    guard inside.count > 1 else {
      classes = []
      return
    }
    classes = rows.flatMap { row in
      columns.map { column in
        UInt8((rowKinds.firstIndex(of: row) ?? 0) * columnKinds.count + (columnKinds.firstIndex(of: column) ?? 0))
      }
    }
  }

  package static func == (a: BorderClasses, b: BorderClasses) -> Bool {
    a.classes == b.classes && a.inside.elementsEqual(b.inside) { $0 == $1 }
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(classes) }
}
