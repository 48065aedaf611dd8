import Dashboard
import EngineProtocol
import TerminalUI

/// A dashboard with a fake engine and a simulated clock. Works like the run loop, but never waits.
struct Harness: KeyPressing {
  var dashboard: Dashboard
  private(set) var engine: FakeEngine
  var now = 0.0
  /// All effects so far that are not commands.
  private(set) var effects: [Effect] = []
  var width = 120
  var height = 40

  init(
    _ fixture: Fixture = .pair, mode: Dashboard.Beginning = .watching,
    answersAtOnce: Bool = true, settings: Settings = Settings(), glyphs: GlyphSet = .braille, theme: Theme = .standard,
    canLeave: Bool = false, isRecording: Bool = false
  ) {
    engine = FakeEngine(fixture, answersAtOnce: answersAtOnce)
    dashboard = Dashboard(
      beginning: mode, theme: theme, themeName: "signflip", library: ThemeLibrary(searchPath: []), glyphs: glyphs,
      settings: settings, canLeave: canLeave, isRecording: isRecording)
    dashboard.clockZero = 1_764_000_000
    // The training was started by another client.
    if case .watching = mode { engine.send(.start(.init(source: .preset("fashion-quick")))) }
    perform(dashboard.begin())
    poll()
  }

  /// A dashboard whose lanes have made a number of updates.
  static func training(
    _ steps: Int = 600, _ fixture: Fixture = .pair, glyphs: GlyphSet = .braille, theme: Theme = .standard
  ) -> Harness {
    var harness = Harness(fixture, glyphs: glyphs, theme: theme)
    harness.engine.makeReady()
    harness.train(steps)
    return harness
  }

  /// A dashboard whose binary lane trained 1,700 steps, was rewound to its checkpoint at 1,172, and then trained this
  /// number of steps.
  static func rewound(_ steps: Int = 300, glyphs: GlyphSet = .braille, theme: Theme = .standard) -> Harness {
    var harness = Harness(glyphs: glyphs, theme: theme)
    harness.engine.makeReady()
    harness.train(540)
    harness.engine.checkpoint()
    harness.train(632)
    harness.engine.checkpoint(.best)
    harness.train(528)
    harness.command("rewind binary 1172")
    harness.press(.character("y"))
    harness.train(steps)
    return harness
  }

  /// Replaces the lost engine by another.
  mutating func resume(_ engine: FakeEngine) {
    self.engine = engine
    dashboard.didResume()
    poll()
  }

  /// The screen of two lanes that are training.
  static func screenOfAPair(_ width: Int, _ height: Int) -> String {
    var harness = training(40)
    return harness.screen(width, height)
  }

  /// A dashboard in the launcher.
  static var launcher: Harness { Harness(mode: .launcher(dataDirectory: nil)) }

  mutating func train(_ steps: Int) {
    engine.train(steps)
    poll()
  }

  /// Processes the engine's messages and due timers.
  mutating func poll() {
    perform(dashboard.consume(engine.events(after: dashboard.model.cursor), engine.snapshot(), now: now))
    perform(dashboard.tick(now: now))
  }

  mutating func wait(_ seconds: Double) {
    now += seconds
    poll()
    poll()
  }

  /// Types a `:` command and Enter.
  mutating func command(_ text: String) {
    press(.character(":"))
    type(text)
    press(.enter)
    poll()
  }

  /// The current frame.
  mutating func frame() -> Frame { dashboard.render(width: width, height: height) }

  /// The current frame as text.
  mutating func screen(_ width: Int? = nil, _ height: Int? = nil) -> String {
    FrameText.plain(dashboard.render(width: width ?? self.width, height: height ?? self.height))
  }

  mutating func perform(_ effects: [Effect]) {
    for effect in effects {
      if case .send(let command, let id) = effect {
        engine.send(command, as: id)
      } else {
        self.effects.append(effect)
      }
    }
  }
}
