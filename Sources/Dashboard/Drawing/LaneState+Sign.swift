import EngineProtocol
import TerminalUI

extension LaneSnapshot.State {
  /// A sign, a word and a colour for how a lane stands.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    switch self {
    case .training: (String(glyphs.playing), "training", .good)
    case .validating: (String(glyphs.playing), "validating", .good)
    case .testing: (String(glyphs.playing), "testing", .good)
    case .paused: (String(glyphs.paused), "paused", .warning)
    case .finished: (String(glyphs.finished), "finished", .good)
    case .stopped: (String(glyphs.finished), "stopped", .warning)
    case .failed: (String(glyphs.failed), "failed", .bad)
    }
  }
}

extension LaneModel {
  /// A sign, a word and a colour for how the lane stands: as its engine says, unless that is gone.
  func sign(_ glyphs: GlyphSet) -> (glyph: String, word: String, role: ThemeRole) {
    if isOrphaned, !state.hasEnded { return (String(glyphs.failed), "no engine", .warning) }
    return state.sign(glyphs)
  }
}
