import EngineProtocol
import Foundation
import TerminalUI

// The line at the foot of the screen: commands, values, filters, paths.

extension Dashboard {
  /// Begins to type a value of the launcher's form.
  mutating func beginTyping(_ field: LauncherField, text: String) {
    let prompt =
      switch field {
      case .dataset: "data set, by name or folder"
      case .epochs: "epochs"
      case .seed: "seed"
      case .batchSize: "batch"
      case .lane(let name): "learning rate of \(name)"
      }
    overlay = .entry(LineEntry(.field(field), prompt: prompt + " ", text: text))
  }

  /// Takes in a key while a line is typed.
  mutating func handle(_ key: Key, in entry: LineEntry) {
    var entry = entry
    switch key {
    case .escape:
      overlay = nil
      if entry.purpose == .filter { journalFilter = "" }
      return
    case .enter: return submit(entry)
    case .tab: complete(&entry, by: 1)
    case .backTab: complete(&entry, by: -1)
    case .up where entry.purpose == .command: recall(&entry, by: -1)
    case .down where entry.purpose == .command: recall(&entry, by: 1)
    case .backspace where entry.text.text.isEmpty:
      overlay = nil
      return
    case .character where entry.text.isFull:
      guard entry.mistake.isEmpty else { return }
      entry.mistake = "a line takes \(NumberFormat.grouped(TextField.limit)) characters: what comes now is left out"
    default:
      guard entry.text.handle(key) else { return }
      entry.mistake = ""
      hasChanged(&entry)
    }
    overlay = .entry(entry)
  }

  /// Takes in a text that was pasted while a line is typed, and says what of it was left out.
  mutating func paste(_ pasted: PastedText, into entry: LineEntry) {
    var entry = entry
    let omitted = entry.text.insert(pasted.text) + pasted.omitted
    entry.mistake =
      omitted == 0
      ? ""
      : "a line takes \(NumberFormat.grouped(TextField.limit)) characters: "
        + "\(NumberFormat.grouped(omitted)) of the pasted ones were left out"
    hasChanged(&entry)
    overlay = .entry(entry)
  }

  private mutating func hasChanged(_ entry: inout LineEntry) {
    entry.completion = nil
    entry.completions = completions(of: entry)
    if entry.purpose == .filter {
      journalFilter = entry.text.text
      journalPosition = .end
    }
  }

  /// The whole lines that the typed one may go on as.
  func completions(of entry: LineEntry) -> [String] {
    // No command is so long; text pasted as keys may be, and is looked at after each of them.
    guard entry.text.count <= 500 else { return [] }
    return switch entry.purpose {
    case .command:
      CommandParser.completions(
        of: entry.text.text, in: context, lanes: model.lanes, themes: library.themes().map(\.name))
    case .field(.dataset):
      if case .launcher(let launcher) = mode {
        (launcher.catalog?.datasets.map(\.name) ?? []).filter { $0.hasPrefix(entry.text.text) }
      } else {
        []
      }
    case .value(let hyperparameter):
      if case .choice(let words) = hyperparameter.specification.scale {
        words.filter { $0.hasPrefix(entry.text.text) }
      } else {
        []
      }
    case .fork(let checkpoint):
      CommandParser.settings(
        endingIn: entry.text.text, of: model.lanes.filter { $0.name == checkpoint.lane })
    case .filter, .file, .field: []
    }
  }

  private mutating func complete(_ entry: inout LineEntry, by step: Int) {
    if entry.completion == nil { entry.completions = completions(of: entry) }
    guard !entry.completions.isEmpty else { return }
    // First what all of them have in common; then one after the other.
    let common = entry.completions.commonPrefix
    if step > 0, entry.completion == nil, entry.completions.count > 1, common.count > entry.text.text.count {
      entry.text = TextField(common)
      entry.completions = completions(of: entry)
      return
    }
    let count = entry.completions.count
    let next = entry.completion.map { ($0 + step + count) % count } ?? (step > 0 ? 0 : count - 1)
    entry.completion = next
    entry.text = TextField(entry.completions[next])
  }

  private mutating func recall(_ entry: inout LineEntry, by step: Int) {
    let place = (entry.recalled ?? commandHistory.count) + step
    guard place >= 0, place <= commandHistory.count else { return }
    entry.recalled = place
    entry.text = TextField(place < commandHistory.count ? commandHistory[place] : "")
    entry.completion = nil
    entry.completions = completions(of: entry)
  }

  private mutating func submit(_ entry: LineEntry) {
    let text = entry.text.text.trimmingCharacters(in: .whitespaces)
    do {
      overlay = nil
      switch entry.purpose {
      case .command:
        if text.isEmpty { return }
        let invocation = try CommandParser.parse(text, in: context)
        if commandHistory.last != text { commandHistory.append(text) }
        perform(invocation)
      case .value(let hyperparameter): try set(hyperparameter, to: hyperparameter.parse(text), in: focus)
      case .fork(let checkpoint):
        try fork(checkpoint, changing: text.split(separator: " ").map(String.init))
      case .filter: journalFilter = text
      case .file: open(text)
      case .field(let field):
        guard case .launcher(var launcher) = mode else { return }
        try launcher.type(text, into: field)
        mode = .launcher(launcher)
      }
    } catch {
      var entry = entry
      entry.mistake = "\(error)"
      overlay = .entry(entry)
    }
  }

  /// Takes a YAML file as the experiment; `~` is the home folder.
  mutating func open(_ path: String) {
    guard case .launcher(var launcher) = mode else { return }
    guard !path.isEmpty else { return }
    let path = (path as NSString).expandingTildeInPath
    guard FileManager.default.isReadableFile(atPath: path) else {
      return say("\(path): expected a YAML file, found nothing that can be read", .warning)
    }
    launcher.open(path)
    mode = .launcher(launcher)
  }
}

extension [String] {
  /// What all of them begin with.
  fileprivate var commonPrefix: String {
    guard var common = first else { return "" }
    for text in dropFirst() { common = String(zip(common, text).prefix { $0 == $1 }.map(\.0)) }
    return common
  }
}
