private import Dispatch
private import Synchronization

/// Applies a function to each element on all cores, in rounds of 2,048 elements, and returns the results in order.
/// - Parameter progress: called on the calling thread with the number of elements that are done.
func parallelMap<Element: Sendable, Value: Sendable>(
  _ elements: [Element], progress: (Int) -> Void, _ body: @Sendable (Element) -> Value
) -> [Value] {
  let blockSize = 32
  var values: [Value] = []
  values.reserveCapacity(elements.count)
  // In rounds, to report progress.
  for start in stride(from: 0, to: elements.count, by: 64 * blockSize) {
    let round = elements[start..<min(elements.count, start + 64 * blockSize)]
    let blocks = Mutex<[Int: [Value]]>([:])
    DispatchQueue.concurrentPerform(iterations: (round.count + blockSize - 1) / blockSize) { index in
      let block = round.dropFirst(index * blockSize).prefix(blockSize).map(body)
      blocks.withLock { $0[index] = block }
    }
    for (_, block) in blocks.withLock({ $0 }).sorted(by: { $0.key < $1.key }) { values += block }
    progress(round.endIndex)
  }
  return values
}
