internal import CBinaryKernels

/// The instruction sets for which there are kernels of bits.
package enum BitKernels {
  /// The name of the set that is used here: “avx2”.
  package static let name = String(cString: best.pointee.name)

  // A table of constants.
  nonisolated(unsafe) static let best: UnsafePointer<signflip_bits> = {
    guard let kernels = signflip_bits_best() else { preconditionFailure("the scalar kernels are always there") }
    return kernels
  }()
}
