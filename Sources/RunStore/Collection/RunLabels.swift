import EngineProtocol
import Foundation

/// Short names of runs that are shown together.
enum RunLabels {
  /// A label for each run, no two the same: the experiment's part of its name where that tells it from the others,
  /// else the name with its time, else the name with a number.
  static func labels(for runs: [RunDescription]) -> [String] {
    let short = runs.map { run -> String in
      // “20260131-120000-digits” is “digits”.
      let parts = run.id.split(separator: "-", maxSplits: 2)
      let hasTime = parts.count == 3 && parts[0].count == 8 && parts[1].count == 6
      return hasTime ? String(parts[2]) : run.id.isEmpty ? run.name : run.id
    }
    func isAlone(_ label: String, in labels: [String]) -> Bool { labels.count { $0 == label } == 1 }
    let named = zip(short, runs).map { isAlone($0, in: short) || $1.id.isEmpty ? $0 : $1.id }
    var seen: [String: Int] = [:]
    return named.map { label in
      guard !isAlone(label, in: named) else { return label }
      seen[label, default: 0] += 1
      return "\(label)#\(seen[label] ?? 1)"
    }
  }
}
