internal import Tensors

/// Times code on a machine that may be busy with other programs.
enum Stopwatch {
  /// Times each of `works` alternately, `rounds` times, and takes the shortest time of each. Single slow rounds then
  /// have no effect, and general slowness affects all equally.
  /// - Returns: seconds, in the order of `works`.
  static func shortest(rounds: Int, _ works: [() -> Void]) -> [Double] {
    var best = [Double](repeating: .infinity, count: works.count)
    for _ in 0..<rounds {
      for (index, work) in works.enumerated() {
        let begin = ContinuousClock.now
        work()
        best[index] = min(best[index], (ContinuousClock.now - begin) / .seconds(1))
      }
    }
    return best
  }
}

/// Measures how fast one thread copies memory that does not fit into a cache.
package enum MemoryBenchmark {
  /// Returns bytes read and written per second.
  package static func run(rounds: Int) -> Double {
    // 128 MiB per buffer.
    let (source, target) = (Tensor(rows: 1, columns: 32 << 20), Tensor(rows: 1, columns: 32 << 20))
    let seconds = Stopwatch.shortest(rounds: rounds, [{ target.copy(from: source) }])
    return Double(2 * 4 * source.count) / seconds[0]
  }
}
