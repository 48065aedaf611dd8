internal import CBinaryKernels

/// Thresholds that convert sums to signs: `-1 where (n < threshold) ≠ inverted, else +1`. They replace batch normalization
/// and sign.
package final class SignThresholds {
  /// The number of units.
  package let columns: Int
  /// Shape `[classes, columns]`.
  let thresholds: Matrix<Int32>
  let inverted: BitMatrix
  let classes: Matrix<UInt8>?

  /// Thresholds.
  /// - Parameters:
  ///   - thresholds: shape `[classes, columns]`.
  ///   - inverted: for each unit, whether sums from the threshold on give -1.
  ///   - classes: the border class of each pixel of an image; empty if there is only one class.
  package init(_ thresholds: [Int32], inverted: [Bool], classes: [UInt8]) {
    columns = inverted.count
    self.thresholds = Matrix(rows: thresholds.count / max(1, columns), columns: columns, values: thresholds)
    self.inverted = BitMatrix(flags: inverted)
    self.classes = classes.isEmpty ? nil : Matrix(rows: 1, columns: classes.count, values: classes)
  }

  /// Whether all pixels have the same thresholds, so that a product's kernel can apply them.
  package var hasOneClass: Bool { classes == nil }
  var kernelClasses: signflip_pixel_classes { signflip_pixel_classes(classes) }
}

/// Converts sums to floats: `y = offset + factor·n`, with an offset per unit and border class.
package final class SumScale {
  let factor: Double
  /// Shape `[classes, columns]`; nil for 0.
  let offsets: Matrix<Double>?
  let classes: Matrix<UInt8>?

  /// A scale of sums.
  /// - Parameters:
  ///   - offsets: shape `[classes, columns]`; empty for 0.
  ///   - classes: the border class of each pixel of an image; empty if there is only one class.
  package init(factor: Double, offsets: [Double], columns: Int, classes: [UInt8]) {
    self.factor = factor
    self.offsets =
      offsets.isEmpty ? nil : Matrix(rows: offsets.count / columns, columns: columns, values: offsets)
    self.classes = classes.isEmpty ? nil : Matrix(rows: 1, columns: classes.count, values: classes)
  }

  var kernelClasses: signflip_pixel_classes { signflip_pixel_classes(classes) }
}

extension signflip_pixel_classes {
  fileprivate init(_ classes: Matrix<UInt8>?) {
    self.init(classes: classes.map { UnsafePointer($0.base) }, pixels: classes?.columns ?? 1)
  }
}

extension BitMatrix {
  /// One row of bits.
  package convenience init(flags: [Bool]) {
    self.init(rows: 1, columns: flags.count)
    for (place, flag) in flags.enumerated() where flag { base[place / 64] |= 1 << UInt64(place % 64) }
  }

  /// A matrix of packed words: each row is padded to a multiple of 64 bits with zeros.
  package convenience init(rows: Int, columns: Int, packed: [UInt64]) {
    self.init(rows: rows, columns: columns)
    precondition(packed.count == rows * words, "expected \(rows * words) words, found \(packed.count)")
    for (place, word) in packed.enumerated() { base[place] = word }
  }

  /// The words in use, row-major.
  package var packed: [UInt64] { Array(UnsafeBufferPointer(start: base, count: rows * words)) }
}

/// Signs as bytes ±1, for products with many rows of bytes.
package final class BytePanels {
  let panels: Matrix<Int8>
  let depth: Int
  let columns: Int

  /// The signs of a matrix, shape `[outputs, inputs]`.
  package init(_ bits: BitMatrix) {
    depth = bits.columns
    columns = bits.rows
    panels = Matrix(rows: 1, columns: signflip_panels(bits.rows) * signflip_byte_panel(bits.columns))
    signflip_pack_byte_panels(bits.base, columns, depth, panels.base)
  }
}

/// Float weights in the layout for products with a fixed order of sums.
package final class FloatPanels {
  let panels: Matrix<Float>
  let depth: Int
  let columns: Int

  /// The weights of a matrix, shape `[outputs, inputs]`.
  package init(_ values: [Float], outputs: Int, inputs: Int) {
    precondition(values.count == outputs * inputs, "expected \(outputs)×\(inputs) weights, found \(values.count)")
    (depth, columns) = (inputs, outputs)
    panels = Matrix(rows: 1, columns: signflip_float_panels(outputs, inputs))
    let target = panels.base
    values.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { signflip_pack_float_panels(start, outputs, inputs, target) }
    }
  }
}
