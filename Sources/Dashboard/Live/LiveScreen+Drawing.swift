import EngineProtocol
import TerminalUI
import TrainingMetrics

// The parts around the shown view: status, tabs, differences, hyperparameters, footer.

extension Dashboard {
  /// Draws the screen of a training.
  /// - Parameter bounds: its place, at the left upper corner of the frame.
  /// - Returns: its layout.
  mutating func drawLive(_ context: ViewContext, in bounds: Rect, on painter: inout Painter) -> LiveLayout {
    let model = context.model
    let keys = tableKeys(model)
    let layout = LiveLayout(
      width: bounds.width, height: bounds.height, laneCount: model.lanes.count, knobCount: keys.count,
      showsJournal: live.view.showsJournal, showsResults: model.isFinished, isMaximised: live.view.isMaximised)
    let status = StatusBar(
      model: model, loss: self.model.loss, isSilent: isEngineSilent, isFrozen: live.frozen != nil,
      isRecording: isRecording, request: connection.pending.course?.course)
    status.draw(in: layout.status, on: &painter)
    TabBar(tabs: live.tabs, shown: live.screen, keyMap: keyMap, notes: notes(context, layout, painter)).draw(
      in: layout.tabs, on: &painter)
    drawBody(context, layout, on: &painter)
    if !model.isFinished || layout.knobs.height > 2 {
      GapLines(lanes: model.lanes, focus: live.focus).draw(in: layout.gap, on: &painter)
    }
    if model.isFinished {
      drawResults(model, layout, on: &painter)
    } else {
      drawKnobs(model, keys, layout, on: &painter)
    }
    footer(context, on: layout).draw(in: layout.footer, on: &painter)
    drawBanner(in: Rect(x: 0, y: 1, width: bounds.width, height: layout.footer.y - 1), on: &painter)
    return layout
  }

  /// Draws the view. Before there are lanes, draws the preparation; if the view does not fit, one line per lane.
  mutating func drawBody(_ context: ViewContext, _ layout: LiveLayout, on painter: inout Painter) {
    let model = context.model
    guard !model.lanes.isEmpty else {
      // While a start is requested, an earlier failure is outdated.
      let phase = connection.pending.isStarting && model.snapshot.phase.isFailure ? .idle : model.snapshot.phase
      return PreparingView(phase: phase, now: now).draw(in: layout.body, on: &painter)
    }
    painter.memory.ranges = context.ranges
    if live.view.fits(layout) {
      live.view.draw(in: layout.body, context, on: &painter)
    } else {
      CompactView(context: context, isMaximised: live.view.isMaximised).draw(in: layout.body, on: &painter)
    }
  }

  // A banner if the engine is gone or silent, or a change is offered.
  private func drawBanner(in area: Rect, on painter: inout Painter) {
    if let loss = model.loss, loss != .done {
      Banner(loss, keyMap, painter.glyphs).draw(in: area, on: &painter)
    } else if isEngineSilent {
      Banner(silence: connection.silence, keyMap, painter.glyphs).draw(in: area, on: &painter)
    } else if let offer = model.offer, hasEngine {
      Banner(offer, keyMap, painter.glyphs).draw(in: area, on: &painter)
    }
  }

  // The view's note beside the tabs, otherwise information about the run.
  private func notes(_ context: ViewContext, _ layout: LiveLayout, _ painter: Painter) -> [[StyledText]] {
    let own =
      context.lanes.isEmpty || !live.view.fits(layout) ? [] : live.view.notes(in: layout.body, context)
    if !own.isEmpty { return own.map { [painter.piece($0, .accent)] } }
    return notes(context.model, painter)
  }

  // A problem with the disk, otherwise the run's name and size and the reason for the data set, in progressively
  // shorter forms.
  private func notes(_ model: DashboardModel, _ painter: Painter) -> [[StyledText]] {
    guard let run = model.run else { return [] }
    if let problem = model.snapshot.storage?.problem { return [[painter.piece(problem, .warning)]] }
    let count = run.notes?.count ?? 0
    let words = "   \(count) \(count == 1 ? "note" : "notes") in the journal"
    // Ignored data is more important than the data's location.
    let remark = count == 0 ? [] : [painter.piece(words, .warning)]
    let origin = [painter.piece("\(run.dataset): \(run.datasetPlace)", .faint)]
    let dataset = [painter.piece(run.dataset, .faint)]
    guard !run.id.isEmpty else { return [origin + remark] + (count == 0 ? [dataset] : [remark]) }
    let size = model.snapshot.storage.map { [painter.piece(Figure.right(NumberFormat.bytes($0.bytes), 9))] } ?? []
    // If there are several runs, the first row shows the name.
    let name = (run.name.hasSuffix(run.id) ? [] : [painter.piece(run.id, .faint)]) + size
    let gap = [painter.piece("   ")]
    guard count == 0 else {
      return [name + gap + origin + remark, name + remark, size + gap + origin + remark, size + remark, remark]
    }
    return [name + gap + origin, name, size + gap + origin, origin, dataset]
  }

