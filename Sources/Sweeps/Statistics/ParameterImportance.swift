package import EngineProtocol

/// How much of a measure's variance one parameter explains alone.
///
/// Trials are grouped by the parameter's value; the groups' means explain a share of the variance:
///
///     η² = 1 - Σ(y - mean of its group)² / Σ(y - mean)²
///     ε² = 1 - (1 - η²) · (n - 1) / (n - k)
///
/// with `n` trials in `k` groups. η² grows with the number of groups even for random ones; ε² does not: then it is 0 on
/// average. What parameters explain only together is not part of it.
/// - SeeAlso: Kelley 1935, “An unbiased correlation ratio measure”, PNAS 21(9):554–559.
package enum ParameterImportance {
  /// The most groups: a parameter with more values is cut into groups of about equally many trials.
  static let mostGroups = 8

  /// Returns the importance of a parameter.
  /// - Parameters:
  ///   - values: its value in each trial as written for `--set`; nil where it does not apply, which is a group of its own.
  ///   - isNumeric: whether values are numbers, which can be cut into groups.
  ///   - objective: the measure of each trial.
  package static func share(
    of values: [String?], isNumeric: Bool, objective: [Double]
  ) -> SweepSnapshot.Importance {
    precondition(values.count == objective.count, "expected a value for each trial")
    let groups = groups(of: values, isNumeric: isNumeric)
    let count = (groups.max() ?? -1) + 1
    let n = objective.count
    guard count > 1, n > count else { return SweepSnapshot.Importance(share: nil, groups: count) }
    let mean = objective.reduce(0, +) / Double(n)
    var sums = [Double](repeating: 0, count: count)
    var counts = [Double](repeating: 0, count: count)
    for (group, value) in zip(groups, objective) {
      sums[group] += value
      counts[group] += 1
    }
    let means = zip(sums, counts).map { $0 / $1 }
    let total = objective.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let within = zip(groups, objective).reduce(0) { $0 + ($1.1 - means[$1.0]) * ($1.1 - means[$1.0]) }
    guard total > 0 else { return SweepSnapshot.Importance(share: nil, groups: count) }
    return SweepSnapshot.Importance(
      share: 1 - within / total * Double(n - 1) / Double(n - count), groups: count)
  }

  /// Returns the group of each value, from 0.
  static func groups(of values: [String?], isNumeric: Bool) -> [Int] {
    let distinct = Set(values)
    guard isNumeric, distinct.count > mostGroups else {
      return numbered(values.map { $0 ?? "" })
    }
    // A value's place is the number of smaller ones, so equal values are never torn apart.
    let numbers = values.map { $0.flatMap(Double.init) }
    let sorted = numbers.compactMap(\.self).sorted()
    var places: [Double: Int] = [:]
    for (place, number) in sorted.enumerated() where places[number] == nil { places[number] = place }
    let most = min(mostGroups, Int(Double(sorted.count).squareRoot()))
    return numbered(numbers.map { number in number.map { (places[$0] ?? 0) * most / sorted.count } ?? -1 })
  }

  private static func numbered<Key: Hashable>(_ keys: [Key]) -> [Int] {
    var known: [Key: Int] = [:]
    return keys.map { key in
      if let number = known[key] { return number }
      known[key] = known.count
      return known.count - 1
    }
  }
}
