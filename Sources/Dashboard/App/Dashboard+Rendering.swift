package import TerminalUI
import TrainingMetrics

extension Dashboard {
  /// Whether there is something new to draw.
  package var isFrameDue: Bool { schedule.isDue || schedule.areCurvesDue(now: now) }

  /// Draws a frame of the given size, and records the positions of elements for the mouse.
  package mutating func render(width: Int, height: Int) -> Frame {
    if let frame = renderCharts(width: width, height: height) { return frame }
    schedule.didDraw(now: now)
    guard width > 0, height > 0 else { return Frame(width: width, height: height) }
    let theme = appearance.theme
    let glyphs = appearance.glyphs
    // The context is made first, because it uses the memory that the painter takes.
    let context = viewContext
    var painter = Painter(width: width, height: height, theme: theme, glyphs: glyphs, memory: drawn.takeMemory())
    painter.isMoving = shown.isBusy && live.frozen == nil
    painter.drawsImages = appearance.drawsImages
    switch mode {
    case .launcher: drawLauncher(context, on: &painter)
    case .sweep: drawSweep(on: &painter)
    case .live:
      // The canvas needs the whole screen.
      guard let lesson, !(overlay is DrawingBoard) else {
        drawn.layout = drawLive(context, in: painter.frame.bounds, on: &painter)
        break
      }
      let parts = LessonLayout(painter.frame.bounds)
      drawn.layout = drawLive(context, in: parts.live, on: &painter)
      LessonPanel(course: lesson, scene: lesson.scene(self)).draw(in: parts.panel, on: &painter)
    }
    if var top = overlay {
      painter.hits.removeAll()
      top.draw(on: &painter, self)
      overlay = top
    }
    drawn.memory = painter.memory
    drawn.hits = painter.hits
    if glyphs.fallback != .none { painter.frame.replaceGlyphs(glyphs) }
    if !painter.drawsImages { painter.frame.images = [] }
    drawn.frame = painter.frame
    return painter.frame
  }

  // If only points are new since the last frame, its text is kept. That is the case for most frames, and text costs
  // more than curves. Nil if more must be drawn.
  private mutating func renderCharts(width: Int, height: Int) -> Frame? {
    guard schedule.hasNewPoints, !schedule.isDue, mode == .live, overlay == nil, model.loss == nil,
      live.frozen == nil, !isEngineSilent, appearance.glyphs.fallback == .none, let last = drawn.frame,
      last.width == width, last.height == height, let layout = drawn.layout, !model.lanes.isEmpty,
      live.view.fits(layout)
    else { return nil }
    let context = viewContext
    var painter = Painter(
      chartsOver: last, theme: appearance.theme, glyphs: appearance.glyphs, memory: drawn.takeMemory())
    schedule.didDrawCharts(now: now)
    painter.turn = schedule.turn
    drawBody(context, layout, on: &painter)
    drawn.memory = painter.memory
    drawn.frame = painter.frame
    return painter.frame
  }

  // MARK: Footer

  /// Draws the footer: the message or the hints.
  /// - Parameter layout: the layout of the training screen; nil in the launcher.
  func footer(_ context: ViewContext, on layout: LiveLayout?) -> Footer {
    if let overlay { return Footer(hints: overlay.hints(self), fixedCount: 0, toast: toast) }
    return Footer(hints: hints(context, on: layout), fixedCount: 2, toast: toast)
  }

  /// The actions for the hints in the footer.
  package var hintedActions: [Action] {
    overlay == nil ? hints(viewContext, on: drawn.layout).compactMap(\.invocation?.action) : []
  }

  // The hints in order of importance. Help and quit, the last two, are always shown.
  private func hints(_ context: ViewContext, on layout: LiveLayout?) -> [Footer.Hint] {
    var list = HintList(keyMap: keyMap) { isUseful($0, context) }
    switch mode {
    case .launcher: addLauncherHints(to: &list)
    case .live: addLiveHints(to: &list, context, on: layout)
    case .sweep: addSweepHints(to: &list)
    }
    list.add(.help)
    list.add(.quit)
    return list.hints
  }
}

extension Frame {
  /// Replaces glyphs that the terminal cannot show by similar ones.
  mutating func replaceGlyphs(_ glyphs: GlyphSet) {
    for y in 0..<height {
      for x in 0..<width {
        let glyph = self[x, y].glyph
        if glyph.isASCII { continue }
        if glyph == "→", glyphs.fallback == .all, self[x - 1, y].glyph == " ", self[x + 1, y].glyph == " " {
          // A single one would read as “greater than”.
          (self[x, y].glyph, self[x + 1, y].glyph) = ("-", ">")
        } else {
          self[x, y].glyph = glyphs.drawn(glyph)
        }
      }
    }
  }
}
