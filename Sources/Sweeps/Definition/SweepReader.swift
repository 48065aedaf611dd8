import EngineProtocol
import Foundation
import Training
import Yams

/// Reads a sweep from YAML: an experiment and `sweep`.
///
///     experiment: digits-quick      # a preset or a file; or the keys of an experiment themselves
///     sweep:
///       parameters:                 # keys as for --set
///         binary.optimizer: [adam, sgd]
///         binary.learningRate: {log: [1e-4, 1e-1], points: 7}     # points: in a grid
///         binary.momentum: {linear: [0, 0.9], points: 4, when: {binary.optimizer: sgd}}
///         binary.batchSize: {integer: [32, 256], step: 32}
///       seeds: 5                    # 1 to 5; or a list
///       search: grid                # or random, halving
///       trials: 40                  # for random and halving: settings times seeds
///       searchSeed: 1               # for random and halving: the seed of drawn values
///       objective: binary.validationAccuracy
///       epochs: 27                  # else the lanes' own
///       halving: {from: 1, factor: 3}
///       budget: {epochs: 500, hours: 12}
///       lanes: [binary]             # else all
///       threads: 1                  # for each lane
///
/// Unknown keys are refused.
package struct SweepReader {
  /// The path or name of the text, for error messages.
  let source: String
  // Reads the text of an experiment's file.
  private let open: (String) throws -> String
  private let environment: [String: String]
  // The text of the experiment as it was when the sweep was started.
  private let frozen: String?

  /// A reader of a text.
  /// - Parameters:
  ///   - source: its path, for error messages.
  ///   - environment: where data sets are looked for.
  ///   - frozen: the text of the experiment that the sweep names, as it was when the sweep was started.
  ///   - open: returns the text of the experiment's file at a path, as it is written in the sweep.
  package init(
    source: String, environment: [String: String] = ProcessInfo.processInfo.environment, frozen: String? = nil,
    open: @escaping (String) throws -> String
  ) {
    self.source = source
    self.environment = environment
    self.frozen = frozen
    self.open = open
  }

  /// A reader of a text whose experiment, if it is a file, is found from the text's own folder.
  /// - Parameters:
  ///   - source: the text's path, or a built-in sweep's name.
  ///   - environment: where data sets are looked for.
  package init(beside source: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
    let folder = (source as NSString).deletingLastPathComponent
    self.init(source: source, environment: environment) { name in
      let place = name.hasPrefix("/") || folder.isEmpty ? name : folder + "/" + name
      return try ExperimentResolver.read(place, as: "an experiment")
    }
  }

  /// Reads a sweep.
  /// - Throws: `ExperimentError` with file, line, key, what was expected and what was found.
  package func read(_ text: String) throws -> SweepDefinition {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let root, root.mapping != nil else {
      throw ExperimentError(
        code: .malformed,
        message: "\(source): expected an experiment and sweep:, found \(root.map(YAMLSection.kind) ?? "nothing")")
    }
    let top = try YAMLSection(root, source: .lines(source), path: "")
    guard let keys = try top.section("sweep") else {
      throw ExperimentError(
        code: .malformed,
        message:
          "\(source): sweep: expected keys with values, found nothing; “signflip train” trains a plain experiment")
    }
    let (experimentText, experimentName) = try experiment(top, root, text)
    let lanes = try words(keys, "lanes")
    let epochs = try keys.integer("epochs", in: 1...100_000)
    let threads = try keys.integer("threads", in: 1...1024) ?? 1
    let request = ExperimentRequest(
      source: .text(experimentText, name: experimentName), epochs: epochs, lanes: lanes, threads: threads)
    let experiment = try ExperimentResolver(environment: environment).resolve(request).experiment
    let search: SweepDefinition.Search = try keys.choice("search") ?? .grid
    let parameters = try parameters(keys, search)
    let seeds = try seeds(keys, experiment)
    let definition = SweepDefinition(
      name: try keys.string("name") ?? experiment.name, experimentText: experimentText, experimentName: experimentName,
      experiment: experiment, parameters: parameters, seeds: seeds, search: search,
      trialCount: try trialCount(keys, search, seeds: seeds.count), objective: try objective(keys, experiment),
      epochs: epochs, halving: try halving(keys, search, experiment), budget: try budget(keys), threads: threads,
      lanes: lanes, searchSeed: try searchSeed(keys, search))
    try keys.checkForUnknownKeys()
    guard search != .halving || seeds.count == 1 else {
      throw keys.wrong(
        "seeds",
        expected: "one seed with search: halving; train the settings that it finds over more seeds in a second sweep")
    }
    if search == .halving, let parameter = parameters.first(where: { $0.name.split(separator: ".").last == "epochs" }) {
      throw ExperimentError(
        code: .unknownKey,
        message:
          "\(parameter.place): sweep.parameters.\(parameter.name): expected no such parameter with search: halving, "
          + "which varies the epochs itself")
    }
    return definition
  }

  // MARK: The experiment

  private func experiment(_ top: YAMLSection, _ root: Node, _ text: String) throws -> (text: String, name: String) {
    guard let name = try top.string("experiment") else {
      return (try withoutSweep(root, text), source)
    }
    try top.checkForUnknownKeys()
    guard name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml") else {
      if let frozen { return (frozen, "preset \(name)") }
      do {
        return (try PresetLibrary.text(of: name), "preset \(name)")
      } catch let error as ExperimentError {
        throw ExperimentError(
          code: error.code,
          message: "\(top.source.place(of: top.node("experiment") ?? root)): experiment: \(error.message)")
      }
    }
    return (try frozen ?? open(name), name)
  }

  // The text with empty lines instead of `sweep`, so that line numbers in error messages stay those of the file.
  private func withoutSweep(_ root: Node, _ text: String) throws -> String {
    var lines = text.components(separatedBy: "\n")
    let keys = (root.mapping ?? [:]).map { (name: $0.key.string, line: $0.key.mark?.line ?? 1) }
    guard root.mapping?.style != .flow, Set(keys.map(\.line)).count == keys.count,
      let place = keys.firstIndex(where: { $0.name == "sweep" })
    else {
      throw ExperimentError(
        code: .malformed, message: "\(source): expected sweep: on lines of its own, found it beside others")
    }
    let end = keys.map(\.line).filter { $0 > keys[place].line }.min() ?? lines.count + 1
    for line in keys[place].line..<end where line <= lines.count { lines[line - 1] = "" }
    return lines.joined(separator: "\n")
  }

  // MARK: Parameters

  private func parameters(_ keys: YAMLSection, _ search: SweepDefinition.Search) throws -> [SweepParameter] {
    guard let node = keys.node("parameters") else { return [] }
    guard let mapping = node.mapping else { throw keys.wrong("parameters", expected: "parameters with their values") }
    var parameters: [SweepParameter] = []
    for (key, value) in mapping {
      let name = key.string ?? ""
      let place = keys.source.place(of: key)
      guard name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
        throw ExperimentError(
          code: .malformed, message: "\(place): sweep.parameters: expected lane.key or key, found “\(name)”")
      }
      // Reads one key of a mapping with that key alone, for messages with its place.
      let holder = try YAMLSection(Node([(key, value)]), source: keys.source, path: keys.label("parameters"))
      var parameter = try self.parameter(name, holder, value, search)
      parameter.place = place
      for condition in parameter.conditions where !parameters.contains(where: { $0.name == condition.parameter }) {
        let names = parameters.map(\.name)
        throw ExperimentError(
          code: .unknownKey,
          message: "\(place): sweep.parameters.\(name).when: expected a parameter that is listed before"
            + "\(names.isEmpty ? "" : ", one of \(names.joined(separator: ", "))"), found “\(condition.parameter)”"
            + NearestName.question(condition.parameter, among: names))
      }
      parameters.append(parameter)
    }
    return parameters
  }

  private func parameter(
    _ name: String, _ holder: YAMLSection, _ node: Node, _ search: SweepDefinition.Search
  ) throws -> SweepParameter {
    let forms = "a list, or {log: [from, to]}, {linear: [from, to]}, {integer: [from, to]} or {values: [...]}"
    if node.sequence != nil { return SweepParameter(name: name, domain: .list(try values(holder, name))) }
    guard node.mapping != nil, let keys = try holder.section(name) else { throw holder.wrong(name, expected: forms) }
    let found = ["values", "log", "linear", "integer"].filter { keys.node($0) != nil }
    guard found.count == 1 else {
      _ = (keys.node("points"), keys.node("step"), keys.node("when"))
      try keys.checkForUnknownKeys()
      throw holder.wrong(name, expected: forms)
    }
    let domain: SweepParameter.Domain
    switch found[0] {
    case "log":
      let range = try range(keys, "log")
      guard range.lower > 0 else { throw keys.wrong("log", expected: "[from, to] with 0 < from < to") }
      domain = .log(lower: range.lower, upper: range.upper, points: try points(keys, "log", search))
    case "linear":
      let range = try range(keys, "linear")
      domain = .linear(lower: range.lower, upper: range.upper, points: try points(keys, "linear", search))
    case "integer":
      let ends = try keys.integers("integer", in: -1_000_000_000...1_000_000_000) ?? []
      guard ends.count == 2, ends[0] < ends[1] else {
        throw keys.wrong("integer", expected: "[from, to] with whole numbers from < to")
      }
      domain = .integer(
        lower: ends[0], upper: ends[1], step: try keys.integer("step", in: 1...(ends[1] - ends[0])) ?? 1)
    default: domain = .list(try values(keys, "values"))
    }
    let conditions = try conditions(keys)
    try keys.checkForUnknownKeys()
    return SweepParameter(name: name, domain: domain, conditions: conditions)
  }

  private func range(_ keys: YAMLSection, _ key: String) throws -> (lower: Double, upper: Double) {
    let ends = try keys.numbers(key, count: 2) ?? []
    guard ends.count == 2, ends[0] < ends[1] else { throw keys.wrong(key, expected: "[from, to] with from < to") }
    return (ends[0], ends[1])
  }

  private func points(_ keys: YAMLSection, _ key: String, _ search: SweepDefinition.Search) throws -> Int? {
    let points = try keys.integer("points", in: 2...10_000)
    guard search != .grid || points != nil else {
      throw keys.wrong(
        "points", expected: "a whole number from 2: a grid needs to know how many values of the range it has")
    }
    return points
  }

  private func values(_ keys: YAMLSection, _ key: String) throws -> [String] {
    let values = keys.node(key)?.sequence?.compactMap(Self.inline) ?? []
    guard !values.isEmpty, values.count == keys.node(key)?.sequence?.count else {
      throw keys.wrong(key, expected: "a list of at least one value")
    }
    guard Set(values).count == values.count else { throw keys.wrong(key, expected: "a list of different values") }
    return values
  }

  private func conditions(_ keys: YAMLSection) throws -> [SweepParameter.Condition] {
    guard let node = keys.node("when") else { return [] }
    guard let mapping = node.mapping, !mapping.isEmpty else {
      throw keys.wrong("when", expected: "{PARAMETER: VALUE} or {PARAMETER: [VALUE, …]}")
    }
    return try mapping.map { key, value in
      let values = value.sequence.map { $0.compactMap(Self.inline) } ?? [Self.inline(value)].compactMap { $0 }
      guard let name = key.string, !values.isEmpty else {
        throw keys.wrong("when", expected: "{PARAMETER: VALUE} or {PARAMETER: [VALUE, …]}")
      }
      return SweepParameter.Condition(parameter: name, values: values)
    }
  }

  // A value as it is written for --set.
  private static func inline(_ node: Node) -> String? {
    switch node {
    case .scalar(let scalar): return scalar.string.isEmpty ? nil : scalar.string
    case .sequence(let items):
      let words = items.map(inline)
      return words.contains(nil) ? nil : "[\(words.compactMap { $0 }.joined(separator: ", "))]"
    case .mapping(let pairs):
      let words = pairs.map { pair in inline(pair.value).map { "\(pair.key.string ?? ""): \($0)" } }
      return words.contains(nil) ? nil : "{\(words.compactMap { $0 }.joined(separator: ", "))}"
    case .alias: return nil
    }
  }

  // MARK: The other keys

  private func words(_ keys: YAMLSection, _ key: String) throws -> [String]? {
    guard let node = keys.node(key) else { return nil }
    let words = node.sequence?.compactMap { $0.scalar?.string } ?? []
    guard !words.isEmpty, words.count == node.sequence?.count else {
      throw keys.wrong(key, expected: "a list of names")
    }
    return words
  }

  private func seeds(_ keys: YAMLSection, _ experiment: Experiment) throws -> [UInt64] {
    guard let node = keys.node("seeds") else { return [experiment.seed] }
    if node.sequence == nil {
      guard let count = try keys.integer("seeds", in: 1...10_000) else { return [experiment.seed] }
      return (1...UInt64(count)).map { $0 }
    }
    let seeds = node.sequence?.compactMap { $0.scalar.flatMap { WrittenNumber.unsigned($0.string) } } ?? []
    guard !seeds.isEmpty, seeds.count == node.sequence?.count, Set(seeds).count == seeds.count else {
      throw keys.wrong("seeds", expected: "their number, or a list of different whole numbers")
    }
    return seeds
  }

  private func trialCount(_ keys: YAMLSection, _ search: SweepDefinition.Search, seeds: Int) throws -> Int? {
    let count = try keys.integer("trials", in: 1...100_000)
    switch (search, count) {
    case (.grid, nil): return nil
    case (.grid, _?):
      throw keys.wrong(
        "trials", expected: "no such key with search: grid, whose size its values give", code: .unknownKey)
    case (_, nil): throw keys.wrong("trials", expected: "the number of trials of search: \(search.rawValue)")
    case (_, let count?):
      guard count.isMultiple(of: seeds) else {
        throw keys.wrong(
          "trials", expected: "a multiple of the \(seeds) seeds: each setting is trained with every seed")
      }
      return count
    }
  }

  private func searchSeed(_ keys: YAMLSection, _ search: SweepDefinition.Search) throws -> UInt64 {
    let seed = try keys.unsigned("searchSeed")
    guard seed == nil || search != .grid else {
      throw keys.wrong("searchSeed", expected: "no such key with search: grid, which draws nothing", code: .unknownKey)
    }
    return seed ?? 1
  }

  private func objective(_ keys: YAMLSection, _ experiment: Experiment) throws -> SweepObjective {
    let lanes = experiment.lanes.map(\.name)
    let measures = SweepObjective.Measure.allCases.map(\.rawValue)
    let expected =
      "LANE.MEASURE with a lane of \(lanes.joined(separator: ", ")) and a measure of \(measures.joined(separator: ", "))"
    guard let text = try keys.string("objective") else {
      // With a single lane there is no doubt.
      if lanes.count == 1 { return SweepObjective(lane: lanes[0], measure: .validationAccuracy) }
      throw keys.wrong("objective", expected: expected)
    }
    let words = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 2 || (words.count == 1 && lanes.count == 1),
      let measure = SweepObjective.Measure(rawValue: words[words.count - 1]),
      words.count == 1 || lanes.contains(words[0])
    else {
      let near = NearestName.question(text, among: lanes.flatMap { lane in measures.map { "\(lane).\($0)" } })
      throw keys.wrong("objective", expected: expected, near: near)
    }
    return SweepObjective(lane: words.count == 2 ? words[0] : lanes[0], measure: measure)
  }

  private func halving(
    _ keys: YAMLSection, _ search: SweepDefinition.Search, _ experiment: Experiment
  ) throws -> SweepDefinition.Halving {
    guard let section = try keys.section("halving") else { return SweepDefinition.Halving() }
    guard search == .halving else {
      throw keys.wrong("halving", expected: "no such key with search: \(search.rawValue)", code: .unknownKey)
    }
    let longest = experiment.lanes.map(\.epochs).max() ?? 1
    let halving = SweepDefinition.Halving(
      firstEpochs: try section.integer("from", in: 1...max(1, longest)) ?? 1,
      factor: try section.integer("factor", in: 2...100) ?? 3)
    try section.checkForUnknownKeys()
    return halving
  }

  private func budget(_ keys: YAMLSection) throws -> SweepDefinition.Budget {
    guard let section = try keys.section("budget") else { return SweepDefinition.Budget() }
    let budget = SweepDefinition.Budget(
      epochs: try section.integer("epochs", in: 1...1_000_000_000), hours: try section.number("hours", in: 0.001...1e6))
    try section.checkForUnknownKeys()
    return budget
  }
}
