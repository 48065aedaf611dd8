import EngineProtocol
import TerminalUI

// Maps input events to actions.

extension Dashboard {
  // MARK: Keys

  mutating func take(_ key: Key) {
    schedule.isDue = true
    // Ctrl-C is never text, and always leads out of the current layer. So does Ctrl-\, which some users expect.
    if key == .control("c") || key == .control("\\") { return interrupt() }
    if overlay != nil { return withOverlay { $0.take(key, &$1) } }
    if let action = keyMap.action(for: key, in: context, view: mode == .live ? live.screen : nil) {
      return perform(Invocation(action))
    }
    if isInLauncher { takeInLauncher(key) }
  }

  // Closes the current layer; if nothing is open, asks whether to quit, as `q` does.
  private mutating func interrupt() {
    if overlay != nil { return withOverlay { $0.cancel(&$1) } }
    // In the launcher it cancels a download first.
    if isInLauncher, isDownloading { return cancelDownload() }
    perform(Invocation(.quit))
  }

  // Pasted text is only accepted where text can be typed.
  mutating func take(_ pasted: PastedText) {
    guard overlay != nil else { return }
    schedule.isDue = true
    withOverlay { overlay, dashboard in
      overlay.take(pasted, &dashboard)
      return .stays
    }
  }

  // MARK: Mouse

  /// Handles the mouse: a click selects, the wheel zooms or scrolls, a drag moves the charts' cursor or a border between
  /// charts.
  mutating func take(_ mouse: MouseEvent) {
    guard takesMouse else { return }
    let hit = drawn.hits.target(x: mouse.x, y: mouse.y)
    if overlay != nil {
      live.drag = nil
      schedule.isDue = true
      return withOverlay { $0.take(mouse, on: hit?.target, &$1) }
    }
    switch mouse.kind {
    case .press:
      live.drag = nil
      if let hit { press(hit.target, mouse, in: hit.area) }
    case .drag:
      if live.drag != nil {
        dragBorder(to: mouse)
      } else if let hit, case .chart(_, let layout) = hit.target {
        putCursor(x: mouse.x, in: layout)
      }
    case .wheelUp, .wheelDown: turnWheel(mouse, over: hit?.target)
    case .release: dropBorder()
    }
  }

  private mutating func dragBorder(to mouse: MouseEvent) {
    guard let drag = live.drag else { return }
    live.chart.panels = drag.panels(x: mouse.x, y: mouse.y)
    schedule.isDue = true
  }

  private mutating func dropBorder() {
    guard let drag = live.drag else { return }
    live.drag = nil
    if live.chart.panels != drag.panels { keepCharts() }
  }

  private mutating func press(_ target: HitMap.Target, _ mouse: MouseEvent, in area: Rect) {
    schedule.isDue = true
    switch target {
    case .action(let invocation): perform(invocation)
    case .knob(let lane, let key):
      live.focus = lane.map(Focus.lane) ?? .all
      // A click on the selected value starts editing it.
      if live.hyperparameter == key { edit(nil) } else { live.hyperparameter = key }
    case .chart(let lane, let layout):
      if let lane { live.focus = .lane(lane) }
      chooseExistingHyperparameter()
      putCursor(x: mouse.x, in: layout)
    case .border(let lane, let border, let grid):
      if let lane { live.focus = .lane(lane) }
      chooseExistingHyperparameter()
      live.drag = PanelDrag(x: mouse.x, y: mouse.y, border: border, grid: grid, panels: live.chart.panels)
    case .experiment(let index):
      launcher.side = .experiments
      launcher.select(index)
    case .field(let field):
      let isChosen = launcher.side == .form && launcher.field == field
      launcher.select(field)
      if isChosen, case .lane(let name) = field { _ = launcher.toggle(name) }
    case .place(let place): if mode == .sweep { pressInSweep(place) } else { _ = letViewTake(mouse, on: place) }
    case .row: break
    }
  }

  private mutating func putCursor(x: Int, in layout: ChartLayout) {
    guard let step = layout.step(atColumn: x) else { return }
    schedule.isDue = true
    live.chart.moveCursor(to: step, lastStep: lastStep)
  }

  private mutating func turnWheel(_ mouse: MouseEvent, over target: HitMap.Target?) {
    let isUp = mouse.kind == .wheelUp
    if mode == .sweep { return perform(Invocation(isUp ? .up : .down)) }
    switch target {
    case .chart: return perform(Invocation(isUp ? .zoomIn : .zoomOut))
    case .knob: return perform(Invocation(isUp ? .up : .down))
    default: break
    }
    if isInLauncher { return perform(Invocation(isUp ? .up : .down)) }
    let place: Int? = if case .place(let place) = target { place } else { nil }
    if !letViewTake(mouse, on: place) { perform(Invocation(isUp ? .zoomIn : .zoomOut)) }
  }

  private mutating func letViewTake(_ mouse: MouseEvent, on place: Int?) -> Bool {
    guard let requests = live.view.take(mouse, on: place, viewContext) else { return false }
    schedule.isDue = true
    fulfil(requests)
    return true
  }

  // MARK: Actions

  /// Performs an action.
  mutating func perform(_ invocation: Invocation) {
    schedule.isDue = true
    if invocation.action != .lessonNext { lesson?.keepTask() }
    if isInLauncher, performInLauncher(invocation) { return }
    if mode == .sweep, performInSweep(invocation) { return }
    if let obstacle = obstacle(to: invocation.action) { return say(obstacle, .warning) }
    ActionTable.definition(of: invocation.action).perform(&self, invocation.argument)
  }

  /// Closes the current layer.
  mutating func back() {
    if overlay != nil {
      overlay = nil
    } else if live.editor.dropDrafts() {
      say("change dropped")
    } else if toast != nil {
      messages.dismiss()
    } else if live.chart.cursor != nil {
      live.chart.hideCursor()
    } else if live.view.isMaximised {
      live.view.isMaximised = false
    } else if live.frozen != nil {
      freeze()
    } else if let requests = live.view.back(viewContext) {
      fulfil(requests)
    } else if live.chart.window != nil {
      live.chart.zoomAll()
    } else {
      show(live.home)
    }
  }

  /// Quits. During training, asks whether to stop it.
  mutating func quit() {
    // A lesson can be left at any point, and its training is not kept.
    guard model.isTraining, !isRecording, !isInLauncher, lesson == nil else { return end() }
    let isPreparing = model.lanes.isEmpty || model.snapshot.phase.isPreparation
    let course: Question.Course =
      isEngineSilent ? .unknown : isPreparing ? .preparing : model.isPaused ? .paused : .training
    open(Question.quit(course, canLeave: canLeave))
  }

  /// Quits with the reason.
  /// - Parameter leavingTraining: whether the lanes continue.
  mutating func end(leavingTraining: Bool = false) {
    let reason = ending(leavingTraining: leavingTraining)
    // Downloaded parts are kept for the next download.
    if reason == .leftLauncher, isDownloading { cancelDownload() }
    effects.append(.end(reason))
  }

  /// Why the dashboard would close now.
  /// - Parameter leavingTraining: whether the lanes continue.
  func ending(leavingTraining: Bool) -> DashboardEnd {
    if isInLauncher { return .leftLauncher }
    if isRecording { return .finished }
    if case .died(let reason) = model.loss { return .failed(reason) }
    if model.loss == .suspended { return .suspended }
    if model.isTraining { return leavingTraining ? .leftTraining : .quitTraining }
    return model.failure.map { .failed($0) } ?? .finished
  }
}
