import NIOCore

/// How much of something there may be in a second.
struct RateLimit {
  /// The most in a second.
  let mostASecond: Int
  private var start = NIODeadline.now()
  private var count = 0

  init(mostASecond: Int) { self.mostASecond = mostASecond }

  /// Counts one more; false where there were too many in this second.
  mutating func allows() -> Bool {
    let now = NIODeadline.now()
    if now - start > .seconds(1) { (start, count) = (now, 0) }
    count += 1
    return count <= mostASecond
  }
}
