import EngineProtocol
import Foundation

/// Short names of runs that are shown together.
enum RunLabels {
  /// A label for each run, no two the same: of the experiment's part of its name, its time, its day and time and its
  /// whole name the first that tells it from the others, else its name with a number.
  static func labels(for runs: [RunDescription]) -> [String] {
    let forms = runs.map { run -> [String] in
      // “20260131-120000-digits” is “digits”, “120000”, “0131-120000”.
      let parts = run.id.split(separator: "-", maxSplits: 2)
      let hasTime = parts.count == 3 && parts[0].count == 8 && parts[1].count == 6
      let name = run.id.isEmpty ? run.name : run.id
      guard hasTime else { return Array(repeating: name, count: 4) }
      return [String(parts[2]), String(parts[1]), "\(parts[0].dropFirst(4))-\(parts[1])", name]
    }
    func isAlone(_ label: String, in labels: [String]) -> Bool { labels.count { $0 == label } == 1 }
    let named = forms.map { own in
      own.indices.first { place in isAlone(own[place], in: forms.map { $0[place] }) }.map { own[$0] } ?? own[3]
    }
    var seen: [String: Int] = [:]
    return named.map { label in
      guard !isAlone(label, in: named) else { return label }
      seen[label, default: 0] += 1
      return "\(label)#\(seen[label] ?? 1)"
    }
  }
}
