internal import CBinaryKernels

/// The kernels of bits for an instruction set.
package struct BitKernels: Sendable {
  // A table of constants.
  nonisolated(unsafe) let table: UnsafePointer<signflip_bits>

  /// The name of the instruction set: “avx2”.
  package var name: String { String(cString: table.pointee.name) }

  /// The sets that processor and operating system have, the fastest last.
  package static let all: [BitKernels] = (0..<signflip_isa_count.rawValue).compactMap { number in
    signflip_bits_for(signflip_isa(rawValue: number)).map { BitKernels(table: $0) }
  }

  /// The fastest of them.
  package static let best: BitKernels = {
    guard let best = all.last else { preconditionFailure("the scalar kernels are always there") }
    return best
  }()

  /// What can be counted in registers, without any memory.
  package enum Ceiling {
    /// XOR, popcount (AVX2: a look-up of nibbles) and addition.
    case popcount
    /// The inmost step of products of signs.
    case product
  }

  /// Does `rounds` rounds of that step in registers.
  /// - Returns: how many pairs of bits were compared.
  package func countInRegisters(_ ceiling: Ceiling, rounds: Int) -> Int {
    var sink: UInt64 = 1
    return switch ceiling {
    case .popcount: Int(table.pointee.popcount_ceiling(UInt64(rounds), &sink))
    case .product: Int(table.pointee.xnor_ceiling(UInt64(rounds), &sink))
    }
  }
}
