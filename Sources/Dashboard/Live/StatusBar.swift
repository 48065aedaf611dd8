import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The first row: the experiment, its state and its progress.
struct StatusBar {
  let model: DashboardModel
  /// Why the engine is gone; nil if it is not.
  let loss: EngineLoss?
  /// Whether the engine does not answer.
  let isSilent: Bool
  let isFrozen: Bool
  let isRecording: Bool
  /// What the lanes were told to do but have not confirmed.
  let request: CourseRequest.Course?

  func draw(in row: Rect, on painter: inout Painter) {
    guard !row.isEmpty else { return }
    painter.fill(row, .bar)
    painter.on(.bar) { painter in
      let left = left(painter)
      var right = right(row.width, showsSpeed: row.width >= 76, painter)
      // The name has priority over the speed.
      let wanted = displayWidth(right.pieces) + right.bar + 2 + displayWidth(left.first ?? [])
      if wanted > row.width { right = self.right(row.width, showsSpeed: false, painter) }
      // The description gets the room that the state leaves; if there is none, the end of the state is cut.
      var pieces: [StyledText] = [painter.piece(" ")]
      if row.width >= 140, model.run != nil {
        pieces += [painter.piece("signflip", .accent, .bold), painter.piece(" \(painter.glyphs.selected) ", .faint)]
      }
      var room = row.width - displayWidth(right.pieces) - right.bar - displayWidth(pieces) - 2
      var isNamed = false
      for (place, part) in shortened(left, room, painter).enumerated() {
        let width = displayWidth(part)
        if width > room, place > 0 || room < 5 { break }
        isNamed = true
        pieces += part
        room -= width
      }
      // On the smallest screens only the state is shown.
      let place = isNamed ? row : row.inset(right: max(0, row.width - displayWidth(right.pieces) - right.bar))
      painter.frame.text(
        pieces, x: row.x, y: row.y, maxWidth: row.width - displayWidth(right.pieces) - right.bar - 1)
      drawRight(right, in: place, on: &painter)
    }
  }

  // The name, then the data set.
  private func left(_ painter: Painter) -> [[StyledText]] {
    guard let run = model.run else {
      return [[painter.piece("signflip", .accent, .bold)]]
    }
    let images =
      "  \(run.dataset) \(NumberFormat.grouped(run.trainingCount)) + \(NumberFormat.grouped(run.validationCount))"
    var parts = [
      [painter.piece(run.name, .strong, .bold)],
      [painter.piece(images, .text)],
      [painter.piece("  seed \(run.seed)", .faint)],
    ]
    // The second row shows the problem with the disk.
    if model.snapshot.storage?.problem != nil {
      parts.insert([painter.piece("  \(painter.glyphs.failed) not saved", .warning, .bold)], at: 1)
    }
    if model.snapshot.clients > 1, loss == nil {
      parts.append([painter.piece("  \(model.snapshot.clients) watch", .accent)])
    }
    parts.append([painter.piece("  test \(NumberFormat.grouped(run.testCount))", .faint)])
    return parts
  }

  // On small screens a problem with the disk replaces the name.
  private func shortened(_ parts: [[StyledText]], _ room: Int, _ painter: Painter) -> [[StyledText]] {
    guard model.run != nil, model.snapshot.storage?.problem != nil,
      displayWidth(parts[0]) + displayWidth(parts[1]) > room
    else { return parts }
    return [[painter.piece("\(painter.glyphs.failed) not saved", .warning, .bold)]]
  }

  // State, epoch, bar, percentage, speed and remaining time; `bar` is the width of the progress bar, after `lead`.
  private struct Right {
    var lead: [StyledText] = []
    var tail: [StyledText] = []
    var bar = 0
    var pieces: [StyledText] { lead + tail }
  }

