private import CBinaryKernels
private import Foundation

/// How the operands of matrix products are rounded; sums are always float32.
package enum Precision: String, Codable, Sendable, CaseIterable {
  /// Operands as they are.
  case float32
  /// Operands rounded to bfloat16: twice as fast where the processor has instructions for it. ±1 stays exact.
  case bfloat16

  /// Whether matrix products in this precision can be had here: oneDNN 2 has bfloat16 ones from AVX-512 on.
  package var isSupported: Bool { self == .float32 || Precision.hasBFloat16 }

  private static let hasBFloat16 = MatrixProducts().canMultiply(.bfloat16)

  /// The faster precision of this processor: bfloat16 where it multiplies bfloat16 by itself, float32 elsewhere.
  package static let preferred: Precision = MatrixProducts.hasBFloat16Kernels ? .bfloat16 : .float32
}

/// What computes.
package enum Processor {
  /// The name that the system tells: “AMD EPYC 7763”; nil where it tells none.
  package static let name: String? = {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }()
}

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

extension Compute {
  /// Rounds `input` to bfloat16, to nearest, ties to even.
  package func round(_ input: Tensor, into output: HalfTensor) {
    precondition(input.columns == output.columns, "expected \(output.columns) columns, found \(input.columns)")
    output.resize(rows: input.rows)
    let source = UncheckedPointer(input.base)
    let target = UncheckedPointer(output.base)
    team.forEachPart(of: input.count) { _, range in
      signflip_round_to_bfloat16(source.base + range.lowerBound, target.base + range.lowerBound, range.count)
    }
  }
}
