/// Images per second over about the last quarter of a second of training.
struct Throughput {
  private var images = 0
  private var seconds = 0.0
  /// The newest figure; 0 before the first step.
  private(set) var imagesPerSecond = 0.0

  /// Counts a step of `count` images that took `duration` seconds.
  mutating func add(images count: Int, seconds duration: Double) {
    images += count
    seconds += duration
    if imagesPerSecond == 0 || seconds >= 0.25 {
      imagesPerSecond = Double(images) / max(seconds, 1e-9)
      (images, seconds) = (0, 0)
    }
  }
}
