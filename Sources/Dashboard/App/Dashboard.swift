package import EngineProtocol
package import TerminalUI

/// The whole dashboard as a state machine: input and engine answers go in, effects and frames come out.
///
/// It only wires its parts together: the connection to the engine, the launcher, the screens of a training, what lies over
/// them, and how all looks. It has no clock, terminal or engine of its own: times are passed in as seconds of any clock
/// that does not go back.
package struct Dashboard: Sendable {
  /// What the screen is for at the moment.
  package enum Mode: Hashable, Sendable {
    /// An experiment is chosen.
    case launcher
    /// An experiment trains, or has.
    case live
  }

  /// How the dashboard begins.
  package enum Beginning: Sendable {
    /// With the launcher; data sets are looked for in this folder first.
    case launcher(dataDirectory: String?)
    /// Straight to the live screen of what the engine has been told to train.
    case watching
  }

  /// What is shown: launcher or training.
  package internal(set) var mode: Mode
  /// What is known of the engine, and what was asked of it.
  package internal(set) var connection = Connection()
  /// The launcher, as it was left.
  package internal(set) var launcher: LauncherModel
  /// The screens of the training.
  package internal(set) var live: LiveScreen
  /// What lies over the screen; nil where nothing does.
  package internal(set) var overlay: (any Overlay)?
  /// How the screen looks.
  package var appearance: Appearance
  /// What is said at the foot of the screen.
  package internal(set) var messages = Messages()
  /// Whether the mouse is taken.
  package var takesMouse = true
  /// What the clock's zero is in seconds since 1970; nil where ages cannot be told.
  package var clockZero: Double?

  /// Which key does what.
  package let keyMap: KeyMap
  /// Whether the lanes can go on without the screen: the engine is a process of its own.
  package let canLeave: Bool
  /// Whether a recording is shown: leaving ends nothing.
  package let isRecording: Bool
  let beginning: Beginning

  /// When the next frame is due.
  package internal(set) var schedule = FrameSchedule()
  // What the last frame has left.
  var drawn = DrawnFrame()
  // The `:` commands typed so far, newest last.
  var commandHistory: [String] = []
  var effects: [Effect] = []
  var now: Double = 0

  /// A dashboard that begins with the launcher or with what the engine trains.
  /// - Parameters:
  ///   - theme: the colours to begin with, and their name in the library.
  ///   - library: the themes to choose from.
  ///   - keyMap: which key does what.
  ///   - canLeave: whether the lanes can go on without the screen.
  ///   - isRecording: whether a recording is shown.
  ///   - views: the screens of a training; the first one is shown.
  package init(
    beginning: Beginning, theme: Theme, themeName: String, library: ThemeLibrary, glyphs: GlyphSet = .braille,
    keyMap: KeyMap = KeyMap(), canLeave: Bool = false, isRecording: Bool = false,
    views: [any LiveView.Type] = LiveViews.all
  ) {
    self.beginning = beginning
    appearance = Appearance(theme: theme, themeName: themeName, library: library, glyphs: glyphs)
    self.keyMap = keyMap
    self.canLeave = canLeave
    self.isRecording = isRecording
    live = LiveScreen(views)
    switch beginning {
    case .launcher(let dataDirectory):
      (mode, launcher) = (.launcher, LauncherModel(dataDirectory: dataDirectory))
    case .watching: (mode, launcher) = (.live, LauncherModel())
    }
  }

  // MARK: Events

  /// What to ask for at the very beginning: the catalog, or nothing.
  package mutating func begin() -> [Effect] {
    switch beginning {
    case .launcher(let dataDirectory): send(.describeCatalog(dataDirectory: dataDirectory))
    case .watching: break
    }
    return takeEffects()
  }

  /// Takes in what the engine has told since the last time.
  package mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot, now: Double) -> [Effect] {
    self.now = now
    let isNews =
      !snapshot.isProgress(of: model.snapshot) || batch.events.contains { if case .points = $0 { false } else { true } }
    let isProgress = snapshot != model.snapshot
    let isHistory = connection.consume(batch, snapshot)
    for event in batch.events {
      react(to: event, isHistory: isHistory)
      live.take(event)
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

  /// Does what has become due: sends drafts that have rested, lets messages go, moves what shows that time passes.
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
    return takeEffects()
  }

  /// When `tick` has something to do next; nil when nothing is due.
  package var deadline: Double? {
    if model.loss != nil { return toast?.until }
    let pulse: Double? = if case .preparing = model.snapshot.phase { now + 0.125 } else { nil }
    return [
      live.editor.deadline, toast?.until, connection.pending.course?.until, pulse, schedule.deadline,
    ].compactMap { $0 }.min()
  }

  /// Takes in what the person did.
  /// - Returns: what the world is to do.
  package mutating func handle(_ event: InputEvent, now: Double) -> [Effect] {
    self.now = now
    switch event {
    case .key(let key): take(key)
    case .mouse(let mouse): take(mouse)
    case .paste(let pasted): take(pasted)
    case .report: break
    case .resize: schedule.isDue = true
    case .hangup: effects.append(.end(.hangup))
    }
    return takeEffects()
  }

  // MARK: What the parts share

  /// What the engine has told.
  package var model: DashboardModel { connection.model }
  /// The model to draw: the newest, or the one at which the picture was frozen.
  var shown: DashboardModel { live.frozen ?? model }
  /// The message at the foot; nil where there is none.
  package var toast: Toast? { messages.toast }
  /// Seconds since 1970; nil where they cannot be told.
  var time: Double? { clockZero.map { $0 + now } }
  /// Whether an experiment is being chosen.
  var isInLauncher: Bool { mode == .launcher }
  /// Where actions are looked up.
  var context: ActionContext { isInLauncher ? .launcher : .live }
  /// What a view may see now.
  var viewContext: ViewContext {
    ViewContext(
      shown, focus: live.focus, chart: live.chart, keyMap: keyMap, canSteer: obstacle(to: .rewind) == nil,
      before: drawn.memory.ranges)
  }

  /// Shows a message at the foot for some seconds; what matters more stays longer.
  mutating func say(_ text: String, _ weight: LogEntry.Weight = .plain) {
    messages.say(text, weight, now: now)
    schedule.isDue = true
  }

  /// Asks the engine for something.
  /// - Returns: the ID that the answers bear.
  @discardableResult
  mutating func send(_ command: EngineCommand) -> CommandID {
    let id = connection.pending.add(command, now: now)
    effects.append(.send(command, id))
    return id
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    guard model.loss != nil else { return effects }
    // Nobody would hear it.
    return effects.filter { if case .send = $0 { false } else { true } }
  }
}