  private func drawKnobs(
    _ model: DashboardModel, _ keys: [Hyperparameter], _ layout: LiveLayout, on painter: inout Painter
  ) {
    guard !model.lanes.isEmpty else { return }
    let table = KnobTable(
      lanes: model.lanes, keys: keys, focus: live.focus, selected: live.hyperparameter, editor: live.editor,
      canSteer: hasEngine)
    if layout.knobs.height > 2 {
      table.draw(in: layout.knobs, on: &painter)
    } else {
      table.drawLines(in: layout.knobs, on: &painter)
    }
    if !layout.journal.isEmpty {
      JournalView.drawTail(of: model, in: layout.journal, on: &painter)
    }
  }

  // At the end, the results replace the hyperparameters, and on small screens the differences too.
  private func drawResults(_ model: DashboardModel, _ layout: LiveLayout, on painter: inout Painter) {
    var area = Rect(x: 0, y: layout.knobs.y, width: layout.footer.width, height: layout.knobs.height)
    if area.height <= 2, !layout.gap.isEmpty {
      area = Rect(x: 0, y: layout.gap.y, width: area.width, height: layout.gap.height + area.height)
    }
    let table = LaneTable(lanes: model.lanes, focus: live.focus, showsResults: true)
    if area.height >= model.lanes.count + 3 {
      painter.frame.border(
        area, title: [painter.piece("results", .good, .bold)],
        trailing: [painter.piece("test accuracy with the weights of the best validation", .faint)],
        style: painter.style(.border), glyphs: painter.glyphs)
      table.draw(in: area.inset(left: 2, top: 1, right: 2, bottom: 1), on: &painter)
    } else if area.height > model.lanes.count {
      table.draw(in: area.inset(left: 1), on: &painter)
    } else {
      drawResultLine(model, in: area.row(0), on: &painter)
    }
  }

  private func drawResultLine(_ model: DashboardModel, in row: Rect, on painter: inout Painter) {
    var pieces: [StyledText] = [painter.piece(" test", .faint)]
    // As many lanes as fit with at least three columns of their names and their figures; the rest is counted.
    let areWhole = model.lanes.reduce(5) { $0 + displayWidth($1.name) + 10 } <= row.width
    let count = areWhole ? model.lanes.count : max(1, min(model.lanes.count, (row.width - 8) / 13))
    let hidden = model.lanes.count - count
    let width = areWhole ? row.width : max(3, (row.width - (hidden > 0 ? 8 : 5)) / count - 10)
    let first = if case .lane(let index) = live.focus { max(0, min(index, hidden)) } else { 0 }
    for index in first..<first + count {
      let lane = model.lanes[index]
      pieces.append(StyledText(" \(truncated(lane.name, width: width)) ", painter.style(lane: index)))
      pieces.append(painter.piece(Figure.percent(lane.testAccuracy), .good, .bold))
    }
    if hidden > 0 { pieces.append(painter.piece(" +\(hidden)", .faint)) }
    painter.frame.text(pieces, x: row.x, y: row.y, maxWidth: row.width)
  }

  // The table shows the hyperparameters of all lanes, the lines those of the lanes in focus.
  private func tableKeys(_ model: DashboardModel) -> [Hyperparameter] {
    Hyperparameter.allCases.filter { key in model.lanes.contains { $0.value(of: key) != nil } }
  }

  // MARK: Hints

  func addLiveHints(to list: inout HintList, _ context: ViewContext, on layout: LiveLayout?) {
    if model.lanes.isEmpty { return list.add(.theme) }
    list.add(.resumeRun)
    list.add(.accept)
    list.add(.decline)
    if model.lanes.contains(where: \.hasFailed) { list.add(.checkpoints) }
    if live.chart.cursor != nil {
      list.add(.cursorLeft, .cursorRight, "move cursor")
      list.add(.back, "cursor off")
    }
    if live.frozen != nil { list.add(.freeze, "unfreeze") }
    live.view.addHints(to: &list, context)
    list.add(.pause, model.isPaused ? "go on" : nil)
    list.add(.step)
    list.add(.undo)
    list.add(.redo)
    if list.isUseful(.zoomOut) { list.add(.zoomIn, .zoomOut, "zoom") } else { list.add(.zoomIn, "zoom") }
    if live.chart.cursor == nil { list.add(.cursorLeft, .cursorRight, "cursor") }
    // On the smallest screens a single lane is shown alone anyway.
    let isAlone = layout?.form == .compact && (model.lanes.count < 2 || live.view.charts.isEmpty)
    if live.view.isMaximised || !isAlone { list.add(.maximise, live.view.maximiseTitle) }
    list.add(.logScale)
    if live.frozen == nil { list.add(.freeze) }
    if !model.lanes.contains(where: \.hasFailed) { list.add(.checkpoints) }
    list.add(.stopAll)
    list.add(.theme)
  }
}
