import TerminalUI

/// When the screen is drawn anew, and how much of it: points move the charts only, and words cost more than curves.
package struct FrameSchedule: Sendable {
  /// In how many frames, one after the other, all lanes' charts are drawn.
  static let turns = 2
  /// The least time between two pictures of figures that only tell of progress, in seconds: who reads them needs it, and
  /// each costs a slow line more than the curves do.
  package static let figureInterval = 0.5
  /// The least time between two pictures of curves, in seconds: a curve's tip that moves more often tells no more.
  package static let curveInterval = 0.05

  /// Whether the whole screen is to be drawn anew.
  package var isDue = true
  /// Whether figures have come that only tell of progress.
  var hasNewFigures = false
  /// Which lanes' charts are drawn in the next frame of charts.
  private(set) var turn = 0
  private var turnsLeft = 0
  private var figureTime = -Double.infinity
  private var curveTime = -Double.infinity

  /// Whether points have come, which only the charts show, and not all lanes' charts show them yet.
  package var hasNewPoints: Bool { turnsLeft > 0 }
  /// Whether it is time to draw them.
  func areCurvesDue(now: Double) -> Bool { hasNewPoints && now >= curveTime + Self.curveInterval }
  /// When newer figures or curves are to be drawn; nil where there are none.
  var deadline: Double? {
    [
      hasNewFigures ? figureTime + Self.figureInterval : nil, hasNewPoints ? curveTime + Self.curveInterval : nil,
    ].compactMap(\.self).min()
  }

  /// Takes in that points have come.
  mutating func havePointsCome() { turnsLeft = Self.turns }
  /// Takes in that time has passed.
  mutating func tick(now: Double) { if hasNewFigures, now >= figureTime + Self.figureInterval { isDue = true } }
  /// Takes in that the charts of one turn are drawn.
  mutating func didDrawCharts(now: Double) {
    turnsLeft -= 1
    curveTime = now
    turn = (turn + 1) % Self.turns
  }
  /// Takes in that the whole screen is drawn.
  mutating func didDraw(now: Double) {
    (isDue, turnsLeft) = (false, 0)
    (hasNewFigures, figureTime, curveTime) = (false, now, now)
  }
}

/// What a frame leaves: what stands where, and what the next one can go on from.
struct DrawnFrame: Sendable {
  /// What stands where, for the mouse.
  var hits = HitMap()
  var memory = DrawingMemory()
  var frame: Frame?
  /// How the live screen was divided.
  var layout: LiveLayout?

  /// Takes the memory away, not a copy: the painter alone has it, and changes it where it stands.
  mutating func takeMemory() -> DrawingMemory {
    defer { memory = DrawingMemory() }
    return memory
  }
}
