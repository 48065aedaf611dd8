import EngineProtocol
package import TerminalUI

extension Dashboard {
  /// Draws what there is to see at a size, and notes what stands where for the mouse.
  package mutating func render(width: Int, height: Int) -> Frame {
    if let frame = renderCharts(width: width, height: height) { return frame }
    (needsRedraw, turnsLeft) = (false, 0)
    (hasNewFigures, figureTime, curveTime) = (false, now, now)
    guard width > 0, height > 0 else { return Frame(width: width, height: height) }
    var painter = Painter(width: width, height: height, theme: theme, glyphs: glyphs, memory: takeMemory())
    painter.isMoving = shown.isBusy && frozen == nil
    switch mode {
    case .launcher(let launcher):
      let download = LauncherDownload(download: model.snapshot.download, fault: launcher.fault, keyMap: keyMap)
      LauncherView(launcher: launcher, footer: footer(on: nil), keyMap: keyMap, download: download)
        .draw(in: painter.frame.bounds, on: &painter)
    case .live: lastLayout = drawLive(on: &painter)
    }
    let entryRow = painter.frame.bounds.row(height - 1)
    if let overlay {
      painter.hits.removeAll()
      switch overlay {
      case .help(let state): HelpView(state: state, keyMap: keyMap, isUseful: isUseful).draw(on: &painter)
      case .themes(let state): ThemePickerView(state: state, theme: theme).draw(on: &painter)
      case .confirmation(let confirmation): ConfirmationView(confirmation: confirmation).draw(on: &painter)
      case .checkpoints(let state):
        CheckpointListView(
          state: state, lanes: model.lanes, time: clockZero.map { $0 + now }, keyMap: keyMap, canRewind: hasEngine,
          canWrite: hasEngine && isRecorded
        ).draw(on: &painter)
      case .entry(let entry): EntryView(entry: entry).draw(in: entryRow, on: &painter)
      }
    }
    memory = painter.memory
    hits = painter.hits
    listHeight = painter.listHeight
    listCount = painter.listCount
    if glyphs.fallback != .none { painter.frame.replaceGlyphs(glyphs) }
    lastFrame = painter.frame
    return painter.frame
  }

  // Where nothing but points has come since the last frame, its words stand: that is so in most frames, and words cost
  // more than curves. Nil where more is to be drawn.
  private mutating func renderCharts(width: Int, height: Int) -> Frame? {
    guard hasNewPoints, !needsRedraw, case .live = mode, overlay == nil, model.loss == nil, frozen == nil,
      !isEngineSilent, glyphs.fallback == .none, let last = lastFrame, last.width == width,
      last.height == height,
      let layout = lastLayout, !model.lanes.isEmpty, !isTiny(layout)
    else { return nil }
    var painter = Painter(chartsOver: last, theme: theme, glyphs: glyphs, memory: takeMemory())
    turnsLeft -= 1
    curveTime = now
    turn = (turn + 1) % Self.turns
    drawBody(model, layout, on: &painter)
    memory = painter.memory
    lastFrame = painter.frame
    return painter.frame
  }

  // Taken away, not copied: the painter alone has it, and changes it where it stands.
  private mutating func takeMemory() -> DrawingMemory {
    defer { memory = DrawingMemory() }
    return memory
  }

  private func layout(of model: DashboardModel, width: Int, height: Int) -> LiveLayout {
    LiveLayout(
      width: width, height: height, laneCount: model.lanes.count, knobCount: tableKeys(model).count,
      showsJournal: screen != .journal, showsResults: model.isFinished,
      isMaximised: isMaximised)
  }

  // Whether the screen's own view has no room.
  private func isTiny(_ layout: LiveLayout) -> Bool {
    switch screen {
    case .lanes: layout.form == .compact
    case .compare: layout.body.height < 8 || layout.body.width < 24
    case .flips, .journal: layout.body.height < 3 || layout.body.width < 24
    }
  }

  private func drawLive(on painter: inout Painter) -> LiveLayout {
    let model = shown
    let keys = tableKeys(model)
    let bounds = painter.frame.bounds
    let layout = layout(of: model, width: bounds.width, height: bounds.height)
    let status = StatusBar(
      model: model, loss: self.model.loss, isSilent: isEngineSilent, isFrozen: frozen != nil, isRecording: isRecording,
      request: request?.course)
    status.draw(in: layout.status, on: &painter)
    TabBar(screen: screen, notes: notes(model, painter)).draw(in: layout.tabs, on: &painter)
    drawBody(model, layout, on: &painter)
    if !model.isFinished || layout.knobs.height > 2 {
      GapLines(lanes: model.lanes, focus: focus).draw(in: layout.gap, on: &painter)
    }
    if model.isFinished {
      drawResults(model, layout, on: &painter)
    } else {
      drawKnobs(model, keys, layout, on: &painter)
    }
    footer(on: layout).draw(in: layout.footer, on: &painter)
    drawBanner(in: Rect(x: 0, y: 1, width: bounds.width, height: layout.footer.y - 1), on: &painter)
    return layout
  }

