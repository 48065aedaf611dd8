internal import CBinaryKernels

/// The bit kernels of an instruction set.
package struct BitKernels: Sendable {
  // A table of constants.
  nonisolated(unsafe) let table: UnsafePointer<signflip_bits>

  /// The name of the instruction set: “avx2”.
  package var name: String { String(cString: table.pointee.name) }

  /// The sets that the processor and the operating system support, fastest last.
  package static let all: [BitKernels] = (0..<signflip_isa_count.rawValue).compactMap { number in
    signflip_bits_for(signflip_isa(rawValue: number)).map { BitKernels(table: $0) }
  }

  /// The fastest supported set.
  package static let best: BitKernels = {
    guard let best = all.last else { preconditionFailure("the scalar kernels are always there") }
    return best
  }()

  /// Measured upper bounds of throughput, computed in registers without memory access.
  package enum Ceiling {
    /// XOR, popcount (on AVX2 by nibble look-up) and addition.
    case popcount
    /// The innermost step of products of signs.
    case product
  }

  /// Runs `rounds` rounds of that step in registers.
  /// - Returns: the number of bit pairs compared.
  package func countInRegisters(_ ceiling: Ceiling, rounds: Int) -> Int {
    var sink: UInt64 = 1
    return switch ceiling {
    case .popcount: Int(table.pointee.popcount_ceiling(UInt64(rounds), &sink))
    case .product: Int(table.pointee.xnor_ceiling(UInt64(rounds), &sink))
    }
  }
}