  private func right(_ width: Int, showsSpeed: Bool, _ painter: Painter) -> Right {
    var right = Right()
    let sign = sign(painter)
    let showsWord = width >= 56
    right.lead = [painter.piece(sign.glyph + " ", sign.role, .bold)]
    if showsWord { right.lead.append(painter.piece(Figure.left(sign.word, 9) + " ", sign.role)) }
    let open = model.decidingLanes.compactMap(\.snapshot)
    guard let epochs = open.map(\.epochs).max() else { return right }
    let epoch = open.map(\.epoch).filter(\.isFinite).min() ?? 0
    let digits = String(epochs).count
    let percent = Figure.right(Figure.whole((model.progress * 100).rounded(.down)), 3) + " %"
    if width >= 100 { right.lead.append(painter.piece("epoch ", .faint)) }
    right.lead.append(painter.piece(Figure.right(Figure.whole(min(epoch, Double(epochs))), digits), .strong))
    right.lead.append(painter.piece("/\(epochs) ", .faint))
    right.bar = width >= 150 ? 20 : width >= 100 ? 12 : width >= 70 ? 8 : 0
    right.tail = [painter.piece(" " + percent, .text)]
    if model.isFinished || isRecording || loss != nil || model.snapshot.phase.isPreparation {
      let seconds = model.snapshot.lanes.isEmpty ? open.map(\.seconds).max() ?? 0 : model.snapshot.seconds
      if width >= 40 { right.tail.append(painter.piece("  " + NumberFormat.duration(seconds: seconds))) }
    } else {
      let speed = model.lanes.reduce(0.0) { sum, lane in
        lane.state.hasEnded || lane.state.isHeld ? sum : sum + Double(lane.latest(.imagesPerSecond) ?? 0)
      }
      // While everything is paused there is no speed.
      let isPaused = model.isPaused
      if showsSpeed {
        right.tail.append(painter.piece("  " + Figure.right(isPaused ? Figure.unknown : Figure.pace(speed), 7)))
        right.tail.append(painter.piece(" img/s", .faint))
      }
      let left = isPaused ? nil : model.lanes.compactMap(\.secondsLeft).max()
      let time = left.map { NumberFormat.duration(seconds: $0) } ?? Figure.unknown
      if width >= 28 {
        right.tail.append(painter.piece(width >= 60 ? "  eta " : " ", .faint))
        right.tail.append(painter.piece(Figure.left(time, width >= 60 ? 7 : 5)))
      }
    }
    right.tail.append(painter.piece(" "))
    return right
  }

  private func sign(_ painter: Painter) -> (glyph: String, word: String, role: ThemeRole) {
    let glyphs = painter.glyphs
    switch loss {
    case .died: return (String(glyphs.failed), "engine lost", .bad)
    case .suspended: return (String(glyphs.paused), "suspended", .warning)
    case .done, nil: break
    }
    if isRecording { return (String(glyphs.finished), "recording", .accent) }
    if isSilent { return (String(glyphs.failed), "no answer", .warning) }
    if isFrozen { return (String(glyphs.paused), "frozen", .accent) }
    if let request {
      return (String(request == .goingOn ? glyphs.playing : glyphs.paused), request.rawValue, .accent)
    }
    if model.snapshot.deployment?.holdsTraining == true { return (String(glyphs.paused), "measuring", .warning) }
    switch model.snapshot.phase {
    case .idle: return (String(glyphs.separator), "starting", .faint)
    case .preparing: return (String(glyphs.separator), "preparing", .accent)
    case .failed: return (String(glyphs.failed), "failed", .bad)
    case .finished:
      if model.lanes.contains(where: { $0.state == .finished }) {
        return (String(glyphs.finished), "finished", .good)
      }
      let hasStopped = model.lanes.contains { $0.state == .stopped }
      return hasStopped
        ? (String(glyphs.stopped), "stopped", .warning) : (String(glyphs.failed), "failed", .bad)
    case .training:
      if model.isPaused { return (String(glyphs.paused), "paused", .warning) }
      let isTesting = model.lanes.allSatisfy { $0.state.hasEnded || $0.state == .testing }
      return (String(glyphs.playing), isTesting && !model.lanes.isEmpty ? "testing" : "training", .good)
    }
  }

  private func drawRight(_ right: Right, in row: Rect, on painter: inout Painter) {
    let width = displayWidth(right.pieces) + right.bar
    guard width <= row.width else {
      // The symbol, then as many complete figures as fit.
      var pieces = [StyledText(String(right.lead[0].text.prefix(1)), right.lead[0].style)]
      let figures: [StyledText] = [painter.piece(" ")] + right.lead.dropFirst() + right.tail
      for piece in figures {
        if displayWidth(pieces) + displayWidth(piece.text) > row.width { break }
        pieces.append(piece)
      }
      painter.frame.text(pieces, x: row.x, y: row.y)
      return
    }
    var x = max(row.x, row.maxX - width)
    x += painter.frame.text(right.lead, x: x, y: row.y, maxWidth: row.maxX - x)
    if right.bar > 0 {
      ProgressBar(model.progress, color: painter.theme[.accent]).render(
        into: &painter.frame, area: Rect(x: x, y: row.y, width: right.bar, height: 1), theme: painter.theme,
        glyphs: painter.glyphs, background: painter.ground)
      x += right.bar
    }
    painter.frame.text(right.tail, x: x, y: row.y, maxWidth: row.maxX - x)
  }
}
