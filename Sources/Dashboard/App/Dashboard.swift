package import EngineProtocol
package import TerminalUI

/// The dashboard as a state machine: it takes input and the engine's answers, and returns effects and frames.
///
/// It connects its parts: the connection to the engine, the launcher, the screens of a training, overlays, and
/// appearance. It has no clock, terminal or engine of its own: times are passed in as seconds of any monotonic clock.
package struct Dashboard: Sendable {
  /// What the screen currently shows.
  package enum Mode: Hashable, Sendable {
    /// The launcher, to choose an experiment.
    case launcher
    /// A running or finished experiment.
    case live
    /// A sweep.
    case sweep
  }

  /// How the dashboard starts.
  package enum Beginning: Sendable {
    /// With the launcher; data sets are looked for in this directory first.
    case launcher(dataDirectory: String?)
    /// With the live screen of a run that the engine was told to train.
    case watching
    /// With the screen of a sweep.
    case sweep(SweepSnapshot)
  }

  /// Whether the launcher, a training or a sweep is shown.
  package internal(set) var mode: Mode
  /// The connection to the engine: its state, and outstanding commands.
  package internal(set) var connection = Connection()
  /// The launcher, in the state in which it was left.
  package internal(set) var launcher: LauncherModel
  /// The screens of the training.
  package internal(set) var live: LiveScreen
  /// The screens of the sweep; nil unless one is shown.
  package internal(set) var sweep: SweepScreen?
  /// The open overlay; nil if there is none.
  package internal(set) var overlay: (any Overlay)?
  /// Colours and glyphs.
  package var appearance: Appearance
  /// Messages in the footer.
  package internal(set) var messages = Messages()
  /// The lesson that is being taken; nil for none.
  package var lesson: LessonCourse?
  /// What could not be saved for the next session, and was said so.
  var notRemembered: Set<RememberedThing> = []
  /// Whether mouse input is on.
  package var takesMouse = true
  /// The clock's zero in seconds since 1970; nil if unknown, in which case ages are not shown.
  package var clockZero: Double?

  /// The keys of actions.
  package internal(set) var keyMap: KeyMap
  /// The settings of the user's file, as far as they are valid.
  package internal(set) var settings: Settings
  /// Whether the theme was given on the command line, so that the settings do not change it.
  package var hasFixedTheme = false
  /// Whether the lanes can continue without the dashboard, because the engine is a separate process.
  package let canLeave: Bool
  /// Whether a recording is shown, in which case leaving stops nothing.
  package let isRecording: Bool
  let beginning: Beginning

  /// When the next frame is due.
  package internal(set) var schedule = FrameSchedule()
  // What the last frame left for the next.
  var drawn = DrawnFrame()
  /// The `:` commands typed so far, also in earlier sessions, newest last.
  package var commandHistory: [String] = []
  var effects: [Effect] = []
  var now: Double = 0

  /// A dashboard that starts with the launcher or with a run.
  /// - Parameters:
  ///   - theme: the initial theme, and its name in the library.
  ///   - library: the available themes.
  ///   - settings: the user's keys, and the screen that is shown first.
  ///   - canLeave: whether the lanes can continue without the dashboard.
  ///   - isRecording: whether a recording is shown.
  ///   - views: the screens of a training; the first one is shown.
  package init(
    beginning: Beginning, theme: Theme, themeName: String, library: ThemeLibrary, glyphs: GlyphSet = .braille,
    settings: Settings = Settings(), canLeave: Bool = false, isRecording: Bool = false,
    views: [any LiveView.Type] = LiveViews.all
  ) {
    self.beginning = beginning
    appearance = Appearance(theme: theme, themeName: themeName, library: library, glyphs: glyphs)
    self.settings = settings
    keyMap = KeyMap(rebound: settings.keys)
    self.canLeave = canLeave
    self.isRecording = isRecording
    live = LiveScreen(views, home: settings.screen)
    switch beginning {
    case .launcher(let dataDirectory):
      (mode, launcher) = (.launcher, LauncherModel(dataDirectory: dataDirectory))
    case .watching: (mode, launcher) = (.live, LauncherModel())
    case .sweep(let snapshot):
      (mode, launcher) = (.sweep, LauncherModel())
      sweep = SweepScreen(snapshot)
    }
  }

  // MARK: Events

  /// Returns the initial requests: the catalog, or nothing.
  package mutating func begin() -> [Effect] {
    switch beginning {
    case .launcher(let dataDirectory): send(.describeCatalog(dataDirectory: dataDirectory))
    case .watching, .sweep: break
    }
    return takeEffects()
  }

  /// Processes what is new from the engine.
  package mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot, now: Double) -> [Effect] {
    self.now = now
    let isNews =
      !snapshot.isProgress(of: model.snapshot) || batch.events.contains { if case .points = $0 { false } else { true } }
    let isProgress = snapshot != model.snapshot
    let isHistory = connection.consume(batch, snapshot)
    for event in batch.events {
      react(to: event, isHistory: isHistory)
      live.take(event)
      lesson?.take(event)
      withOverlay { overlay, dashboard in
        overlay.take(event, &dashboard)
        return .stays
      }
    }
    connection.settle(snapshot)
    if case .lane(let index) = live.focus, connection.isCaughtUp, index >= model.lanes.count { live.focus = .all }
    if mode == .live, isNews || isProgress, !model.lanes.isEmpty { fulfil(live.view.refresh(viewContext)) }
    if live.frozen == nil || overlay != nil || toast != nil {
      if isNews { schedule.isDue = true } else if isProgress { schedule.hasNewFigures = true }
      if !batch.events.isEmpty { schedule.havePointsCome() }
    }
    failIfNothingStarted()
    return takeEffects()
  }

  /// Does what has become due: sends drafts, removes expired messages, animates progress.
  package mutating func tick(now: Double) -> [Effect] {
    self.now = now
    if model.loss != nil { _ = live.editor.dropDrafts() }
    edit { [model, pending = connection.pending] editor, send in
      editor.commitDrafts(dueBy: now, allLanes: model.lanes, isChanging: pending.isChanging, send: send)
    }
    if live.editor.expire(now: now) { schedule.isDue = true }
    if connection.pending.expire(now: now) { schedule.isDue = true }
    if messages.expire(now: now) { schedule.isDue = true }
    if case .preparing = model.snapshot.phase, model.loss == nil { schedule.isDue = true }
    schedule.tick(now: now)
    askForPoints()
    checkLesson()
    return takeEffects()
  }

  /// When `tick` is next needed; nil if nothing is due.
  package var deadline: Double? {
    if model.loss != nil { return toast?.until }
    let pulse: Double? = if case .preparing = model.snapshot.phase { now + 0.125 } else { nil }
    return [
      live.editor.deadline, toast?.until, connection.pending.course?.until, pulse, schedule.deadline,
    ].compactMap { $0 }.min()
  }

  /// Processes an input event.
  /// - Returns: the effects to carry out.
  package mutating func handle(_ event: InputEvent, now: Double) -> [Effect] {
    self.now = now
    switch event {
    case .key(let key): take(key)
    case .mouse(let mouse): take(mouse)
    case .paste(let pasted): take(pasted)
    case .report(let report):
      if report == .drawsImages {
        appearance.terminalDrawsImages = true
        schedule.isDue = true
      }
    case .resize: schedule.isDue = true
    case .hangup: effects.append(.end(.hangup))
    }
    return takeEffects()
  }

  // MARK: State used by several parts

  /// The state received from the engine.
  package var model: DashboardModel { connection.model }
  /// The model to draw: the current one, or the one at which the picture was frozen.
  var shown: DashboardModel { live.frozen ?? model }
  /// The message in the footer; nil if there is none.
  package var toast: Toast? { messages.toast }
  /// Seconds since 1970; nil if unknown.
  var time: Double? { clockZero.map { $0 + now } }
  /// Whether the launcher is shown.
  var isInLauncher: Bool { mode == .launcher }
  /// The context in which actions are looked up.
  var context: ActionContext {
    switch mode {
    case .launcher: .launcher
    case .live: .live
    case .sweep: .sweep
    }
  }
  /// The state that views can access.
  var viewContext: ViewContext {
    ViewContext(
      shown, focus: live.focus, chart: live.chart, keyMap: keyMap, canSteer: obstacle(to: .rewind) == nil,
      canAsk: answersQuestions,
      before: drawn.memory.ranges)
  }

  /// Shows a message in the footer for some seconds, depending on its weight.
  mutating func say(_ text: String, _ weight: LogEntry.Weight = .plain) {
    messages.say(text, weight, now: now)
    schedule.isDue = true
  }

  /// Sends a command to the engine.
  /// - Returns: the ID of the command.
  @discardableResult
  mutating func send(_ command: EngineCommand) -> CommandID {
    let id = connection.pending.add(command, now: now)
    effects.append(.send(command, id))
    return id
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    guard model.loss != nil else { return effects }
    // The engine would not receive it.
    return effects.filter { if case .send = $0 { false } else { true } }
  }
}
