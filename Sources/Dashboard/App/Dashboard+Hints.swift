import EngineProtocol
import TerminalUI

extension Dashboard {
  /// The footer of the screen as it is: the message, or the hints.
  /// - Parameter layout: what of the training has room; nil in the launcher.
  func footer(on layout: LiveLayout?) -> Footer {
    if let overlay { return Footer(hints: hints(of: overlay), fixedCount: 0, toast: toast) }
    return Footer(hints: hints(on: layout), fixedCount: 2, toast: toast)
  }

  // The keys of what lies over the screen: those of the screen do nothing there.
  private func hints(of overlay: Overlay) -> [Footer.Hint] {
    let choose = Footer.Hint(keys: Key.up.label + Key.down.label, title: "choose")
    func hint(_ key: Key, _ title: String) -> Footer.Hint { Footer.Hint(keys: key.label, title: title) }
    switch overlay {
    case .help:
      return [
        hint(.escape, "leave"), Footer.Hint(keys: choose.keys, title: "scroll"), .init(keys: "a-z", title: "search"),
      ]
    case .themes: return [choose, hint(.enter, "keep"), hint(.escape, "back")]
    case .confirmation(let confirmation):
      return confirmation.choices.compactMap { choice in choice.keys.first.map { hint($0, choice.title) } }
    case .checkpoints:
      guard hasEngine else { return [choose, hint(.escape, "leave")] }
      return [choose, hint(.enter, "rewind"), hint(.character("f"), "fork")]
        + (isRecorded ? [hint(.character("C"), "write one")] : []) + [hint(.escape, "leave")]
    // It has the footer's row.
    case .entry: return []
    }
  }

  /// Whether the run has a directory for checkpoints.
  var isRecorded: Bool { model.run?.directory != nil }

  // The hints in order of importance; help and quit, the last two, are always there.
  private func hints(on layout: LiveLayout?) -> [Footer.Hint] {
    var list = HintList(keyMap: keyMap)
    switch mode {
    case .launcher(let launcher): addHints(of: launcher, to: &list)
    case .live: addLiveHints(to: &list, on: layout)
    }
    list.add(.help)
    list.add(.quit)
    return list.hints
  }

  private func addHints(of launcher: LauncherModel, to list: inout HintList) {
    list.add(.start)
    list.add(.up, .down, "choose")
    if launcher.side == .experiments {
      list.add(.lane, "settings")
    } else {
      list.add(.decrease, .increase, "change")
      list.add(.toggle, "lane on/off")
      list.add(.type)
      list.add(.lane, "experiments")
    }
    list.add(.open)
    list.add(.theme)
  }

  private func addLiveHints(to list: inout HintList, on layout: LiveLayout?) {
    if model.lanes.isEmpty { return list.add(.theme) }
    if model.loss != nil { list.add(.resumeRun) }
    if chart.cursor != nil {
      list.add(.cursorLeft, .cursorRight, "move cursor")
      list.add(.back, "cursor off")
    }
    if frozen != nil { list.add(.freeze, "unfreeze") }
    let canSteer = !model.isFinished && model.loss == nil && !isRecording
    if screen == .journal {
      list.add(.up, .down, "scroll")
      list.add(.filter)
      list.add(.last, "newest")
    } else if canSteer {
      list.add(.up, .down, "choose")
      list.add(.decrease, .increase, "change")
      list.add(.edit)
      list.add(.lane)
    }
    if canSteer {
      list.add(.pause, model.isPaused ? "go on" : nil)
      list.add(.step)
      list.add(.undo)
    }
    if screen != .journal { list.add(.zoomIn, .zoomOut, "zoom") }
    if chart.cursor == nil, screen != .journal { list.add(.cursorLeft, .cursorRight, "cursor") }
    // A single lane on the smallest screens is alone already.
    let isAlone = layout?.form == .compact && (model.lanes.count < 2 || screen == .journal)
    if isMaximised || !isAlone { list.add(.maximise, maximiseTitle) }
    if screen != .journal { list.add(.logScale) }
    if frozen == nil { list.add(.freeze) }
    if !model.lanes.allSatisfy(\.checkpoints.isEmpty) { list.add(.checkpoints) }
    if canSteer { list.add(.stopAll) }
    list.add(.theme)
  }

  // What the key of `maximise` would do now; nil for just that.
  private var maximiseTitle: String? {
    guard isMaximised else { return nil }
    return switch screen {
    case .lanes: "all panels"
    case .compare: comparedChart == .loss ? "accuracy" : "both charts"
    case .flips: "all layers"
    case .journal: "all panels"
    }
  }
}
