private import CBinaryKernels
private import Foundation

/// The precision of operands of matrix products; sums are always float32.
package enum Precision: String, Codable, Sendable, CaseIterable {
  /// float32.
  case float32
  /// Operands rounded to bfloat16: twice as fast if the processor has instructions for it. ±1 is exact.
  case bfloat16

  /// Whether products in this precision are available: oneDNN 2 has bfloat16 products from AVX-512 on.
  package var isSupported: Bool { self == .float32 || Precision.hasBFloat16 }

  private static let hasBFloat16 = MatrixProducts().canMultiply(.bfloat16)

  /// The faster precision of this processor: bfloat16 with native support, otherwise float32.
  package static let preferred: Precision = MatrixProducts.hasBFloat16Kernels ? .bfloat16 : .float32
}

/// The processor of this machine.
package enum Processor {
  /// The name reported by the system: “AMD EPYC 7763”; nil if there is none.
  package static let name: String? = {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }()
}

/// A bfloat16 matrix `[rows, columns]`, row-major: an operand of a matrix product. ±1 is exact.
package final class HalfTensor {
  /// Number of rows in use.
  package private(set) var rows: Int
  /// Number of columns.
  package let columns: Int
  private var buffer: AlignedBuffer<UInt16>

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a tensor's shape must not be negative")
    self.rows = rows
    self.columns = columns
    buffer = AlignedBuffer(capacity: rows * columns)
  }

  /// Number of elements in use.
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
