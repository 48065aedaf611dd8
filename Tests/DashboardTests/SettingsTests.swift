import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct SettingsTests {
  private func reading(_ yaml: String) -> SettingsReading {
    SettingsReading(yaml: yaml, path: "c.yaml", library: ThemeLibrary(searchPath: []))
  }

  @Test func everySettingIsRead() {
    let found = reading(
      """
      theme: terminal
      glyphs: ascii
      mouse: off
      screen: flips
      keys:
        pause: [space, F5]
        freeze: p
        quit: ["q", "Q"]
        down: "down"
        redo: []
        undo: ctrl-u
      """)
    #expect(found.problems == [])
    #expect(found.settings.theme == "terminal" && found.settings.glyphs == "ascii" && found.settings.mouse == false)
    #expect(found.settings.screen == .flips)
    #expect(found.settings.keys[.pause] == [.character(" "), .function(5)])
    #expect(found.settings.keys[.redo] == [] && found.settings.keys[.undo] == [.control("u")])
  }

  @Test(arguments: ["", "\n", "# nothing\n", "keys:\n", "keys: {}\n"])
  func anEmptyFileHasTheDefaults(_ yaml: String) {
    #expect(reading(yaml) == SettingsReading())
  }

  // Each with the line and what must be said.
  @Test(
    arguments: [
      ("- a", 1...1, "expected a mapping of theme, glyphs, images, mouse, screen, keys, found a list"),
      ("thme: nord", 1...1, "found “thme”; did you mean “theme”?"),
      ("theme: nrod", 1...1, "theme: no theme “nrod”"),
      ("theme: [a]", 1...1, "expected a theme's name or file, found a list"),
      (
        "mouse: on\nglyphs: brail", 2...2,
        "expected braille, blocks, console, ascii, found “brail”; did you mean “braille”?"
      ),
      ("mouse: perhaps", 1...1, "expected on or off, found “perhaps”"),
      ("screen: flip", 1...1, "did you mean “flips”?"),
      ("keys: p", 1...1, "expected a mapping of actions to keys, found “p”"),
      ("keys:\n  puase: p", 2...2, "expected an action, found “puase”; did you mean “pause”?"),
      ("keys:\n  xyzzy: p", 2...2, "signflip config show lists them"),
      ("keys:\n  pause: spce", 2...2, "expected a key such as p, space, ctrl-r, shift-left or F5, found “spce”"),
      ("keys:\n  pause:\n    - p\n    - F99", 4...4, "found “F99”"),
      ("keys:\n  pause: ctrl-c", 2...2, "always leads out"),
      ("keys:\n  pause: ctrl-m", 2...2, "expected enter"), ("keys:\n  pause:", 2...2, "[] for none, found nothing"),
      ("keys:\n  pause: {a: b}", 2...2, "found a mapping"),
      ("keys:\n  pause: p\n  freeze: p", 2...3, "p cannot be both freeze and pause in the same place"),
      ("keys:\n  quit: []", 2...2, "quit needs a key"), ("keys:\n  help: []", 2...2, "help needs a key"),
      ("keys:\n  command: []", 2...2, "command needs a key"),
      ("keys:\n  pause: \":\"", 1...2, "command needs a key"),
      ("keys:\n  pause: :", 2...2, "need quotes"), ("keys:\n  pause: [", 2...3, "need quotes"),
      ("mouse: on\nmouse: off", 1...2, "each setting once"),
    ] as [(String, ClosedRange<Int>, String)])
  func aMistakeIsNamedWithItsLine(_ yaml: String, _ lines: ClosedRange<Int>, _ words: String) throws {
    let found = reading(yaml)
    #expect(found.problems.count == 1)
    let problem = try #require(found.problems.first)
    #expect(problem.message.contains(words), "\(problem)")
    #expect(problem.line.map { lines.contains($0) } == true, "\(problem)")
    #expect(problem.description.hasPrefix("c.yaml:"))
  }

  @Test func validSettingsBesideAMistakeAreTaken() {
    let found = reading("screen: compare\nmouse: perhaps\nkeys:\n  freeze: z\n  puase: p\n")
    #expect(found.problems.map(\.line) == [2, 5])
    #expect(found.settings.screen == .compare && found.settings.keys == [.freeze: [.character("z")]])
    #expect(found.settings.mouse == nil)
  }

  @Test func theNameOfAKeyGivesTheKey() throws {
    let keys = Set(ActionTable.all.flatMap(\.keys)).subtracting([.control("c")])
    #expect(keys.count > 60)
    for key in keys { #expect(try Key(name: key.name) == key, "\(key)") }
    #expect(try Key(name: "^r") == .control("r") && Key(name: "C-r") == .control("r"))
    #expect(try Key(name: "PageUp") == .pageUp && Key(name: "f12") == .function(12))
  }

  // What `config show` prints is a file to start from, with the lines as they are or with every default written out.
  @Test func theShownSettingsAreRead() {
    var settings = Settings()
    settings.theme = "terminal"
    settings.mouse = false
    settings.keys = [.freeze: [.character("p"), .function(5)], .redo: [], .logScale: [.character("\"")]]
    let yaml = settings.yaml(path: "/home/a/config.yaml")
    #expect(reading(yaml).problems == [] && reading(yaml).settings == settings)
    let all = yaml.replacing(/(?m)^( *)# ([a-z-]+: )/) { "\($0.1)\($0.2)" }.replacing("\"ctrl-c\"", with: "f12")
      .replacing("ctrl-c", with: "f12")
    let whole = reading(all)
    #expect(whole.problems == [])
    #expect(whole.settings.keys.count == ActionTable.all.count && whole.settings.screen == .lanes)
    let (shown, standard) = (KeyMap(rebound: whole.settings.keys), KeyMap(rebound: settings.keys))
    for definition in ActionTable.all where definition.action != .quit {
      #expect(shown.keys(for: definition.action) == standard.keys(for: definition.action), "\(definition.name)")
    }
  }

  @Test func aReboundKeyIsTakenWhereItMeansSomethingElseOnly() {
    // `start` is an action of the launcher: the live screen's keys stay.
    let launcher = KeyMap(rebound: [.start: [.character("s")]])
    #expect(launcher.action(for: .character("s"), in: .launcher) == .start)
    #expect(launcher.action(for: .character("s"), in: .live) == .step)
    // A view's own key hides the general one only there.
    let local = KeyMap(rebound: [.percent: [.character("f")]])
    #expect(local.action(for: .character("f"), in: .live, view: .predictions) == .percent)
    #expect(local.action(for: .character("f"), in: .live, view: .lanes) == .freeze)
    // A general key is free everywhere.
    let general = KeyMap(rebound: [.freeze: [.character("%")]])
    #expect(general.action(for: .character("%"), in: .live, view: .predictions) == .freeze)
    #expect(KeyMap.refusal(of: [.percent: [.character("q")]]) == nil)
    #expect(
      KeyMap.refusal(of: [.percent: [.character(":")]])?.1 == "command needs a key, and has none on the screen predict")
  }

  @Test func hintsAndHelpShowTheUsersKeys() {
    var settings = Settings()
    settings.keys = [.pause: [.function(5)], .help: [.function(1)], .step: [.character("z")]]
    settings.screen = .compare
    var harness = Harness(settings: settings)
    harness.engine.makeReady()
    harness.train(50)
    #expect(harness.dashboard.live.screen == .compare)
    #expect(harness.screen().contains("F1 help") && harness.screen().contains("F5 pause"))
    harness.command("help pause")
    #expect(harness.screen().contains("F5        :pause"))
    harness.press(.escape, .escape, .function(5))
    harness.poll()
    #expect(harness.engine.commands.last == .pause(.all))
    harness.command("flips")
    harness.press(.escape)
    #expect(harness.dashboard.live.screen == .compare)
    harness.command("resume")
    harness.press(.character("z"))
    #expect(harness.dashboard.toast?.text == "paused; now z does one update")
  }

  @Test func aChangedFileIsAppliedAndABadOneIsNot() {
    var harness = Harness.training(20)
    harness.command("theme monochrome")
    harness.dashboard.change(to: reading("glyphs: ascii\nmouse: off\nkeys: {freeze: z}\n"))
    #expect(harness.dashboard.toast?.text == "settings changed")
    #expect(harness.dashboard.appearance.glyphs.name == "ascii" && !harness.dashboard.takesMouse)
    // The theme chosen in the session stays, as the file says nothing of it.
    #expect(harness.dashboard.appearance.themeName == "monochrome")
    harness.press(.character("z"))
    #expect(harness.dashboard.live.frozen != nil)
    let before = harness.dashboard.settings
    harness.dashboard.change(to: reading("theme: terminal\nkeys: {quit: []}\n"))
    #expect(harness.dashboard.settings == before && harness.dashboard.appearance.themeName == "monochrome")
    #expect(harness.dashboard.toast?.text.hasPrefix("settings not changed: c.yaml:2: keys: quit needs a key") == true)
    harness.dashboard.change(to: reading("theme: terminal\n"))
    #expect(
      harness.dashboard.appearance.themeName == "terminal" && harness.dashboard.appearance.glyphs.name == "braille")
    #expect(harness.dashboard.takesMouse && harness.dashboard.keyMap.keys(for: .freeze) == [.character("f")])
    // The command line wins.
    harness.dashboard.hasFixedTheme = true
    harness.dashboard.change(to: reading("theme: monochrome\n"))
    #expect(harness.dashboard.appearance.themeName == "terminal")
  }
}
