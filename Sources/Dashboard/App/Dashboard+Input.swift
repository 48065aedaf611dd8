import EngineProtocol
package import TerminalUI

extension Dashboard {
  /// Takes in what the person did.
  /// - Returns: what the world is to do.
  package mutating func handle(_ event: InputEvent, now: Double) -> [Effect] {
    self.now = now
    switch event {
    case .key(let key): handle(key)
    case .mouse(let mouse): handle(mouse)
    case .paste(let pasted): handle(pasted)
    case .report: break
    case .resize: needsRedraw = true
    case .hangup: effects.append(.end(.hangup))
    }
    return takeEffects()
  }

  private mutating func handle(_ key: Key) {
    needsRedraw = true
    // Ctrl-C is never text, and always means out; so does Ctrl-\, where others are used to it.
    if key == .control("c") || key == .control("\\") { return interrupt() }
    switch overlay {
    case .help(let state): handleHelp(key, state)
    case .themes(let state): handleThemes(key, state)
    case .confirmation(let confirmation): handle(key, asking: confirmation)
    case .checkpoints(let state): handleCheckpoints(key, state)
    case .entry(let entry): handle(key, in: entry)
    case nil: handleScreen(key)
    }
  }

  private mutating func handleScreen(_ key: Key) {
    if let action = keyMap.action(for: key, in: context) { return perform(Invocation(action)) }
    // A digit on a field that takes numbers begins to type its value.
    if case .launcher(let launcher) = mode, launcher.side == .form, case .character(let character) = key,
      character.isASCII, character.isNumber, launcher.field != .dataset
    {
      beginTyping(launcher.field, text: String(character))
    }
  }

  // One layer out; where nothing lies over the screen, the question that `q` asks. A second one answers that question
  // with the answer that ends nothing, where there is one.
  private mutating func interrupt() {
    switch overlay {
    case .confirmation(let confirmation) where confirmation.deed == .quit: end(leavingTraining: canLeave)
    case .confirmation(let confirmation): give(.no, to: confirmation)
    case .entry(let entry): handle(.escape, in: entry)
    case .themes(let state): handleThemes(.escape, state)
    case .help, .checkpoints: overlay = nil
    case nil:
      // In the launcher it ends a download first.
      if case .launcher = mode, isDownloading { return cancelDownload() }
      perform(Invocation(.quit))
    }
  }

  // Pasted text goes where text is typed, and nowhere else.
  private mutating func handle(_ pasted: PastedText) {
    switch overlay {
    case .entry(let entry): paste(pasted, into: entry)
    case .help(var state):
      state.search.insert(pasted.text)
      state.position = .start
      overlay = .help(state)
    default: return
    }
    needsRedraw = true
  }

  // MARK: Overlays

  private mutating func handle(_ key: Key, asking confirmation: Confirmation) {
    var confirmation = confirmation
    if confirmation.choose(by: key) { return overlay = .confirmation(confirmation) }
    guard let answer = confirmation.answer(for: key) else { return }
    give(answer, to: confirmation)
  }

  /// Does what the answer to a question says.
  mutating func give(_ answer: Confirmation.Answer, to confirmation: Confirmation) {
    overlay = nil
    switch (confirmation.deed, answer) {
    case (.quit, .leave): end(leavingTraining: true)
    case (.quit, .yes): end()
    case (.stop(let selection), .yes): effects.append(.send(.stop(selection)))
    case (.rewind(let checkpoint, _), .yes):
      effects.append(
        .send(.rewind(lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step)))
    case (.rewind(_, let list), .no): overlay = list.map(Overlay.checkpoints)
    case (.quit, .no), (.stop, .no), (.stop, .leave), (.rewind, .leave): break
    }
  }

  private mutating func handleHelp(_ key: Key, _ state: HelpState) {
    var state = state
    // A help entry may take several lines: the last frame knows. What is typed need not be searched at every key.
    func scroll(by rows: Int) {
      let count = max(listCount, state.rows(keyMap: keyMap).count)
      state.position.scroll(by: rows, count: count, height: listHeight)
    }
    switch key {
    case .escape where !state.search.text.isEmpty:
      state = HelpState()
    case .escape, .enter:
      overlay = nil
      return
    case .character("?") where state.search.text.isEmpty, .character("q") where state.search.text.isEmpty:
      overlay = nil
      return
    case .up: scroll(by: -1)
    case .down: scroll(by: 1)
    case .pageUp: scroll(by: -listHeight)
    case .pageDown: scroll(by: listHeight)
    case .home: state.position = .start
    case .end: state.position = .end
    default:
      guard state.search.handle(key) else { return }
      state.position = .start
    }
    overlay = .help(state)
  }

  private mutating func handleThemes(_ key: Key, _ state: ThemePickerState) {
    var state = state
    switch key {
    case .escape, .character("q"):
      theme = state.original
      overlay = nil
      return
    case .enter:
      guard let name = state.name, state.mistake.isEmpty else { return }
      themeName = name
      overlay = nil
      effects.append(.themeChosen(name))
      return say("theme \(name)")
    case .up, .character("k"): state.move(by: -1)
    case .down, .character("j"), .character("T"): state.move(by: 1)
    case .pageUp: state.move(by: -listHeight)
    case .pageDown: state.move(by: listHeight)
    case .home, .character("g"): state.move(by: -state.names.count)
    case .end, .character("G"): state.move(by: state.names.count)
    default: return
    }
    preview(&state)
    overlay = .themes(state)
  }

  /// Shows the picker's theme at once, or says why it cannot be loaded.
  mutating func preview(_ state: inout ThemePickerState) {
    guard let name = state.name else { return }
    do {
      theme = suited(try library.theme(named: name))
      state.mistake = ""
    } catch {
      state.mistake = "\(error)"
    }
  }

  /// Leaves, saying why.
  /// - Parameter leavingTraining: whether the lanes go on.
  mutating func end(leavingTraining: Bool = false) {
    let reason: DashboardEnd =
      if case .launcher = mode {
        .leftLauncher
      } else if isRecording {
        .finished
      } else if case .died(let reason) = model.loss {
        .failed(reason)
      } else if model.loss == .suspended {
        .suspended
      } else if model.isTraining {
        leavingTraining ? .leftTraining : .quitTraining
      } else if let failure = model.failure {
        .failed(failure)
      } else {
        .finished
      }
    // What has come of a data set is kept for the next time.
    if reason == .leftLauncher, isDownloading { effects.append(.send(.cancelDownload)) }
    effects.append(.end(reason))
  }
}
