internal import Tensors

/// How fast one thread copies memory that no cache holds.
package enum MemoryBenchmark {
  /// Bytes read and written in a second.
  package static func run(rounds: Int) -> Double {
    // 128 MiB each.
    let (source, target) = (Tensor(rows: 1, columns: 32 << 20), Tensor(rows: 1, columns: 32 << 20))
    let seconds = Stopwatch.shortest(rounds: rounds, [{ target.copy(from: source) }])
    return Double(2 * 4 * source.count) / seconds[0]
  }
}
