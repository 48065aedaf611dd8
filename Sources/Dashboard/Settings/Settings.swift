package import TerminalUI

/// The user's settings, from `config.yaml`. What is nil was not set, and has its default.
package struct Settings: Hashable, Sendable {
  /// A theme's name, or the path of its file.
  package var theme: String?
  /// The name of a glyph set.
  package var glyphs: String?
  /// Whether mouse input is on.
  package var mouse: Bool?
  /// Whether images are drawn as such where the terminal can.
  package var images: Bool?
  /// The screen of a training that is shown first.
  package var screen: Action?
  /// The keys of actions; an empty list unbinds an action.
  package var keys: [Action: [Key]] = [:]

  /// The defaults.
  package init() {}

  /// The names of the settings in the file.
  package static let names = ["theme", "glyphs", "images", "mouse", "screen", "keys"]
}

/// A setting that was ignored: what is wrong where.
package struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  package var path: String
  /// The line, from 1; nil if the whole file is meant.
  package var line: Int?
  /// What was expected, and what was found.
  package var message: String

  /// A problem at a line of a file.
  package init(path: String, line: Int?, message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  package var description: String { line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)" }
}

/// What a settings file says: the settings that are valid, and what was ignored.
package struct SettingsReading: Hashable, Sendable {
  /// The valid settings; the others have their defaults.
  package var settings = Settings()
  /// What was ignored, in the order of the file.
  package var problems: [SettingsProblem] = []

  /// The defaults.
  package init() {}
}

extension Dashboard {
  /// Allows images, or draws blocks instead.
  package mutating func allowImages(_ areAllowed: Bool) { appearance.allowsImages = areAllowed }

  /// Applies settings to those parts that differ from the settings so far, so that choices made in the session are kept.
  /// - Parameter reading: the settings of the file, which has changed. With a problem nothing is applied, and the
  ///   footer says why.
  package mutating func change(to reading: SettingsReading) {
    if let problem = reading.problems.first {
      let more = reading.problems.count > 1 ? " (and \(reading.problems.count - 1) more)" : ""
      return say("settings not changed: \(problem)\(more)", .warning)
    }
    let old = settings
    settings = reading.settings
    guard settings != old else { return }
    if settings.keys != old.keys { keyMap = KeyMap(rebound: settings.keys) }
    if settings.glyphs != old.glyphs { appearance.useGlyphs(settings.glyphs) }
    if settings.images != old.images { appearance.allowsImages = settings.images ?? true }
    if settings.mouse != old.mouse {
      takesMouse = settings.mouse ?? true
      effects.append(.setMouse(takesMouse))
    }
    if settings.screen != old.screen { live.home = settings.screen ?? live.tabs[0].action }
    say("settings changed", .good)
    if settings.theme != old.theme, !hasFixedTheme {
      do {
        let choice = try appearance.library.theme(chosen: settings.theme)
        appearance.theme = appearance.suited(choice.theme)
        appearance.themeName = choice.name
      } catch {
        say("theme not changed: \(error)", .warning)
      }
    }
  }

  /// Says in the footer what was ignored when the program started.
  package mutating func report(_ problems: [SettingsProblem]) {
    guard let problem = problems.first else { return }
    let more = problems.count > 1 ? " (and \(problems.count - 1) more: signflip config check)" : ""
    say("ignored: \(problem)\(more)", .warning)
  }
}

extension ThemeLibrary {
  /// The theme of a setting: a name, or a path, which contains “/” or ends in .yaml or .yml; nil for the default.
  /// - Throws: `ThemeError`.
  package func theme(chosen choice: String?) throws(ThemeError) -> (theme: Theme, name: String) {
    guard let choice else { return (.standard, Theme.standard.name) }
    if choice.contains("/") || choice.hasSuffix(".yaml") || choice.hasSuffix(".yml") {
      let theme = try Theme.load(contentsOf: LineEntry.expanded(choice))
      return (theme, theme.name)
    }
    return (try theme(named: choice), choice)
  }
}
