import EngineProtocol
import TerminalUI

/// What the engine is doing to a lane besides training it: what, to which lane, how far, and whether training is held.
struct WorkLine {
  private let context: ViewContext

  init(_ context: ViewContext) { self.context = context }

  /// The line; nil if the engine does nothing, or something other than `kind`.
  /// - Parameters:
  ///   - kind: the work that is of interest; nil for any.
  ///   - lane: the lane that is shown, whose name need not be repeated.
  func pieces(
    _ painter: Painter, width: Int, _ kind: DeploymentFailure.Work? = nil, of lane: String
  ) -> [StyledText]? {
    guard let work = context.model.snapshot.deployment, kind == nil || work.work == kind else { return nil }
    var line = [painter.piece("\(painter.glyphs.playing) ", .accent)]
    if work.holdsTraining { line.append(painter.piece(width >= 44 ? "training is held: " : "held: ", .warning, .bold)) }
    let words = work.note.isEmpty ? work.work.rawValue : work.note
    line.append(painter.piece(work.lane == lane ? words : "\(work.lane): \(words)", .accent))
    if let progress = work.progress { line.append(painter.piece("  \(Int(progress * 100)) %")) }
    return line
  }
}
