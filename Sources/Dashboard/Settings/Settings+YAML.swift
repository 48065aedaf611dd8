import EngineProtocol
import Foundation
package import TerminalUI
import Yams

extension SettingsReading {
  /// Reads a settings file. A file that does not exist is empty.
  /// - Parameters:
  ///   - path: the file.
  ///   - library: the themes that can be named.
  package init(contentsOf path: String, library: ThemeLibrary) {
    self.init()
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      // A file of settings is short; a device or a film is not one.
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      guard size <= 1_000_000 else {
        problems = [.init(path: path, line: nil, message: "expected at most 1,000,000 bytes, found \(size)")]
        return
      }
      self = SettingsReading(yaml: try String(contentsOfFile: path, encoding: .utf8), path: path, library: library)
    } catch {
      let found =
        FileManager.default.isReadableFile(atPath: path) ? "something else" : "a file that cannot be read"
      problems = [.init(path: path, line: nil, message: "expected YAML in UTF-8, found \(found)")]
    }
  }

  /// Reads settings from text.
  /// - Parameter path: names the file in problems.
  package init(yaml: String, path: String, library: ThemeLibrary) {
    self.init()
    let root: Node?
    do {
      root = try Yams.compose(yaml: yaml)
    } catch {
      let (line, words) = Self.words(of: error)
      problems = [.init(path: path, line: line, message: words)]
      return
    }
    guard let root, !root.isEmptyScalar else { return }
    var reader = SettingsReader(path: path, library: library)
    reader.read(root)
    (settings, problems) = (reader.settings, reader.problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
  }

  // The line, and what is wrong there. Most faults of syntax are keys that need quotes.
  private static func words(of error: any Error) -> (line: Int?, String) {
    let advice = "keys such as \":\" and \"?\" need quotes"
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
      .composer(_, let problem, let mark, _)?:
      return (mark.line, "expected YAML, found a fault: \(problem); \(advice)")
    case .duplicatedKeysInMapping(let duplicates, let context)?:
      return (context.mark.line, "expected each setting once, found several of \(duplicates.joined(separator: ", "))")
    default: return (nil, "expected YAML; \(advice)")
    }
  }
}

extension Node {
  fileprivate var isEmptyScalar: Bool { scalar?.string.isEmpty == true }
  /// What it is, for messages.
  fileprivate var words: String {
    if let text = scalar?.string { return text.isEmpty ? "nothing" : "“\(text)”" }
    return sequence != nil ? "a list" : "a mapping"
  }
}

/// Reads settings from YAML nodes, and collects what is wrong.
private struct SettingsReader {
  let path: String
  let library: ThemeLibrary
  var settings = Settings()
  var problems: [SettingsProblem] = []

  mutating func read(_ root: Node) {
    guard let mapping = root.mapping else {
      return fault(root, "expected a mapping of \(Settings.names.joined(separator: ", ")), found \(root.words)")
    }
    for (key, value) in mapping {
      switch key.scalar?.string ?? "" {
      case "theme": readTheme(value)
      case "glyphs": readGlyphs(value)
      case "images": settings.images = readSwitch(value, of: "images")
      case "mouse": settings.mouse = readSwitch(value, of: "mouse")
      case "screen": readScreen(value)
      case "keys": readKeys(value)
      case let name:
        let names = Settings.names
        fault(
          key,
          "expected \(names.joined(separator: ", ")), found “\(name)”" + NearestName.question(name, among: names))
      }
    }
  }

  private mutating func fault(_ node: Node, _ message: String) {
    problems.append(SettingsProblem(path: path, line: node.mark?.line, message: message))
  }

  // MARK: Appearance

  private mutating func readTheme(_ value: Node) {
    guard let name = value.scalar?.string, !name.isEmpty else {
      return fault(value, "theme: expected a theme's name or file, found \(value.words)")
    }
    let isRelativeFile = name.hasSuffix(".yaml") && !name.hasPrefix("/") && !name.hasPrefix("~")
    let folder = (path as NSString).deletingLastPathComponent
    // Relative to the file of settings, wherever the program is started.
    let choice = isRelativeFile && !folder.isEmpty ? folder + "/" + name : name
    do {
      _ = try library.theme(chosen: choice)
      settings.theme = choice
    } catch {
      fault(value, "theme: \(error)")
    }
  }

  private mutating func readGlyphs(_ value: Node) {
    let names = GlyphSet.all.map(\.name)
    guard let name = value.scalar?.string, names.contains(name) else {
      let near = NearestName.question(value.scalar?.string ?? "", among: names)
      return fault(value, "glyphs: expected \(names.joined(separator: ", ")), found \(value.words)\(near)")
    }
    settings.glyphs = name
  }

