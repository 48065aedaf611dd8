import EngineProtocol
import TerminalUI

extension Dashboard {
  /// Does what an action says.
  mutating func perform(_ invocation: Invocation) {
    needsRedraw = true
    if case .launcher(let launcher) = mode, performInLauncher(invocation, launcher) { return }
    if let obstacle = obstacle(to: invocation.action) { return say(obstacle, .warning) }
    let argument = invocation.argument
    switch invocation.action {
    case .help: overlay = .help(HelpState(words: argument ?? ""))
    case .command: beginCommand("")
    case .back: back()
    case .quit: quit()
    case .theme: chooseTheme(argument)
    case .glyphs: chooseGlyphs(argument)
    case .mouse:
      takesMouse.toggle()
      effects.append(.setMouse(takesMouse))
      say(takesMouse ? "the mouse works here" : "the mouse is the terminal's: drag to select text")
    case .redraw: effects.append(.redraw)
    case .lanes: show(.lanes)
    case .compare: show(.compare)
    case .flips: show(.flips)
    case .journal: show(.journal)
    case .down, .up, .pageDown, .pageUp, .first, .last: move(invocation)
    case .lane: chooseLane(argument, direction: 1)
    case .previousLane: chooseLane(nil, direction: -1)
    case .allLanes: focus = .all
    case .filter: filter(argument)
    case .increase: step(1, .fine)
    case .decrease: step(-1, .fine)
    case .increaseMore: step(1, .coarse)
    case .decreaseMore: step(-1, .coarse)
    case .edit: edit(argument)
    case .set: set(argument)
    case .undo: undo()
    case .redo: redo()
    case .pause: pause(argument)
    case .pauseLane: pauseLane(argument)
    case .resume: resume(argument)
    case .step: singleStep(argument)
    case .epoch: runToEpoch(argument)
    case .stop: stop(argument)
    case .stopAll: askToStop(.all)
    case .checkpoints: listCheckpoints(argument)
    case .checkpoint: writeCheckpoint(argument)
    case .rewind: rewind(argument)
    case .fork: fork(argument)
    case .resumeRun: resumeRun()
    case .maximise: maximise()
    case .zoomIn: chart.zoomIn(lastStep: lastStep)
    case .zoomOut: chart.zoomOut(lastStep: lastStep)
    case .zoomAll: chart.zoomAll()
    case .cursorRight: moveCursor(argument, direction: 1)
    case .cursorLeft: moveCursor(nil, direction: -1)
    case .freeze: freeze()
    case .logScale: changeLossScale()
    case .smoother: smooth(1)
    case .rougher: smooth(-1)
    case .axis:
      chart.axis = chart.axis == .epochs ? .steps : .epochs
      say(chart.axis == .epochs ? "the axis counts epochs" : "the axis counts steps")
    case .copy: copy()
    // Without a meaning here; the table keeps them to the launcher.
    case .start, .toggle, .type, .open, .download, .rescan: break
    }
  }

  /// The newest step of any lane shown.
  var lastStep: Int { shown.lanes.map(\.lastDrawnStep).max() ?? 0 }

  /// Begins a `:` command with `text` already there.
  mutating func beginCommand(_ text: String) {
    var entry = LineEntry(.command, prompt: ":", text: text)
    entry.completions = completions(of: entry)
    overlay = .entry(entry)
  }

  // MARK: Program

  private mutating func back() {
    if overlay != nil {
      overlay = nil
    } else if editor.dropDrafts() {
      say("change dropped")
    } else if toast != nil {
      toast = nil
    } else if chart.cursor != nil {
      chart.hideCursor()
    } else if isMaximised {
      isMaximised = false
    } else if frozen != nil {
      freeze()
    } else if !journalFilter.isEmpty, screen == .journal {
      journalFilter = ""
    } else if chart.window != nil {
      chart.zoomAll()
    } else if screen != .lanes {
      screen = .lanes
    }
  }

  private mutating func quit() {
    if model.isTraining, !isRecording, case .live = mode {
      let isPreparing = model.lanes.isEmpty || model.snapshot.phase.isPreparation
      let course: Confirmation.Course =
        isEngineSilent ? .unknown : isPreparing ? .preparing : model.isPaused ? .paused : .training
      overlay = .confirmation(.quit(course, canLeave: canLeave))
    } else {
      end()
    }
  }

  private mutating func chooseTheme(_ name: String?) {
    guard let name else {
      var state = ThemePickerState(names: library.themes().map(\.name), current: themeName, original: theme)
      preview(&state)
      overlay = .themes(state)
      return
    }
    do {
      theme = suited(try library.theme(named: name))
      themeName = name
      effects.append(.themeChosen(name))
      say("theme \(name)")
    } catch {
      say("\(error)", .warning)
    }
  }

