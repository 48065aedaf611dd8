import EngineProtocol
import TerminalUI
import TrainingMetrics

// The parts around the shown view of a sweep: status, tabs, footer.

extension Dashboard {
  /// Draws the screen of a sweep.
  mutating func drawSweep(on painter: inout Painter) {
    guard var screen = sweep else { return }
    let bounds = painter.frame.bounds
    SweepStatusBar(sweep: screen.model).draw(in: bounds.row(0), on: &painter)
    var body = bounds.inset(top: 1)
    if bounds.height >= 7 {
      TabBar(tabs: screen.tabs, shown: screen.screen, keyMap: keyMap, notes: notes(screen.model, painter)).draw(
        in: bounds.row(1), on: &painter)
      body = body.inset(top: 1)
    }
    if bounds.height >= 4 { body = body.inset(bottom: 1) }
    screen.withView { $0.draw(in: body, $1, on: &painter) }
    if bounds.height >= 4 {
      footer(viewContext, on: nil).draw(in: bounds.row(bounds.height - 1), on: &painter)
    } else if let toast {
      painter.text(toast.text, x: 0, y: bounds.height - 1, toast.weight.role, maxWidth: bounds.width)
    }
    sweep = screen
  }

  // What hides trials, otherwise the folder where it leaves room for the tabs' whole titles.
  private func notes(_ model: SweepModel, _ painter: Painter) -> [[StyledText]] {
    if let problem = model.snapshot.problem { return [[painter.piece(problem, .warning)]] }
    guard !model.filter.isEmpty else { return [[painter.piece(model.snapshot.path, .faint)], []] }
    let count = "\(model.visible.count) of \(model.snapshot.trials.count)"
    return [
      [painter.piece("\(count) trials with “\(model.filter.text)”", .accent)], [painter.piece(count, .accent)],
    ]
  }

  /// Adds the hints of a sweep's screen.
  func addSweepHints(to list: inout HintList) {
    guard let screen = sweep else { return }
    if !screen.model.filter.isEmpty { list.add(.back, "all trials") }
    list.add(.openTrial)
    if let title = screen.view.turnTitle { list.add(.previousColumn, .nextColumn, title) }
    if type(of: screen.view) == TrialsView.self { list.add(.sort) }
    list.add(.color)
    list.add(.axisScale)
    list.add(.filterTrials)
    list.add(.promote)
    list.add(.stopTrial)
    list.add(.mark)
    list.add(.unmarkAll)
    list.add(.forkTrial)
    list.add(.nextScreen)
    list.add(.theme)
  }
}

/// The first row of a sweep's screen: its name, its state and its progress.
struct SweepStatusBar {
  let sweep: SweepModel

  private var snapshot: SweepSnapshot { sweep.snapshot }

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      // The forms of the right end, from the longest to the shortest; the name needs some columns.
      let sizes: [(bar: Int, parts: Int)] = [(20, 4), (12, 4), (8, 3), (0, 3), (0, 2), (0, 1)]
      let forms = sizes.map { self.right(bar: $0.bar, parts: $0.parts, painter) }
      let name = min(displayWidth(snapshot.name), 24) + 3
      let shortest = self.right(bar: 0, parts: 0, painter)
      let right =
        forms.first { $0.width + name <= row.width } ?? forms.first { $0.width + 8 <= row.width } ?? shortest
      let room = row.width - right.width - 1
      var pieces = [painter.piece(" ")]
      if row.width >= 140 {
        pieces += [painter.piece("signflip", .accent, .bold), painter.piece(" \(painter.glyphs.selected) ", .faint)]
      }
      pieces.append(painter.piece(snapshot.name, .strong, .bold))
      let facts = "  \(snapshot.search) over \(settings), \(snapshot.objective.text)"
      if displayWidth(pieces) + displayWidth(facts) < room { pieces.append(painter.piece(facts, .faint)) }
      painter.frame.text(pieces, x: row.x, y: row.y, maxWidth: room)
      var x = max(row.x, row.maxX - right.width)
      x += painter.frame.text(right.lead, x: x, y: row.y, maxWidth: row.maxX - x)
      if right.bar > 0 {
        ProgressBar(sweep.pace.share, color: painter.theme[.accent]).render(
          into: &painter.frame, area: Rect(x: x, y: row.y, width: right.bar, height: 1), theme: painter.theme,
          glyphs: painter.glyphs, background: painter.ground)
        x += right.bar
      }
      painter.frame.text(right.tail, x: x, y: row.y, maxWidth: row.maxX - x)
    }
  }

  private var settings: String {
    let count = snapshot.trials.last?.setting ?? 0
    return "\(NumberFormat.grouped(count)) \(count == 1 ? "setting" : "settings")"
  }

  private struct Right {
    var lead: [StyledText] = []
    var tail: [StyledText] = []
    var bar = 0
    var width: Int { displayWidth(lead) + displayWidth(tail) + bar }
  }

  private func right(bar: Int, parts: Int, _ painter: Painter) -> Right {
    var right = Right(bar: bar)
    let sign = sweep.sign(painter.glyphs)
    let ended = snapshot.trials.count { $0.state.hasEnded }
    right.lead = [painter.piece(String(sign.glyph) + " ", sign.role, .bold)]
    if parts >= 2 { right.lead.append(painter.piece(sign.word + "  ", sign.role)) }
    right.lead += [
      painter.piece(NumberFormat.grouped(ended), .strong),
      painter.piece("/\(NumberFormat.grouped(snapshot.trials.count))" + (parts >= 4 ? " trials " : " "), .faint),
    ]
    // The last epochs are not done before it says so.
    let percent = Figure.whole((sweep.pace.share * 100).rounded(.down))
    if parts >= 1 { right.tail.append(painter.piece(" \(Figure.right(percent, 3)) %")) }
    if parts >= 3, let left = sweep.pace.secondsLeft {
      right.tail += [
        painter.piece("  eta ", .faint), painter.piece(Figure.left(NumberFormat.duration(seconds: left), 7)),
      ]
    }
    right.tail.append(painter.piece(" "))
    return right
  }
}

extension SweepModel {
  /// The sign, the word and the colour of its state.
  func sign(_ glyphs: GlyphSet) -> (glyph: Unicode.Scalar, word: String, role: ThemeRole) {
    if snapshot.problem != nil { return (glyphs.failed, "not read", .warning) }
    if snapshot.trials.allSatisfy(\.state.hasEnded) { return (glyphs.finished, "finished", .good) }
    if snapshot.isToStop { return (glyphs.stopped, pace.workers > 0 ? "stopping" : "stopped", .warning) }
    if pace.workers > 0 { return (glyphs.playing, "training", .good) }
    // Halving ends with held trials, and a budget with waiting ones.
    return snapshot.controller == nil ? (glyphs.paused, "not running", .warning) : (glyphs.playing, "starting", .accent)
  }
}

extension TrialState {
  /// The sign and the colour of a state.
  func sign(_ glyphs: GlyphSet) -> (glyph: Unicode.Scalar, role: ThemeRole) {
    switch self {
    case .training: (glyphs.playing, .accent)
    case .waiting: (glyphs.separator, .faint)
    case .interrupted: (glyphs.paused, .warning)
    case .held: (glyphs.paused, .faint)
    case .finished: (glyphs.finished, .good)
    case .stopped: (glyphs.stopped, .warning)
    case .failed: (glyphs.failed, .bad)
    }
  }
}