  private mutating func readSwitch(_ value: Node, of name: String) -> Bool? {
    switch value.scalar?.string.lowercased() {
    case "on", "true", "yes": return true
    case "off", "false", "no": return false
    default:
      fault(value, "\(name): expected on or off, found \(value.words)")
      return nil
    }
  }

  private mutating func readScreen(_ value: Node) {
    let names = LiveViews.all.map { $0.tab.title }
    guard let name = value.scalar?.string, names.contains(name) else {
      let near = NearestName.question(value.scalar?.string ?? "", among: names)
      return fault(value, "screen: expected \(names.joined(separator: ", ")), found \(value.words)\(near)")
    }
    settings.screen = Action(name)
  }

  // MARK: Keys

  private mutating func readKeys(_ value: Node) {
    if value.isEmptyScalar { return }
    guard let mapping = value.mapping else {
      return fault(value, "keys: expected a mapping of actions to keys, found \(value.words)")
    }
    var keys: [Action: [Key]] = [:]
    var lines: [Action: Int] = [:]
    for (name, value) in mapping {
      let word = name.scalar?.string ?? ""
      guard let action = ActionTable.action(named: word) else {
        let near = NearestName.question(word, among: ActionTable.all.map(\.name))
        let end = near.isEmpty ? "; signflip config show lists them" : near
        fault(name, "keys: expected an action, found “\(word)”\(end)")
        continue
      }
      lines[action] = name.mark?.line
      guard let found = readKeys(value, of: word) else { continue }
      keys[action] = found
    }
    // Keys are taken together: one of them alone may take a key that the others free.
    guard let (action, reason) = KeyMap.refusal(of: keys) else { return settings.keys = keys }
    problems.append(SettingsProblem(path: path, line: lines[action] ?? value.mark?.line, message: "keys: \(reason)"))
  }

  // A key, or a list of keys; nil after a fault.
  private mutating func readKeys(_ value: Node, of action: String) -> [Key]? {
    let nodes: [Node] = value.sequence.map(Array.init) ?? [value]
    var keys: [Key] = []
    for node in nodes {
      guard let name = node.scalar?.string, !name.isEmpty else {
        fault(node, "keys: \(action): expected a key, a list of keys, or [] for none, found \(node.words)")
        return nil
      }
      do {
        let key = try Key(name: name)
        if !keys.contains(key) { keys.append(key) }
      } catch {
        fault(node, "keys: \(action): \(error.message)")
        return nil
      }
    }
    return keys
  }
}

extension Settings {
  /// The settings as a file to start from: what is set, and every other setting as a comment with its default.
  /// - Parameter path: the file, which the first line names.
  package func yaml(path: String) -> String {
    func line(_ name: String, _ value: String?, _ standard: String, _ help: String) -> String {
      let text = "\(value == nil ? "# " : "")\(name): \(Self.quoted(value ?? standard))"
      return Self.padded(text, 32) + "# " + help
    }
    let screens = LiveViews.all.map { $0.tab.title }.joined(separator: ", ")
    var lines = [
      "# The settings of signflip; its file is \(path).",
      "# Lines that begin with # are defaults. Changes apply at once, also in open screens.",
      "",
      line("theme", theme, Theme.standard.name, "a name of `signflip themes`, or a YAML file"),
      line("glyphs", glyphs, GlyphSet.braille.name, GlyphSet.all.map(\.name).joined(separator: ", ")),
      line("images", images.map { $0 ? "on" : "off" }, "on", "on, off: images of weights by Kitty's graphics protocol"),
      line("mouse", mouse.map { $0 ? "on" : "off" }, "on", "on, off"),
      line("screen", screen?.rawValue, LiveViews.all[0].tab.title, "shown first: \(screens)"),
      "", "# A key, a list of keys, or [] for none: p, space, ctrl-r, shift-left, F5. A key that is given to an action",
      "# loses its former one.", "keys:",
    ]
    let map = KeyMap(rebound: keys)
    for group in ActionGroup.allCases {
      lines.append("  # \(group.rawValue)")
      for definition in ActionTable.all where definition.group == group {
        let names = map.keys(for: definition.action).map { Self.quoted($0.name) }
        let value = names.count == 1 ? names[0] : "[\(names.joined(separator: ", "))]"
        let text = "  \(keys[definition.action] == nil ? "# " : "")\(definition.name): \(value)"
        lines.append(Self.padded(text, 40) + "# " + definition.help)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  // Letters and digits are plain in YAML, at least as the reader above takes them.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "." || $0 == "/") }
    if isPlain, text.first?.isLetter == true || text.first?.isNumber == true { return text }
    return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