  private mutating func chooseGlyphs(_ name: String?) {
    if let name {
      guard let set = GlyphSet(named: name) else {
        let names = GlyphSet.all.map(\.name).joined(separator: ", ")
        return say("glyphs: expected \(names), found “\(name)”", .warning)
      }
      glyphs = set
    } else {
      let place = GlyphSet.all.firstIndex { $0.name == glyphs.name } ?? 0
      glyphs = GlyphSet.all[(place + 1) % GlyphSet.all.count]
    }
    say("glyphs \(glyphs.name)")
  }

  // MARK: Screens

  private mutating func show(_ screen: Screen) {
    self.screen = screen
    isMaximised = false
  }

  private mutating func move(_ invocation: Invocation) {
    let rows =
      switch invocation.action {
      case .down: 1
      case .up: -1
      case .pageDown: listHeight
      case .pageUp: -listHeight
      case .first: Int.min / 2
      default: Int.max / 2
      }
    switch screen {
    case .journal:
      let count = journalRows.count
      if invocation.action == .first { return journalPosition = .start }
      if invocation.action == .last { return journalPosition = .end }
      journalPosition.scroll(by: rows, count: count, height: listHeight)
    case .flips where invocation.action != .down && invocation.action != .up:
      if invocation.action == .first { return flipsPosition = .start }
      if invocation.action == .last { return flipsPosition = .end }
      flipsPosition.scroll(by: rows, count: listCount, height: listHeight)
    case .lanes, .compare, .flips:
      if let name = invocation.argument { return select(name) }
      moveHyperparameter(by: rows)
    }
  }

  /// The journal's lines that the filter lets through.
  var journalRows: [LogEntry] {
    journalFilter.isEmpty ? shown.log : shown.log.filter { $0.matches(journalFilter) }
  }

  private mutating func filter(_ words: String?) {
    screen = .journal
    journalPosition = .end
    if let words {
      journalFilter = words
    } else {
      overlay = .entry(LineEntry(.filter, prompt: "/", text: journalFilter))
    }
  }

  private mutating func chooseLane(_ name: String?, direction: Int) {
    let count = model.lanes.count
    guard count > 0 else { return }
    if let name {
      if name == "all" { return focus = .all }
      guard let index = model.index(of: name) else { return say(unknownLane(name), .warning) }
      focus = .lane(index)
    } else {
      // All lanes stand after the last one.
      let place = if case .lane(let index) = focus { index } else { count }
      let next = (place + direction + count + 1) % (count + 1)
      focus = next == count && count > 1 ? .all : .lane(next % count)
    }
    chooseExistingHyperparameter()
  }

  func unknownLane(_ name: String) -> String {
    "expected a lane (\(model.lanes.map(\.name).joined(separator: ", "))), found “\(name)”"
  }

  // On the compare screen one chart, then the other, then both.
  private mutating func maximise() {
    guard screen == .compare else { return isMaximised.toggle() }
    if !isMaximised {
      (isMaximised, comparedChart) = (true, .loss)
    } else if comparedChart == .loss {
      comparedChart = .accuracy
    } else {
      isMaximised = false
    }
  }

  // MARK: Charts

  private mutating func changeLossScale() {
    let isLogarithmic = memory.ranges?.isAutomaticallyLogarithmic == true
    chart.nextLossScale(isAutomaticallyLogarithmic: isLogarithmic)
    switch chart.lossScale {
    case .automatic: say("loss scale chosen by the range: \(isLogarithmic ? "logarithmic" : "linear") now")
    case .linear: say("loss on a linear scale")
    case .logarithmic: say("loss on a logarithmic scale")
    }
  }

  private mutating func moveCursor(_ step: String?, direction: Int) {
    guard let step else { return chart.moveCursor(direction: direction, lastStep: lastStep) }
    guard let number = Int(step.filter { $0 != "," }) else {
      return say("cursor: expected a step, found “\(step)”", .warning)
    }
    chart.moveCursor(to: number, lastStep: lastStep)
  }

  private mutating func freeze() {
    frozen = frozen == nil ? model : nil
    say(frozen == nil ? "the picture moves again" : "picture frozen; training goes on")
  }

  private mutating func smooth(_ direction: Int) {
    _ = chart.smooth(by: direction)
    say(chart.smoothing == 0 ? "training curves unsmoothed" : "smoothing \(NumberFormat.compact(chart.smoothing))")
  }
}
