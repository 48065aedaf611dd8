import TerminalUI
import TrainingMetrics

extension FlipStatistics {
  /// The statistics of several layers taken together.
  static func total(_ layers: [FlipStatistics]) -> FlipStatistics {
    var total = FlipStatistics(layer: "", weights: 0)
    for layer in layers {
      total.weights += layer.weights
      total.totalFlips += layer.totalFlips
      if layer.weightsByFlips.count > total.weightsByFlips.count {
        total.weightsByFlips += Array(
          repeating: 0, count: layer.weightsByFlips.count - total.weightsByFlips.count)
      }
      for (flips, count) in layer.weightsByFlips.enumerated() { total.weightsByFlips[flips] += count }
    }
    return total
  }

  /// A bar a row: how many weights have flipped never, once, twice, ...; the last bar takes all that have more.
  ///
  /// Where the counts reach far beyond the rows, the later bars are ranges that double: `4-7`.
  func bars(rows: Int) -> [BarChart.Bar] {
    let counts = weightsByFlips
    guard rows > 0, let last = counts.lastIndex(where: { $0 > 0 }) else { return [] }
    var edges = Array(0...min(rows - 1, last))
    if last >= rows, rows >= 5 {
      edges = [0, 1, 2]
      while edges.count < rows, edges[edges.count - 1] * 2 <= last { edges.append(edges[edges.count - 1] * 2) }
    }
    return edges.enumerated().map { place, first in
      let isLast = place == edges.count - 1
      let end = isLast ? counts.count : edges[place + 1]
      let count = counts[first..<max(first, end)].reduce(0, +)
      let isOpen = isLast && counts.count - 1 > first
      let label = isOpen ? "\(first)+" : end - first > 1 ? "\(first)–\(end - 1)" : "\(first)"
      return BarChart.Bar(label, Double(count))
    }
  }
}

extension Histogram {
  /// The sum of histograms over one interval; where the intervals differ, of those that share the first one's.
  static func sum(_ histograms: [Histogram]) -> Histogram? {
    guard var sum = histograms.first else { return nil }
    for next in histograms.dropFirst()
    where next.counts.count == sum.counts.count && next.lowerBound == sum.lowerBound
      && next.upperBound == sum.upperBound
    {
      for (bin, count) in next.counts.enumerated() { sum.counts[bin] += count }
    }
    return sum
  }
}
