package import TerminalUI

/// How the screen looks: colours and glyphs.
package struct Appearance: Sendable {
  /// The colours.
  package internal(set) var theme: Theme
  /// The theme's name in the library.
  package internal(set) var themeName: String
  /// The glyphs.
  package internal(set) var glyphs: GlyphSet
  /// Makes of a theme what the terminal can show.
  package var suited: @Sendable (Theme) -> Theme = { $0 }
  let library: ThemeLibrary

  init(theme: Theme, themeName: String, library: ThemeLibrary, glyphs: GlyphSet) {
    self.theme = theme
    self.themeName = themeName
    self.library = library
    self.glyphs = glyphs
  }

  /// Shows a theme of the library.
  /// - Throws: `ThemeError`.
  mutating func show(_ name: String) throws { theme = suited(try library.theme(named: name)) }
}

// The actions of the whole program.

extension Dashboard {
  /// `:theme [NAME]`: shows that theme and keeps it, else the themes to choose from.
  mutating func chooseTheme(_ name: String?) {
    guard let name else {
      var picker = ThemePicker(
        names: appearance.library.themes().map(\.name), current: appearance.themeName, original: appearance.theme)
      picker.preview(&self)
      return open(picker)
    }
    do {
      try appearance.show(name)
      keepTheme(name)
    } catch {
      say("\(error)", .warning)
    }
  }

  /// Keeps the theme that is shown.
  mutating func keepTheme(_ name: String) {
    appearance.themeName = name
    effects.append(.themeChosen(name))
    say("theme \(name)")
  }

  /// `:glyphs [NAME]`: those glyphs, else the next ones.
  mutating func chooseGlyphs(_ name: String?) {
    if let name {
      guard let set = GlyphSet(named: name) else {
        let names = GlyphSet.all.map(\.name).joined(separator: ", ")
        return say("glyphs: expected \(names), found “\(name)”", .warning)
      }
      appearance.glyphs = set
    } else {
      let place = GlyphSet.all.firstIndex { $0.name == appearance.glyphs.name } ?? 0
      appearance.glyphs = GlyphSet.all[(place + 1) % GlyphSet.all.count]
    }
    say("glyphs \(appearance.glyphs.name)")
  }

  /// Takes the mouse, or leaves it to the terminal.
  mutating func toggleMouse() {
    takesMouse.toggle()
    effects.append(.setMouse(takesMouse))
    say(takesMouse ? "the mouse works here" : "the mouse is the terminal's: drag to select text")
  }
}
