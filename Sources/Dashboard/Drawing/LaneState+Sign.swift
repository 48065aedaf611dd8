import EngineProtocol
import TerminalUI

extension LaneSnapshot.State {
  /// Whether the lane trains, or looks how well it does.
  var isWorking: Bool { self == .training || self == .validating || self == .testing }

  /// A sign, a word and a colour for how a lane stands.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    switch self {
    case .training: (String(glyphs.playing), "training", .good)
    case .validating: (String(glyphs.playing), "validating", .good)
    case .testing: (String(glyphs.playing), "testing", .good)
    case .paused: (String(glyphs.paused), "paused", .warning)
    case .waiting: (String(glyphs.paused), "waiting", .accent)
    case .finished: (String(glyphs.finished), "finished", .good)
    case .stopped: (String(glyphs.stopped), "stopped", .warning)
    case .failed: (String(glyphs.failed), "failed", .bad)
    }
  }
}

extension LaneModel {
  /// How wide the sign's word may become while the lane goes on: what stands beside it keeps its place.
  func signWidth(_ glyphs: GlyphSet) -> Int {
    let widest = absence == nil && state.isWorking ? LaneSnapshot.State.validating.sign(glyphs) : sign(glyphs)
    return displayWidth(widest.word)
  }

  /// A sign, a word and a colour for how the lane stands: as its engine says, unless that is gone.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    // A lane that was put aside says that it stopped; one that has ended has a result.
    guard let absence, result == nil else { return state.sign(glyphs) }
    return switch absence {
    case .lost: (String(glyphs.failed), "no engine", .warning)
    case .suspended: (String(glyphs.paused), "suspended", .warning)
    case .resuming: (String(glyphs.separator), "resuming", .accent)
    }
  }
}
