package import EngineProtocol
import TerminalUI

/// Parses and completes the `:` command line.
package enum CommandParser {
  /// Why a line is invalid.
  package struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found and what was expected.
    package let description: String

    /// A mistake with this description.
    package init(description: String) { self.description = description }
  }

  /// Returns the action that `line` names, in full or by a unique prefix, and the rest of the line.
  /// - Throws: `Mistake` with what was found.
  package static func parse(_ line: String, in context: ActionContext) throws -> Invocation {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let name = words.first else { throw Mistake(description: "expected a command, found nothing") }
    let rest = words.count > 1 ? words[1].trimmingSpaces : ""
    let action = try action(named: String(name), in: context)
    return Invocation(action, rest.isEmpty ? nil : rest)
  }

  /// Returns the possible completions of `line` as whole lines, in order.
  package static func completions(
    of line: String, in context: ActionContext, lanes: [LaneModel], themes: [String], experiment: [String] = [],
    sweep: SweepSnapshot? = nil
  ) -> [String] {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard words.count > 1, let action = try? action(named: words[0], in: context) else {
      return names(in: context).filter { $0.hasPrefix(words[0]) }
    }
    if action == .fork, let last = words[1].lastIndex(of: " "), words[1].contains(where: \.isNumber) {
      let known = lanes.filter { words[1].hasPrefix($0.name + " ") }
      return settings(endingIn: String(words[1][words[1].index(after: last)...]), of: known.isEmpty ? lanes : known)
        .map { "\(words[0]) \(words[1][...last])\($0)" }
    }
    if action == .charts || action == .axis {
      let last = words[1].split(separator: " ", omittingEmptySubsequences: false).last.map(String.init) ?? ""
      let names = action == .axis ? ChartView.Axis.allCases.map(\.rawValue) : ChartQuantity.names(of: lanes)
      return names.filter { $0.lowercased().hasPrefix(last.lowercased()) && $0 != last }
        .map { "\(words[0]) \(words[1].dropLast(last.count))\($0)" }
    }
    if let paths = paths(of: action, endingIn: words[1]) { return paths.map { "\(words[0]) \($0)" } }
    if action == .set, let values = choices(endingIn: words[1]) { return values.map { "\(words[0]) \($0)" } }
    return
      (arguments(of: action, lanes: lanes, themes: themes, experiment: experiment)
      + (sweep.map { arguments(of: action, sweep: $0) } ?? []))
      .filter { $0.lowercased().hasPrefix(words[1].lowercased()) }
      .map { "\(words[0]) \($0)" }
  }

  /// Returns the completions of a line of `KEY=VALUE` words: its last word completed to each matching hyperparameter.
  static func settings(endingIn line: String, of lanes: [LaneModel]) -> [String] {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard let last = words.last, !last.contains("=") else { return [] }
    return Hyperparameter.allCases.filter { key in
      key.rawValue.lowercased().hasPrefix(last.lowercased()) && lanes.contains { $0.value(of: key) != nil }
    }.map { (words.dropLast() + ["\($0.rawValue)="]).joined(separator: " ") }
  }

  // The completions of an argument that is a path; nil if it is none.
  private static func paths(of action: Action, endingIn text: String) -> [String]? {
    switch action {
    case .save: return PathCompletion.completions(of: text, suffixes: [".svg", ".ans", ".ansi", ".txt"])
    case .open: return PathCompletion.completions(of: text, suffixes: [".yaml", ".yml"])
    case .export: return PathCompletion.completions(of: text)
    case .download:
      // The data set's name precedes the path or URL.
      guard let space = text.lastIndex(of: " ") else { return nil }
      let start = text.index(after: space)
      return PathCompletion.completions(of: String(text[start...])).map { text[..<start] + $0 }
    default: return nil
    }
  }

  // The values of a hyperparameter that has a few, after `[LANE.]KEY `; nil for others.
  private static func choices(endingIn text: String) -> [String]? {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == " " || $0 == "=" }
    guard parts.count == 2, let name = parts[0].split(separator: ".").last,
      let key = Hyperparameter(rawValue: String(name)), case .choice(let words) = key.specification.scale
    else { return nil }
    let start = text[..<parts[1].startIndex]
    return words.filter { $0.hasPrefix(parts[1]) }.map { start + $0 }
  }

  private static func action(named name: String, in context: ActionContext) throws -> Action {
    let candidates = names(in: context)
    if candidates.contains(name) { return Action(name) }
    let matches = candidates.filter { $0.hasPrefix(name) }
    // A shortcut for users of vi.
    if name == "q" { return .quit }
    guard let match = matches.first else {
      throw Mistake(description: "no command “\(name)” here; :help lists them")
    }
    guard matches.count == 1 else {
      throw Mistake(description: "“\(name)” may be \(matches.joined(separator: ", "))")
    }
    return Action(match)
  }

  private static func names(in context: ActionContext) -> [String] {
    ActionTable.all.filter { !$0.context.isDisjoint(with: context) }.map(\.name).sorted()
  }

  // The columns and parameters of a sweep.
  private static func arguments(of action: Action, sweep: SweepSnapshot) -> [String] {
    switch action {
    case .sort: TrialColumn.all(of: sweep).map { $0.title(in: sweep) }
    case .color: sweep.parameters.indices.map { sweep.shortName(ofParameter: $0) }
    default: []
    }
  }

  private static func arguments(
    of action: Action, lanes: [LaneModel], themes: [String], experiment: [String]
  ) -> [String] {
    switch action {
    case .theme: return themes
    case .lane: return lanes.map(\.name) + ["all"]
    case .copy: return Dashboard.copied
    case .help: return ActionTable.all.map(\.name).sorted()
    case .toggle: return experiment
    case .format: return ["packed", "c", "onnx", "qonnx", "safetensors", "numpy"]
    case .pause, .pauseLane, .resume, .step, .stop, .checkpoint, .checkpoints, .findRate, .moments:
      return lanes.map(\.name)
    case .rewind, .fork:
      return lanes.flatMap { lane in lane.checkpoints.reversed().map { "\(lane.name) \($0.step)" } }
    case .glyphs: return GlyphSet.all.map(\.name).sorted()
    case .edit, .down: return Hyperparameter.allCases.map(\.rawValue)
    case .set:
      let own = lanes.flatMap { lane in
        (lane.snapshot?.hyperparameters ?? []).map { "\(lane.name).\($0.hyperparameter.rawValue)" }
      }
      let shared = Hyperparameter.allCases.filter { key in lanes.contains { $0.value(of: key) != nil } }
      return own + shared.map(\.rawValue)
    default: return []
    }
  }
}

