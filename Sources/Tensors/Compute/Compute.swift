private import COneDNN

/// The compute backend of a lane: a number of threads, and the operations on tensors in the other files of this target.
///
/// All operations except oneDNN's products give the same bits with any number of threads (apart from the norm of a
/// gradient, which nothing is computed from). oneDNN's products give the same bits on the same machine with the same
/// number of threads. An instance belongs to the thread that created it.
package final class Compute {
  /// Number of threads.
  package let threads: Int
  /// The kernels for products of bits.
  package let kernels: BitKernels
  let team: ThreadTeam
  let products: MatrixProducts

  // Scratch memory that is kept from step to step.
  var signScratch = AlignedBuffer<Float>(capacity: 0)
  // Number of floats of it per thread.
  var scratchStride = 0
  var transposedSigns = AlignedBuffer<UInt64>(capacity: 0)
  var transposedKept = AlignedBuffer<UInt64>(capacity: 0)
  var windowBits = AlignedBuffer<UInt64>(capacity: 0)
  var windowRows = AlignedBuffer<Float>(capacity: 0)
  var bytePlanes = AlignedBuffer<UInt64>(capacity: 0)
  var planeSums = AlignedBuffer<Int32>(capacity: 0)
  // Where a max pooling stood, in a pass that nobody goes back.
  let unreadChoices = PoolingChoices()
  var sliceSums = AlignedBuffer<Float>(capacity: 0)
  var paddedOperand = AlignedBuffer<Float>(capacity: 0)
  var transposedProduct = AlignedBuffer<Float>(capacity: 0)
  let flipHistograms: AlignedBuffer<Int64>
  // Flips and Σ g² per thread.
  let updateSums: AlignedBuffer<(flips: Int, gradientSquares: Double)>

  /// The version of oneDNN in use: “2.6.3”.
  package static let libraryVersion: String = {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }()

  /// Prepares the calling thread to compute with `threads` threads.
  /// - Parameter setsOpenMP: whether the calling thread's OpenMP, which oneDNN's products use, gets as many.
  package init(threads: Int, kernels: BitKernels = .best, setsOpenMP: Bool = true) {
    precondition(threads > 0, "expected at least one thread")
    self.kernels = kernels
    self.threads = threads
    team = ThreadTeam(threads: threads)
    if setsOpenMP { omp_set_num_threads(Int32(threads)) }
    products = MatrixProducts()
    flipHistograms = AlignedBuffer(capacity: threads * Parameter.flipBins)
    updateSums = AlignedBuffer(capacity: threads)
  }
}