  // That the engine is gone, or silent.
  private func drawBanner(in area: Rect, on painter: inout Painter) {
    if let loss = model.loss, loss != .done {
      LossBanner(loss, keyMap, painter.glyphs).draw(in: area, on: &painter)
    } else if isEngineSilent {
      LossBanner(silence: engineSilence, keyMap, painter.glyphs).draw(in: area, on: &painter)
    }
  }

  var hasEngine: Bool { model.loss == nil && !isRecording }

  // What is wrong with the disk; else the run's name and size and why this data set, in forms ever shorter.
  private func notes(_ model: DashboardModel, _ painter: Painter) -> [[StyledText]] {
    guard let run = model.run else { return [] }
    if let problem = model.snapshot.storage?.problem { return [[painter.piece(problem, .warning)]] }
    let count = run.notes?.count ?? 0
    let words = "   \(count) \(count == 1 ? "note" : "notes") in the journal"
    // What was ignored of the data matters more than where they are.
    let remark = count == 0 ? [] : [painter.piece(words, .warning)]
    let origin = [painter.piece("\(run.dataset): \(run.datasetPlace)", .faint)]
    guard !run.id.isEmpty else { return [origin + remark] + (count == 0 ? [] : [remark]) }
    let size = model.snapshot.storage.map { [painter.piece(Figure.right(NumberFormat.bytes($0.bytes), 9))] } ?? []
    // Several runs at once are named in the first row.
    let name = (run.name.hasSuffix(run.id) ? [] : [painter.piece(run.id, .faint)]) + size
    let gap = [painter.piece("   ")]
    guard count == 0 else {
      return [name + gap + origin + remark, name + remark, size + gap + origin + remark, size + remark, remark]
    }
    return [name + gap + origin, name, size + gap + origin, origin]
  }

  private func drawBody(_ model: DashboardModel, _ layout: LiveLayout, on painter: inout Painter) {
    guard !model.lanes.isEmpty else {
      // While a start is on its way, what failed before it is no longer true.
      let phase = startID != nil && model.snapshot.phase.isFailure ? .idle : model.snapshot.phase
      return PreparingView(phase: phase, now: now).draw(in: layout.body, on: &painter)
    }
    let planned =
      model.lanes.compactMap { $0.snapshot.map { $0.epochs.multipliedReportingOverflow(by: $0.stepsPerEpoch) } }
      .map { $0.overflow ? Int.max : $0.partialValue }.max() ?? 0
    let steps = chart.range(
      lastStep: model.lanes.map(\.step).max() ?? 0, plannedStep: planned,
      ghostStep: model.lanes.map(\.lastDrawnStep).max() ?? 0)
    let ranges = SharedRanges(
      lanes: model.lanes, steps: steps, scale: chart.lossScale, before: painter.memory.ranges)
    painter.memory.ranges = ranges
    if isTiny(layout) {
      return CompactView(
        lanes: model.lanes, focus: focus, chart: chart, steps: steps, ranges: ranges, isMaximised: isMaximised
      ).draw(in: layout.body, on: &painter)
    }
    switch screen {
    case .lanes: drawPanels(model, layout, steps, ranges, on: &painter)
    case .compare:
      CompareView(
        lanes: model.lanes, focus: focus, chart: chart, steps: steps, ranges: ranges,
        only: isMaximised ? comparedChart : nil
      ).draw(in: layout.body, on: &painter)
    case .flips:
      FlipsView(
        lanes: model.lanes, focus: focus, chart: chart, steps: steps, position: flipsPosition,
        isMaximised: isMaximised
      ).draw(in: layout.body, on: &painter)
    case .journal where painter.isChartsOnly: break
    case .journal:
      JournalView(rows: journalRows, filter: journalFilter, position: journalPosition, lanes: model.lanes.map(\.name))
        .draw(in: layout.body, on: &painter)
    }
  }