extension Dashboard {
  /// Opens the `:` command line with `text` in it.
  mutating func beginCommand(_ text: String) {
    open(LineEntry(.command, prompt: ":", text: text, completions: completions(of: text, for: .command)))
  }

  /// Returns the completions of a typed line as whole lines.
  func completions(of text: String, for purpose: LineEntry.Purpose) -> [String] {
    switch purpose {
    case .command:
      CommandParser.completions(
        of: text, in: context, lanes: model.lanes, themes: appearance.library.themes().map(\.name),
        experiment: launcher.preset?.lanes.map(\.name) ?? [], sweep: sweep?.model.snapshot)
    case .field(.dataset):
      (launcher.catalog?.datasets.map(\.name) ?? []).filter { $0.hasPrefix(text) }
        + (text.contains("/") ? PathCompletion.completions(of: text) : [])
    case .value(let hyperparameter):
      if case .choice(let words) = hyperparameter.specification.scale {
        words.filter { $0.hasPrefix(text) }
      } else {
        []
      }
    case .fork(let checkpoint):
      CommandParser.settings(endingIn: text, of: model.lanes.filter { $0.name == checkpoint.lane })
    case .file: PathCompletion.completions(of: text, suffixes: [".yaml", ".yml"])
    case .note, .view, .field, .filter, .forkTrial: []
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
