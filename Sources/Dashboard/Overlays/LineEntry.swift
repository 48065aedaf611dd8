package import EngineProtocol
import Foundation
package import TerminalUI
import TrainingMetrics

/// A line typed in the footer: a command, a value, a path.
package struct LineEntry: Overlay {
  /// The purpose of the line.
  package enum Purpose: Hashable, Sendable {
    /// A `:` command.
    case command
    /// A value of a hyperparameter for the lanes in focus.
    case value(Hyperparameter)
    /// The changes of a fork of a checkpoint; empty for none.
    case fork(Checkpoint)
    /// A note on a step of a lane.
    case note(Moment)
    /// What the shown view has requested, with its help text.
    case view(help: String)
    /// Which trials of a sweep are shown.
    case filter
    /// The other values with which a copy of a trial is trained.
    case forkTrial(Int)
    /// The path of a YAML file.
    case file
    /// The value of a field of the launcher.
    case field(LauncherField)
  }

  /// The purpose of the line.
  package let purpose: Purpose
  /// The text before the line.
  package let prompt: String
  /// The typed text.
  package private(set) var text: TextField
  /// Why the text is invalid; empty if it is valid.
  package private(set) var mistake = ""
  /// The possible completions, as whole lines.
  package private(set) var completions: [String] = []
  // The index of the inserted completion.
  private var completion: Int?
  // The index of the recalled command.
  private var recalled: Int?

  /// A line for a purpose, with an initial text.
  package init(_ purpose: Purpose, prompt: String, text: String = "", completions: [String] = []) {
    self.purpose = purpose
    self.prompt = prompt
    self.text = TextField(text)
    self.completions = completions
  }

  /// Returns a typed path with `~` replaced by `$HOME`, as shells do. Foundation takes the directory of the password file.
  static func expanded(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"], !home.isEmpty
    else { return (path as NSString).expandingTildeInPath }
    return home + path.dropFirst()
  }

  // MARK: Events

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    switch key {
    case .escape: return cancel(&dashboard)
    case .enter: return submit(&dashboard)
    case .tab: complete(by: 1, dashboard)
    case .backTab: complete(by: -1, dashboard)
    case .up where purpose == .command: recall(by: -1, dashboard)
    case .down where purpose == .command: recall(by: 1, dashboard)
    case .backspace where text.isEmpty: return .closes
    case .character where text.isFull:
      if mistake.isEmpty { mistake = "\(Self.limitNote): further ones are ignored" }
    default:
      guard text.handle(key) else { break }
      mistake = ""
      hasChanged(&dashboard)
    }
    return .stays
  }

  package mutating func take(_ pasted: PastedText, _ dashboard: inout Dashboard) {
    let omitted = text.insert(pasted.text) + pasted.omitted
    mistake =
      omitted == 0 ? "" : "\(Self.limitNote): \(NumberFormat.grouped(omitted)) of the pasted ones were ignored"
    hasChanged(&dashboard)
  }

  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate {
    if case .view = purpose { tellView("", .cancelled, &dashboard) }
    if purpose == .filter { dashboard.filterTrials("") }
    return .closes
  }

  private static var limitNote: String { "a line has at most \(NumberFormat.grouped(TextField.limit)) characters" }

  private mutating func hasChanged(_ dashboard: inout Dashboard) {
    completion = nil
    completions = findCompletions(dashboard)
    if case .view = purpose { tellView(text.text, .changed, &dashboard) }
    // An unfinished term is no mistake yet.
    if purpose == .filter { try? dashboard.sweep?.model.filter(by: text.text) }
  }

  private func tellView(_ text: String, _ stage: TypingStage, _ dashboard: inout Dashboard) {
    dashboard.fulfil(dashboard.live.view.take(text, stage))
  }

  private mutating func submit(_ dashboard: inout Dashboard) -> OverlayFate {
    let text = text.text.trimmingCharacters(in: .whitespaces)
    do {
      switch purpose {
      case .command:
        if text.isEmpty { break }
        let invocation = try CommandParser.parse(text, in: dashboard.context)
        dashboard.commandHistory.removeAll { $0 == text }
        dashboard.commandHistory.append(text)
        dashboard.effects.append(.typed(text))
        dashboard.perform(invocation)
      case .value(let hyperparameter):
        dashboard.set(hyperparameter, to: try hyperparameter.parse(text), in: dashboard.live.focus)
      case .fork(let checkpoint):
        try dashboard.fork(checkpoint, changing: text.split(separator: " ").map(String.init))
      case .note(let moment): dashboard.sendNote(text, moment)
      case .view: tellView(text, .entered, &dashboard)
      case .filter: try dashboard.sweep?.model.filter(by: text)
      case .forkTrial(let number): if !text.isEmpty { dashboard.sendFork(of: number, text) }
      case .file: dashboard.readFile(text)
      case .field(let field): try dashboard.launcher.type(text, into: field)
      }
      return .closes
    } catch {
      mistake = "\(error)"
      return .stays
    }
  }

  // MARK: Completion

  private func findCompletions(_ dashboard: Dashboard) -> [String] {
    // No command is that long, but pasted text may be, and is examined after each key.
    guard text.count <= 500 else { return [] }
    return dashboard.completions(of: text.text, for: purpose)
  }

  private mutating func complete(by step: Int, _ dashboard: Dashboard) {
    if completion == nil { completions = findCompletions(dashboard) }
    guard !completions.isEmpty else { return }
    if completions.count == 1, step > 0 {
      // What follows a whole word, such as the value of a hyperparameter.
      let next = dashboard.completions(of: completions[0] + " ", for: purpose)
      if !next.isEmpty {
        (text, completions, completion) = (TextField(completions[0] + " "), next, nil)
        return
      }
    }
    // First the common prefix of all completions, then one after the other.
    let common = completions.commonPrefix
    if step > 0, completion == nil, completions.count > 1, common.count > text.text.count {
      text = TextField(common)
      completions = findCompletions(dashboard)
      return
    }
    let count = completions.count
    let next = completion.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
    completion = next
    text = TextField(completions[next])
  }

  private mutating func recall(by step: Int, _ dashboard: Dashboard) {
    let history = dashboard.commandHistory
    let place = (recalled ?? history.count) + step
    guard place >= 0, place <= history.count else { return }
    recalled = place
    text = TextField(place < history.count ? history[place] : "")
    completion = nil
    completions = findCompletions(dashboard)
  }

  // MARK: Drawing

  // It replaces the footer.
  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] { [] }

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let row = painter.frame.bounds.row(painter.frame.height - 1)
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      let prompt = painter.text(" " + prompt, x: row.x, y: row.y, .accent, .bold, maxWidth: row.width * 2 / 3)
      text.render(
        into: &painter.frame, area: row.inset(left: prompt, right: 1), theme: painter.theme, glyphs: painter.glyphs,
        background: .bar)
    }
    guard row.y > 0 else { return }
    let above = Rect(x: row.x, y: row.y - 1, width: row.width, height: 1)
    if !mistake.isEmpty {
      painter.fill(above, .bar)
      painter.on(.bar) { painter in
        _ = painter.text(" " + mistake, x: above.x, y: above.y, .warning, .bold, maxWidth: above.width)
      }
    } else if let help = help, completions.isEmpty {
      painter.fill(above, .bar)
      painter.on(.bar) { painter in
        _ = painter.text(" " + help, x: above.x, y: above.y, .faint, maxWidth: above.width)
      }
    } else if !completions.isEmpty {
      drawCompletions(in: above, on: &painter)
    }
  }

  // What is expected.
  private var help: String? {
    switch purpose {
    case .value(let hyperparameter): "\(hyperparameter.expectation). \(hyperparameter.specification.summary)"
    case .fork: "changes of the new lane as KEY=VALUE ..., such as learningRate=3e-4; enter forks"
    case .note: "a line of text that is kept in the run, on its charts and in its report; enter writes it"
    case .view(let help): help
    case .filter: "learningRate>0.01 state=running accuracy>97%, or a regular expression; esc shows all"
    case .forkTrial: "other values as [LANE.]KEY=VALUE ..., such as learningRate=3e-4; enter trains a copy with them"
    case .file: "the path of an experiment; `signflip presets show NAME` prints a template"
    case .field(.dataset): "a data set's name, or a folder: IDX, CIFAR, images, CSV"
    case .command, .field: nil
    }
  }

  private func drawCompletions(in row: Rect, on painter: inout Painter) {
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      var x = row.x + 1
      // The selected one and those after it are shown.
      let first = max(0, (completion ?? 0) - 2)
      for (index, text) in completions.enumerated().dropFirst(first) {
        let width = displayWidth(text)
        let rest = completions.count - index
        let note = "\(rest) more"
        // As many as fit, and the number of the rest.
        let room = rest > 1 ? displayWidth(note) + 2 : 0
        if x + width + room >= row.maxX {
          painter.text(note, x: x, y: row.y, .faint, maxWidth: row.maxX - x - 1)
          break
        }
        let isChosen = index == completion
        painter.text(text, x: x, y: row.y, isChosen ? .accent : .faint, isChosen ? .bold : [])
        x += width + 2
      }
      if purpose == .command, completions.count == 1, let help = usage {
        painter.text(help, x: x + 1, y: row.y, .faint, maxWidth: row.maxX - x - 2)
      }
    }
  }

  private var usage: String? {
    guard let name = completions.first?.split(separator: " ").first,
      let action = ActionTable.action(named: String(name))
    else { return nil }
    let definition = ActionTable.definition(of: action)
    return "\(definition.argument.map { $0 + "  " } ?? "")\(definition.help)"
  }
}

extension [String] {
  /// The common prefix of all strings.
  fileprivate var commonPrefix: String {
    guard var common = first else { return "" }
    for text in dropFirst() { common = String(zip(common, text).prefix { $0 == $1 }.map(\.0)) }
    return common
  }
}
