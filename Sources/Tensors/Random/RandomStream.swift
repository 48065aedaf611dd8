/// Names one stream of random draws: `(seed, stream, step)` gives every draw, whoever asks, in whatever order.
///
/// The draws are those of Philox4x32-10; see `signflip_random_stream`.
package struct RandomStream: Hashable, Sendable {
  /// The experiment's seed.
  package var seed: UInt64
  /// What the draws are for: a number of its own for each lane, layer and use.
  package var stream: UInt32
  /// The lane's step.
  package var step: UInt32

  /// The draws of a stream at a step.
  package init(seed: UInt64, stream: UInt32, step: UInt32) {
    self.seed = seed
    self.stream = stream
    self.step = step
  }
}
