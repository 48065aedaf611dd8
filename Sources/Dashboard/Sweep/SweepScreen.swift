package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// The screens of a sweep and their shared state.
package struct SweepScreen: Sendable {
  /// The sweep, and what the user has chosen of it.
  package internal(set) var model: SweepModel
  private var views: [any SweepView]
  private var place = 0

  /// The screens of a sweep.
  init(_ snapshot: SweepSnapshot) {
    model = SweepModel(snapshot)
    views = SweepViews.all.map { $0.init() }
  }

  /// The shown view.
  package internal(set) var view: any SweepView {
    get { views[place] }
    set { views[place] = newValue }
  }

  /// The tabs, in order.
  var tabs: [ViewTab] { views.map { type(of: $0).tab } }
  /// The action of the shown view.
  package var screen: Action { type(of: view).tab.action }

  /// Shows a view.
  mutating func show(_ screen: Action) { place = tabs.firstIndex { $0.action == screen } ?? place }

  /// Lets the shown view change itself and what is chosen.
  mutating func withView(_ work: (inout any SweepView, inout SweepModel) -> Void) {
    var view = views[place]
    work(&view, &model)
    views[place] = view
  }

  /// Shows the next or the previous view.
  mutating func turn(_ direction: Int) { place = (place + direction + views.count) % views.count }
}

// The sweep's screen as a part of the dashboard.

extension Dashboard {
  /// Takes what is new from a sweep.
  package mutating func consume(_ snapshot: SweepSnapshot, _ reports: [SweepReport], now: Double) {
    self.now = now
    if snapshot.version != sweep?.model.snapshot.version {
      sweep?.model.update(snapshot)
      schedule.isDue = true
    }
    for report in reports { say(report.text, report.isDone ? .good : .warning) }
  }

  /// Shows why a trial could not be opened.
  package mutating func didNotOpen(_ reason: String) { say(reason, .warning) }

  /// Performs an action that has a special meaning in a sweep.
  /// - Returns: whether it has one.
  mutating func performInSweep(_ invocation: Invocation) -> Bool {
    switch invocation.action {
    case .down: scrollSweep(.down)
    case .up: scrollSweep(.up)
    case .pageDown: scrollSweep(.pageDown)
    case .pageUp: scrollSweep(.pageUp)
    case .first: scrollSweep(.first)
    case .last: scrollSweep(.last)
    case .back: leaveLayer()
    default: return false
    }
    return true
  }

  private mutating func scrollSweep(_ move: ListMove) {
    sweep?.withView { $0.scroll(move, &$1) }
  }

  // Closes one thing at a time: the message, the filter, the marks, the view.
  private mutating func leaveLayer() {
    guard let screen = sweep else { return }
    if toast != nil {
      messages.dismiss()
    } else if !screen.model.filter.isEmpty {
      filterTrials("")
    } else if !screen.model.marked.isEmpty {
      sweep?.model.unmarkAll()
    } else {
      sweep?.show(SweepViews.all[0].tab.action)
    }
  }

  /// Handles the mouse over an element of the shown view.
  mutating func pressInSweep(_ place: Int) {
    sweep?.withView { $0.press(place, &$1) }
  }

  // MARK: Actions

  /// Chooses the next or the previous column or parameter.
  mutating func turnColumn(_ direction: Int) {
    sweep?.withView { $0.turn(direction, &$1) }
  }

  /// `:sort [COLUMN]`: sorts by a column, or in the opposite order.
  mutating func sortTrials(_ name: String?) {
    guard let model = sweep?.model else { return }
    guard let name else {
      sweep?.model.sort(by: model.column)
      return
    }
    guard let column = TrialColumn.named(name, in: model.snapshot) else {
      let names = TrialColumn.all(of: model.snapshot).map { $0.title(in: model.snapshot) }
      return say(
        "sort: expected \(names.joined(separator: ", ")), found “\(name)”" + NearestName.question(name, among: names),
        .warning)
    }
    sweep?.model.sort(by: column)
  }

  /// `:filter-trials [TEXT]`: shows matching trials; without a text lets it be typed.
  mutating func filterTrials(_ text: String?) {
    guard let text else {
      return open(LineEntry(.filter, prompt: "filter ", text: sweep?.model.filter.text ?? ""))
    }
    do { try sweep?.model.filter(by: text) } catch { say("\(error)", .warning) }
  }

