private import Datasets
private import EngineProtocol
private import Yams

/// Reads experiments from YAML.
///
///     name: my-experiment
///     dataset: mnist            # or a folder; without it the first data set found
///     skipUnreadable: true      # go on without image files that can't be read; else they are refused
///     validation: 10000         # images set apart from the training set; else 10,000, at most a sixth
///     inputRange: [0, 1]        # pixels 0...255 go linearly to this range
///     normalization: channels   # or range, the default; channels: mean 0, deviation 1 for each; gcn; zca
///     augmentation: {crop: 4, flip: true, cutout: 8, rotate: 10, shift: 1.5}   # pixels and degrees
///     seed: 1
///     defaults:                 # what the lanes share
///       hidden: [2048, 2048]
///       learningRate: 0.001
///     lanes:
///       - name: baseline
///         method: baseline
///       - name: binary
///         method: binaryConnect
///         learningRate: 0.003   # a lane's own key goes before the default
///
/// The keys of a lane are those that `LaneReader` asks for. Unknown keys are refused.
struct ExperimentReader {
  /// Identifies the text in error messages: a path, or a preset's name.
  let source: String
  /// Changes in the form of `--set`.
  var changes: [SettingChange] = []
  /// Whether the experiment is from a recorded run, to which later rules for names do not apply.
  var isRecorded = false

  /// Keys of the experiment rather than of a lane that `--set` accepts too.
  private static let experimentKeys: Set<String> = [
    "skipUnreadable", "validation", "inputRange", "normalization", "augmentation",
  ]

  /// Reads an experiment.
  /// - Throws: `ExperimentError` with source, line, key, what was expected and what was found.
  func read(_ text: String) throws -> Experiment { try readWithNotes(text).experiment }

  /// Reads an experiment, and returns notes for the user, such as keys that a change has made ineffective.
  /// - Throws: `ExperimentError` with source, line, key, what was expected and what was found.
  func readWithNotes(_ text: String) throws -> (experiment: Experiment, notes: [String]) {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let root else {
      throw ExperimentError(code: .malformed, message: "\(source): expected an experiment, found nothing")
    }
    let written = try YAMLSection(root, source: .lines(source), path: "")
    let shared = changes.filter { Self.experimentKeys.contains($0.key) }
    if let change = shared.first(where: { $0.lane != nil }) {
      throw change.wrong(
        expected: "\(change.key)=VALUE: it applies to all lanes", found: change.text, code: .unknownKey)
    }
    let section = try shared.reduce(written) { try $1.over($0) }
    let inputRange = try section.numbers("inputRange", count: 2) ?? [0, 1]
    guard inputRange[0] < inputRange[1] else { throw section.wrong("inputRange", expected: "[lower, upper]") }
    let normalization: Experiment.Normalization = try section.choice("normalization") ?? .range
    guard normalization == .range || section.node("inputRange") == nil else {
      throw section.wrong(
        "inputRange", expected: "no such key beside “normalization: \(normalization.rawValue)”", code: .unknownKey)
    }
    let (lanes, notes) = try readLanes(section)
    let experiment = Experiment(
      name: try section.string("name") ?? "experiment",
      summary: try section.string("summary") ?? "",
      expectedResult: try section.string("expected") ?? "",
      cost: try section.string("cost") ?? "",
      dataset: try section.string("dataset"),
      skipsUnreadable: try section.flag("skipUnreadable") ?? false,
      validationCount: try section.integer("validation", in: 1...10_000_000),
      inputRange: Float(inputRange[0])...Float(inputRange[1]),
      normalization: normalization,
      augmentation: try readAugmentation(section),
      seed: try section.unsigned("seed") ?? 1,
      lanes: lanes)
    try section.checkForUnknownKeys()
    try experiment.checkTeachers(source: source)
    return (experiment, notes)
  }

  private func readAugmentation(_ section: YAMLSection) throws -> Augmentation {
    guard let keys = try section.section("augmentation") else { return Augmentation() }
    let augmentation = Augmentation(
      crop: try keys.integer("crop", in: 0...64) ?? 0, flips: try keys.flag("flip") ?? false,
      cutout: try keys.integer("cutout", in: 0...256) ?? 0,
      rotate: Float(try keys.number("rotate", in: 0...180) ?? 0),
      shift: Float(try keys.number("shift", in: 0...256) ?? 0))
    try keys.checkForUnknownKeys()
    return augmentation
  }

  private func readLanes(_ section: YAMLSection) throws -> (lanes: [LanePlan], notes: [String]) {
    guard let nodes = section.node("lanes")?.sequence, !nodes.isEmpty else {
      throw section.wrong("lanes", expected: "a list of at least one lane")
    }
    let defaults = try section.node("defaults").map { try YAMLSection($0, source: .lines(source), path: "defaults") }
    let readers = try nodes.enumerated().map { index, node in
      try LaneReader(
        YAMLSection(node, source: .lines(source), path: "lanes[\(index)]", over: defaults), isRecorded: isRecorded)
    }
    let names = readers.map(\.name)
    for (index, reader) in readers.enumerated() where names[..<index].contains(reader.name) {
      throw reader.section.wrong("name", expected: "a unique name")
    }
    let laneChanges = changes.filter { !Self.experimentKeys.contains($0.key) }
    for change in laneChanges {
      guard let lane = change.lane, !names.contains(lane) else { continue }
      throw change.wrong(
        expected: "a lane of \(names.joined(separator: ", "))", found: lane, code: .unknownLane,
        near: NearestName.question(lane, among: names))
    }
    let read = try readers.map { try $0.read(changedBy: laneChanges) }
    // A key for all lanes applies to those that have it. If none has, the change would have no effect, which is an
    // error.
    for change in laneChanges where !change.removes && read.allSatisfy({ $0.unused.contains(change.key) }) {
      throw change.wrong(expected: "a key that at least one lane has", found: change.key, code: .unknownKey)
    }
    return (read.map(\.plan), read.flatMap(\.notes))
  }
}
