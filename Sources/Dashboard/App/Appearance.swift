package import TerminalUI

/// The colours and glyphs of the screen.
package struct Appearance: Sendable {
  /// The colours.
  package internal(set) var theme: Theme
  /// The theme's name in the library.
  package internal(set) var themeName: String
  /// The glyphs.
  package internal(set) var glyphs: GlyphSet
  /// Whether the terminal has said that it draws images, and whether the user allows it.
  var (terminalDrawsImages, allowsImages) = (false, true)
  /// Adapts a theme to the terminal.
  package var suited: @Sendable (Theme) -> Theme = { $0 }
  /// Adapts glyphs to the terminal: to those that it can show.
  var suitedGlyphs: @Sendable (GlyphSet) -> GlyphSet = { $0 }
  let library: ThemeLibrary

  init(theme: Theme, themeName: String, library: ThemeLibrary, glyphs: GlyphSet) {
    self.theme = theme
    self.themeName = themeName
    self.library = library
    self.glyphs = glyphs
  }

  /// Uses the glyphs of a setting, nil for the default, as far as the terminal can show them.
  mutating func useGlyphs(_ name: String?) { glyphs = suitedGlyphs(name.flatMap(GlyphSet.init(named:)) ?? .braille) }

  /// Whether images are drawn as such.
  var drawsImages: Bool { terminalDrawsImages && allowsImages }

  /// Applies a theme of the library.
  /// - Throws: `ThemeError`.
  mutating func show(_ name: String) throws { theme = suited(try library.theme(named: name)) }
}

// Actions of the whole program.

extension Dashboard {
  /// Uses the glyphs of a setting, nil for the default.
  /// - Parameter suited: adapts glyphs to the terminal, now and when the setting changes.
  package mutating func useGlyphs(_ name: String?, suited: @escaping @Sendable (GlyphSet) -> GlyphSet) {
    appearance.suitedGlyphs = suited
    appearance.useGlyphs(name)
  }

  /// `:theme [NAME]`: applies and saves the theme, or opens the theme picker.
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

  /// Keeps the current theme for the session. The user's file is never written.
  mutating func keepTheme(_ name: String) {
    appearance.themeName = name
    say("theme \(name) for this session; in the settings: theme: \(name)")
  }

  /// `:glyphs [NAME]`: applies these glyphs, or the next ones.
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

  /// Turns mouse input on or off. If it is off, the terminal handles the mouse.
  mutating func toggleMouse() {
    takesMouse.toggle()
    effects.append(.setMouse(takesMouse))
    say(takesMouse ? "mouse input is on" : "mouse input is off: drag to select text")
  }
}
