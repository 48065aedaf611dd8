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
      let chosen = confirmation.choices.filter { $0.answer == confirmation.chosen }.map { hint(.enter, $0.title) }
      let others = confirmation.choices.filter { $0.answer != confirmation.chosen }
      return chosen + others.compactMap { choice in choice.keys.first.map { hint($0, choice.title) } }
        + [Footer.Hint(keys: Key.left.label + Key.right.label, title: "choose")]
    case .checkpoints:
      guard hasEngine else { return [choose, hint(.escape, "leave")] }
      return [choose, hint(.enter, "rewind"), hint(.character("f"), "fork")]
        + (isRecorded ? [hint(.character("C"), "write one")] : []) + [hint(.escape, "leave")]
    // It has the footer's row.
    case .entry: return []
    }
  }

  /// The actions that the foot of the screen hints at now.
  package var hintedActions: [Action] { overlay == nil ? hints(on: lastLayout).compactMap(\.invocation?.action) : [] }

  /// Whether the run has a directory for checkpoints.
  var isRecorded: Bool { model.run?.directory != nil }

  // The hints in order of importance; help and quit, the last two, are always there.
  private func hints(on layout: LiveLayout?) -> [Footer.Hint] {
    var list = HintList(keyMap: keyMap, isUseful: isUseful)
    switch mode {
    case .launcher(let launcher): addHints(of: launcher, to: &list)
    case .live: addLiveHints(to: &list, on: layout)
    }
    list.add(.help)
    list.add(.quit)
    return list.hints
  }

  private func addHints(of launcher: LauncherModel, to list: inout HintList) {
    if model.snapshot.download != nil { list.add(.back, "end the download") }
    list.add(.start)
    list.add(.download, launcher.missing.map { "download \($0.name)" })
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
    list.add(.resumeRun)
    if model.lanes.contains(where: \.hasFailed) { list.add(.checkpoints) }
    if chart.cursor != nil {
      list.add(.cursorLeft, .cursorRight, "move cursor")
      list.add(.back, "cursor off")
    }
    if frozen != nil { list.add(.freeze, "unfreeze") }
    if screen == .journal {
      if journalRows.count > listHeight { list.add(.up, .down, "scroll") }
      list.add(.filter)
      list.add(.last, "newest")
    } else if isUseful(.edit) {
      list.add(.up, .down, "choose")
      list.add(.decrease, .increase, "change")
      list.add(.edit)
      list.add(.lane)
    }
    list.add(.pause, model.isPaused ? "go on" : nil)
    list.add(.step)
    list.add(.undo)
    list.add(.redo)
    if isUseful(.zoomOut) { list.add(.zoomIn, .zoomOut, "zoom") } else { list.add(.zoomIn, "zoom") }
    if chart.cursor == nil { list.add(.cursorLeft, .cursorRight, "cursor") }
    // A single lane on the smallest screens is alone already.
    let isAlone = layout?.form == .compact && (model.lanes.count < 2 || screen == .journal)
    if isMaximised || !isAlone { list.add(.maximise, maximiseTitle) }
    list.add(.logScale)
    if frozen == nil { list.add(.freeze) }
    if !model.lanes.contains(where: \.hasFailed) { list.add(.checkpoints) }
    list.add(.stopAll)
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