  /// `:color [PARAMETER]`: colours points by the named parameter or the next one.
  mutating func colorTrials(_ name: String?) {
    guard let model = sweep?.model else { return }
    var chosen: Int?
    if let name {
      guard case .parameter(let index)? = TrialColumn.named(name, in: model.snapshot) else {
        let names = model.snapshot.parameters.indices.map { model.snapshot.shortName(ofParameter: $0) }
        return say(
          "color: expected \(names.joined(separator: ", ")), found “\(name)”"
            + NearestName.question(name, among: names), .warning)
      }
      chosen = index
    }
    sweep?.show(.parameters)
    sweep?.model.color(by: chosen)
    let words = sweep?.model.colorParameter.map { "by \(model.snapshot.shortName(ofParameter: $0))" } ?? "alike"
    say("points are coloured \(words)")
  }

  /// Changes the scale of the shown parameter's axis.
  mutating func toggleAxisScale() {
    guard let model = sweep?.model, !model.snapshot.parameters.isEmpty else { return }
    let name = model.snapshot.shortName(ofParameter: model.parameter)
    if case .categories = model.snapshot.parameters[model.parameter].scale {
      return say("\(name) has no numbers, so its axis has no scale", .warning)
    }
    sweep?.model.toggleScale()
    let isLogarithmic = sweep.map { $0.model.axis(of: model.parameter) == .numbers(.log) } ?? false
    say("the axis of \(name) is \(isLogarithmic ? "logarithmic" : "linear")")
  }

  /// Marks the selected trial or one of this number, or removes its mark, and goes on to the next.
  mutating func markTrial(_ number: String?) {
    withTrial(number) { dashboard, trial in
      dashboard.sweep?.model.toggleMark(trial.number)
      if number == nil { dashboard.scrollSweep(.down) }
    }
  }

  /// Opens a trial on the live screen.
  mutating func openTrial(_ number: String?) {
    withTrial(number) { dashboard, trial in
      if trial.state == .waiting { return dashboard.say("trial \(trial.number) was not started yet", .warning) }
      dashboard.effects.append(.end(.openTrial(trial.number)))
    }
  }

  /// Asks whether to stop a trial.
  mutating func stopTrial(_ number: String?) {
    withTrial(number) { dashboard, trial in
      if trial.state.hasEnded { return dashboard.say("trial \(trial.number) has ended already", .warning) }
      dashboard.open(Question.stop(trial))
    }
  }

  /// Lets a held trial go on.
  mutating func promoteTrial(_ number: String?) {
    withTrial(number) { dashboard, trial in
      guard trial.state == .held else {
        return dashboard.say(
          "trial \(trial.number) is \(trial.state.rawValue): only a trial that halving holds can be promoted", .warning)
      }
      dashboard.effects.append(.sweep(.promote(trial: trial.number)))
    }
  }

  /// `:fork-trial [NUMBER KEY=VALUE ...]`: trains a copy of a trial with other values.
  mutating func forkTrial(_ line: String?) {
    let words = (line ?? "").split(separator: " ").map(String.init)
    let number = words.first.flatMap { Int($0) != nil ? $0 : nil }
    let changes = words.dropFirst(number == nil ? 0 : 1).joined(separator: " ")
    withTrial(number) { dashboard, trial in
      if changes.isEmpty {
        return dashboard.open(LineEntry(.forkTrial(trial.number), prompt: "fork trial \(trial.number) with "))
      }
      dashboard.sendFork(of: trial.number, changes)
    }
  }

  /// Sends a fork with its changes, as typed.
  mutating func sendFork(of trial: Int, _ changes: String) {
    say("trial \(trial) is being copied …")
    effects.append(.sweep(.fork(trial: trial, changes: changes)))
  }

  private mutating func withTrial(
    _ number: String?, _ work: (inout Dashboard, SweepSnapshot.Trial) -> Void
  ) {
    guard let model = sweep?.model else { return }
    guard let number else {
      guard let trial = model.trial else { return say("no trial is selected", .warning) }
      return work(&self, trial)
    }
    guard let place = Int(number), let trial = model.snapshot.trial(place) else {
      return say("expected a trial from 1 to \(model.snapshot.trials.count), found “\(number)”", .warning)
    }
    work(&self, trial)
  }
}
