import EngineProtocol
import TerminalUI

extension Dashboard {
  /// Does what the mouse says: a click chooses, the wheel zooms or scrolls, a drag moves the charts' cursor.
  mutating func handle(_ mouse: MouseEvent) {
    guard takesMouse else { return }
    let hit = hits.target(x: mouse.x, y: mouse.y)
    if overlay != nil { return handleOverlay(mouse, hit?.target) }
    switch mouse.kind {
    case .press:
      if let hit { press(hit.target, area: hit.area, x: mouse.x) }
    case .drag:
      if let hit, case .chart(_, let steps) = hit.target { putCursor(x: mouse.x, in: hit.area, steps) }
    case .wheelUp, .wheelDown: turnWheel(mouse, hit)
    case .release: break
    }
  }

  private mutating func press(_ target: HitMap.Target, area: Rect, x: Int) {
    needsRedraw = true
    switch target {
    case .action(let invocation): perform(invocation)
    case .knob(let lane, let key):
      focus = lane.map(Focus.lane) ?? .all
      // A click on the chosen value begins to type it.
      if hyperparameter == key { edit(nil) } else { hyperparameter = key }
    case .chart(let lane, let steps):
      if let lane { focus = .lane(lane) }
      chooseExistingHyperparameter()
      putCursor(x: x, in: area, steps)
    case .experiment(let index):
      guard case .launcher(var launcher) = mode else { return }
      launcher.side = .experiments
      launcher.select(index)
      mode = .launcher(launcher)
    case .field(let field):
      guard case .launcher(var launcher) = mode else { return }
      let isChosen = launcher.side == .form && launcher.field == field
      launcher.select(field)
      if isChosen, case .lane(let name) = field { _ = launcher.toggle(name) }
      mode = .launcher(launcher)
    case .row: break
    }
  }

  private mutating func putCursor(x: Int, in area: Rect, _ steps: ClosedRange<Double>) {
    needsRedraw = true
    let share = (Double(x - area.x) + 0.5) / Double(max(1, area.width))
    let step = steps.lowerBound + share * (steps.upperBound - steps.lowerBound)
    chart.moveCursor(to: Int(step.rounded()), lastStep: lastStep)
  }

  private mutating func turnWheel(_ mouse: MouseEvent, _ hit: (area: Rect, target: HitMap.Target)?) {
    let isUp = mouse.kind == .wheelUp
    if let hit, case .chart = hit.target { return perform(Invocation(isUp ? .zoomIn : .zoomOut)) }
    if let hit, case .knob = hit.target { return perform(Invocation(isUp ? .up : .down)) }
    if context == .launcher || screen == .journal {
      for _ in 0..<(screen == .journal ? 3 : 1) { perform(Invocation(isUp ? .up : .down)) }
    } else if screen != .flips {
      perform(Invocation(isUp ? .zoomIn : .zoomOut))
    }
  }

  private mutating func handleOverlay(_ mouse: MouseEvent, _ target: HitMap.Target?) {
    needsRedraw = true
    switch (overlay, mouse.kind) {
    case (.themes(var state), .press):
      guard case .row(let index) = target else { return }
      state.move(by: index - state.selected)
      preview(&state)
      overlay = .themes(state)
    case (.themes, .wheelUp), (.help, .wheelUp), (.checkpoints, .wheelUp): effects += handle(.key(.up), now: now)
    case (.themes, .wheelDown), (.help, .wheelDown), (.checkpoints, .wheelDown):
      effects += handle(.key(.down), now: now)
    case (.help, .press): if target == nil { overlay = nil }
    case (.confirmation(let confirmation), .press):
      if case .action(let invocation) = target, let answer = invocation.argument.flatMap(Confirmation.Answer.init) {
        give(answer, to: confirmation)
      }
    case (.checkpoints(var state), .press):
      guard case .row(let index) = target else { return }
      let rows = state.rows(model.lanes)
      state.move(by: index - state.place(in: rows), in: rows)
      overlay = .checkpoints(state)
    default: break
    }
  }
}