  private func drawPanels(
    _ model: DashboardModel, _ layout: LiveLayout, _ steps: ClosedRange<Double>, _ ranges: SharedRanges,
    on painter: inout Painter
  ) {
    let count = model.lanes.count
    let focused: Int? = if case .lane(let index) = focus { min(index, count - 1) } else { nil }
    let shown: Range<Int>
    var columns = 1
    if isMaximised {
      shown = (focused ?? 0)..<(focused ?? 0) + 1
    } else {
      let grid = LiveLayout.grid(layout.body, laneCount: count)
      columns = grid.columns
      let size = grid.columns * grid.rows
      let page = (focused ?? 0) / size
      shown = page * size..<min(count, (page + 1) * size)
    }
    let takesTurns = painter.isChartsOnly && model.lanes[shown].count { !$0.state.hasEnded } > 1
    for (place, index) in zip(layout.body.grid(count: shown.count, columns: columns), shown) {
      // Side by side they take turns: each moves half as often as the screen.
      if takesTurns, index % Self.turns != turn { continue }
      let lane = model.lanes[index]
      LanePanel(
        lane: lane, index: index, isFocused: focused == index && count > 1, chart: chart, steps: steps,
        checkpointKey: checkpointKey(of: lane),
        ranges: lane.hasFailed
          ? SharedRanges(lanes: [lane], steps: steps, scale: chart.lossScale) : ranges, isMaximised: isMaximised
      ).draw(in: place, on: &painter)
    }
    // Lanes on other pages are named where the tabs are.
    if shown.count < count, !layout.tabs.isEmpty, !painter.isChartsOnly {
      let first = shown.lowerBound + 1
      let row = layout.tabs
      painter.fill(Rect(x: row.x + 48, y: row.y, width: max(0, row.width - 48), height: 1), .background)
      let places = shown.count == 1 ? "lane \(first)" : "lanes \(first)–\(shown.upperBound)"
      let note = "  \(places) of \(count), tab for more "
      painter.frame.text(
        note, endingAt: layout.tabs.maxX, y: layout.tabs.y, style: painter.style(.accent),
        maxWidth: max(0, layout.tabs.width - 48))
    }
  }

  // What opens a failed lane's checkpoints, where there are some to go back to.
  private func checkpointKey(of lane: LaneModel) -> String? {
    guard lane.hasFailed, !lane.checkpoints.isEmpty, obstacle(to: .rewind) == nil else { return nil }
    return keyMap.keys(for: .checkpoints).first?.label ?? ":checkpoints"
  }

  private func drawKnobs(
    _ model: DashboardModel, _ keys: [Hyperparameter], _ layout: LiveLayout, on painter: inout Painter
  ) {
    guard !model.lanes.isEmpty else { return }
    let table = KnobTable(
      lanes: model.lanes, keys: keys, focus: focus, selected: hyperparameter, editor: editor, canSteer: hasEngine)
    if layout.knobs.height > 2 {
      table.draw(in: layout.knobs, on: &painter)
    } else {
      table.drawLines(in: layout.knobs, on: &painter)
    }
    if !layout.journal.isEmpty {
      JournalView(rows: model.log, filter: "", position: .end, lanes: model.lanes.map(\.name))
        .drawTail(in: layout.journal, on: &painter)
    }
  }

  // At the end the results take the place of the hyperparameters, on small screens of the differences too, and stay.
  private func drawResults(_ model: DashboardModel, _ layout: LiveLayout, on painter: inout Painter) {
    var area = Rect(x: 0, y: layout.knobs.y, width: painter.frame.width, height: layout.knobs.height)
    if area.height <= 2, !layout.gap.isEmpty {
      area = Rect(x: 0, y: layout.gap.y, width: area.width, height: layout.gap.height + area.height)
    }
    let table = LaneTable(lanes: model.lanes, focus: focus, showsResults: true)
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
    // As many lanes as fit with three columns of their names at least, each with its figure; the rest is counted.
    let count = max(1, min(model.lanes.count, (row.width - 8) / 13))
    let hidden = model.lanes.count - count
    let width = max(3, (row.width - (hidden > 0 ? 8 : 5)) / count - 10)
    let first = if case .lane(let index) = focus { max(0, min(index, hidden)) } else { 0 }
    for index in first..<first + count {
      let lane = model.lanes[index]
      pieces.append(StyledText(" \(truncated(lane.name, width: width)) ", painter.style(lane: index)))
      pieces.append(painter.piece(Figure.percent(lane.testAccuracy), .good, .bold))
    }
    if hidden > 0 { pieces.append(painter.piece(" +\(hidden)", .faint)) }
    painter.frame.text(pieces, x: row.x, y: row.y, maxWidth: row.width)
  }

  // The table shows what any lane has; the lines what the lanes in focus have.
  private func tableKeys(_ model: DashboardModel) -> [Hyperparameter] {
    Hyperparameter.allCases.filter { key in model.lanes.contains { $0.value(of: key) != nil } }
  }
}

extension Frame {
  /// Replaces every glyph that is not to be drawn, wherever it came from, by one that looks like it.
  mutating func replaceGlyphs(_ glyphs: GlyphSet) {
    for y in 0..<height {
      for x in 0..<width {
        let glyph = self[x, y].glyph
        if glyph.isASCII { continue }
        if glyph == "→", glyphs.fallback == .all, self[x - 1, y].glyph == " ", self[x + 1, y].glyph == " " {
          // Alone it would say “greater than”.
          (self[x, y].glyph, self[x + 1, y].glyph) = ("-", ">")
        } else {
          self[x, y].glyph = glyphs.drawn(glyph)
        }
      }
    }
  }
}
