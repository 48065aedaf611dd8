private import COneDNN

/// What a lane computes with: so many threads, and the passes over tensors in this room's other files.
///
/// Every pass but oneDNN's products gives the same bits with any number of threads (the norm of a gradient, which
/// nothing is computed from, aside); those do on the same machine with the same number. It belongs to the thread that
/// made it.
package final class Compute {
  /// How many threads work at once.
  package let threads: Int
  /// The kernels for products of bits.
  package let kernels: BitKernels
  let team: ThreadTeam
  let products: MatrixProducts

  // What passes need beside their operands, kept from step to step.
  var signScratch = AlignedBuffer<Float>(capacity: 0)
  // Floats of it for each thread.
  var scratchStride = 0
  var transposedSigns = AlignedBuffer<UInt64>(capacity: 0)
  var transposedKept = AlignedBuffer<UInt64>(capacity: 0)
  var windowBits = AlignedBuffer<UInt64>(capacity: 0)
  var sliceSums = AlignedBuffer<Float>(capacity: 0)
  var paddedOperand = AlignedBuffer<Float>(capacity: 0)
  var transposedProduct = AlignedBuffer<Float>(capacity: 0)
  let flipHistograms: AlignedBuffer<Int64>
  // Flips and Σ g² of each thread.
  let updateSums: AlignedBuffer<(flips: Int, gradientSquares: Double)>

  /// The version of oneDNN that computes: “2.6.3”.
  package static let libraryVersion: String = {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }()

  /// Prepares the calling thread to compute with `threads` threads.
  package init(threads: Int, kernels: BitKernels = .best) {
    precondition(threads > 0, "expected at least one thread")
    self.kernels = kernels
    self.threads = threads
    team = ThreadTeam(threads: threads)
    omp_set_num_threads(Int32(threads))
    products = MatrixProducts()
    flipHistograms = AlignedBuffer(capacity: threads * Parameter.flipBins)
    updateSums = AlignedBuffer(capacity: threads)
  }
}
