package import EngineProtocol
package import TerminalUI

/// The whole dashboard as a state machine: input and engine answers go in, effects and frames come out.
///
/// It has no clock, terminal or engine of its own: times are passed in as seconds of any clock that does not go back.
package struct Dashboard: Sendable {
  /// What the screen is for at the moment.
  package enum Mode: Sendable {
    /// An experiment is chosen.
    case launcher(LauncherModel)
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
  /// What the engine has told.
  package internal(set) var model = DashboardModel()
  /// The model as it was when the picture was frozen; nil while it moves.
  package internal(set) var frozen: DashboardModel?
  /// What lies over the screen; nil where nothing does.
  package internal(set) var overlay: Overlay?
  /// The message at the foot; nil where there is none.
  package internal(set) var toast: Toast?
  /// The screen of the training.
  package internal(set) var screen = Screen.lanes
  /// Which lanes a change speaks to.
  package internal(set) var focus = Focus.all
  /// Whether the lane in focus, a chart or a layer has the screen alone.
  package internal(set) var isMaximised = false
  /// The chart of the compare screen that has it alone, where one has.
  var comparedChart = ComparedChart.loss
  /// How the charts are looked at.
  package internal(set) var chart = ChartView()
  /// The hyperparameter that the arrows change.
  package internal(set) var hyperparameter = Hyperparameter.learningRate
  /// The changes of hyperparameters under way.
  package internal(set) var editor = KnobEditor()
  /// The words that the journal's lines must have.
  package internal(set) var journalFilter = ""
  /// Where the journal is scrolled to.
  package internal(set) var journalPosition = ListPosition.end
  /// The first layer shown of the flips.
  package internal(set) var flipsPosition = ListPosition.start
  /// The colours.
  package internal(set) var theme: Theme
  /// The theme's name in the library.
  package internal(set) var themeName: String
  /// The glyphs.
  package internal(set) var glyphs: GlyphSet
  /// Whether the mouse is taken.
  package var takesMouse = true
  /// For how long the engine has not answered what it was asked, in seconds.
  package internal(set) var engineSilence = 0.0
  /// Whether the screen is to be drawn anew.
  package internal(set) var needsRedraw = true
  /// Whether points have come, which only the charts show, and not all lanes' charts show them yet.
  package var hasNewPoints: Bool { turnsLeft > 0 }
  /// Whether it is time to draw them.
  package var areCurvesDue: Bool { hasNewPoints && now >= curveTime + Self.curveInterval }
  /// In how many frames, one after the other, all lanes' charts are drawn.
  static let turns = 2
  var turnsLeft = 0
  var turn = 0
  /// The least time between two pictures of figures that only tell of progress, in seconds: who reads them needs it, and
  /// each costs a slow line more than the curves do.
  package static let figureInterval = 0.4
  /// The least time between two pictures of curves, in seconds: a curve's tip that moves more often tells no more.
  package static let curveInterval = 0.05
  // When curves were last drawn.
  var curveTime = -Double.infinity
  // When the figures were last drawn, and whether newer ones have come.
  var figureTime = -Double.infinity
  var hasNewFigures = false
  /// Which key does what.
  package let keyMap: KeyMap
  /// Whether the lanes can go on without the screen: the engine is a process of its own.
  package let canLeave: Bool
  /// Whether a recording is shown: leaving ends nothing.
  package let isRecording: Bool
  /// Makes of a theme what the terminal can show.
  package var suited: @Sendable (Theme) -> Theme = { $0 }
  /// What the clock's zero is in seconds since 1970; nil where ages cannot be told.
  package var clockZero: Double?

  let library: ThemeLibrary
  let beginning: Beginning
  var effects: [Effect] = []
  var now: Double = 0
  // What the last frame has where, for the mouse and for paging.
  var hits = HitMap()
  var listHeight = 1
  var listCount = 0
  var memory = DrawingMemory()
  // The last frame, and how the last live screen was divided.
  var lastFrame: Frame?
  var lastLayout: LiveLayout?
  var commandHistory: [String] = []
  // Commands whose answer is awaited, and until when: some commands change nothing and are not answered.
  var awaited: [CommandID: Double] = [:]
  // What the lanes were just asked to do, shown until they tell that they do it.
  var request: CourseRequest?
  var awaitsCatalog = false
  // An engine was put in the place of a lost one, and has not told of the run yet.
  var isResuming = false
  // The engine has told all that happened before one came.
  var isCaughtUp = false
  // The download that was asked for and has not ended.
  var downloadID: CommandID?
  // The start on its way: neither begun nor failed.
  var startID: CommandID?
  // The change that the message at the foot tells of, and where it took effect.
  var announced: (summary: String, origin: String, places: [(lane: String, step: Int)])?

  /// A dashboard that begins with the launcher or with what the engine trains.
  /// - Parameters:
  ///   - theme: the colours to begin with, and their name in the library.
  ///   - library: the themes to choose from.
  ///   - keyMap: which key does what.
  ///   - canLeave: whether the lanes can go on without the screen.
  ///   - isRecording: whether a recording is shown.
  package init(
    beginning: Beginning, theme: Theme, themeName: String, library: ThemeLibrary, glyphs: GlyphSet = .braille,
    keyMap: KeyMap = KeyMap(), canLeave: Bool = false, isRecording: Bool = false
  ) {
    self.beginning = beginning
    self.theme = theme
    self.themeName = themeName
    self.library = library
    self.glyphs = glyphs
    self.keyMap = keyMap
    self.canLeave = canLeave
    self.isRecording = isRecording
    mode =
      switch beginning {
      case .launcher(let dataDirectory): .launcher(LauncherModel(dataDirectory: dataDirectory))
      case .watching: .live
      }
  }

  /// What to ask for at the very beginning: the catalog, or nothing.
  package mutating func begin() -> [Effect] {
    switch beginning {
    case .launcher(let dataDirectory): effects.append(.send(.describeCatalog(dataDirectory: dataDirectory)))
    case .watching: break
    }
    return takeEffects()
  }

  /// For how long the engine is watched after an answer: other lanes may answer too, and the snapshot that shows what
  /// came of it follows.
  static let watchAfterAnswer = 0.3

  /// Takes in under which name a command was sent.
  package mutating func didSend(_ command: EngineCommand, as id: CommandID) {
    editor.didSend(command, as: id)
    model.didSend(id)
    switch command {
    case .describeCatalog: awaitsCatalog = true
    case .start: startID = id
    case .download: downloadID = id
    case .cancelDownload: break
    case .pause, .resume, .singleStep:
      // A lane may be in the middle of a validation.
      request = CourseRequest(command, id, until: now + 10)
      awaited[id] = now + 3
    case .runToEpoch, .stop, .set, .checkpoint, .rewind, .fork, .suspend, .reopen:
      awaited[id] = now + 3
    }
  }

  /// Takes in what the engine has told since the last time.
  package mutating func consume(_ batch: EventBatch, _ snapshot: Snapshot, now: Double) -> [Effect] {
    self.now = now
    let isNews =
      !snapshot.isProgress(of: model.snapshot) || batch.events.contains { if case .points = $0 { false } else { true } }
    let isProgress = snapshot != model.snapshot
    // The first snapshot with lanes comes behind all that happened before. What comes with the start is no news either.
    let isHistory = !isCaughtUp || batch.events.contains { if case .started = $0 { true } else { false } }
    model.consume(batch, snapshot, isHistory: isHistory)
    for event in batch.events { react(to: event, isHistory: isHistory) }
    if let request, request.isFulfilled(in: model) { self.request = nil }
    if !isCaughtUp, !isResuming { isCaughtUp = !snapshot.lanes.isEmpty }
    if case .lane(let index) = focus, isCaughtUp, index >= model.lanes.count { focus = .all }
    if frozen == nil || overlay != nil || toast != nil {
      if isNews { needsRedraw = true } else if isProgress { hasNewFigures = true }
      if !batch.events.isEmpty { turnsLeft = Self.turns }
    }
    failIfNothingStarted()
    return takeEffects()
  }

  /// Takes in that the engine has ended as it should, after all that it has told.
  package mutating func engineHasEnded() -> [Effect] {
    guard model.loss == nil else { return [] }
    model.engineHasEnded()
    forgetEngine()
    return takeEffects()
  }

  /// Does what has become due: sends drafts that have rested, lets messages go, moves what shows that time passes.
  package mutating func tick(now: Double) -> [Effect] {
    self.now = now
    if model.loss != nil { _ = editor.dropDrafts() }
    for command in editor.commitDrafts(dueBy: now, allLanes: model.lanes) { effects.append(.send(command)) }
    if editor.expire(now: now) { needsRedraw = true }
    awaited = awaited.filter { $0.value > now }
    if let request, request.until <= now {
      self.request = nil
      needsRedraw = true
    }
    if let toast, toast.until <= now {
      self.toast = nil
      needsRedraw = true
    }
    if case .preparing = model.snapshot.phase, model.loss == nil { needsRedraw = true }
    if hasNewFigures, now >= figureTime + Self.figureInterval { needsRedraw = true }
    return takeEffects()
  }

  /// When `tick` has something to do next; nil when nothing is due.
  package var deadline: Double? {
    if model.loss != nil { return toast?.until }
    let pulse: Double? = if case .preparing = model.snapshot.phase { now + 0.125 } else { nil }
    let figures = hasNewFigures ? figureTime + Self.figureInterval : nil
    let curves = turnsLeft > 0 ? curveTime + Self.curveInterval : nil
    return [editor.deadline, toast?.until, request?.until, pulse, figures, curves].compactMap { $0 }.min()
  }

  /// Whether the engine has something to tell soon: it trains, or owes an answer.
  package var expectsNews: Bool {
    if model.loss != nil { return false }
    if isEngineSilent || model.snapshot.download != nil { return true }
    if case .live = mode, !isCaughtUp { return true }
    return isResuming || model.isBusy && !isRecording || awaitsAnswer || awaitsCatalog || startID != nil
      || downloadID != nil
  }

  /// Whether a command was sent that the engine has not answered.
  package var awaitsAnswer: Bool { request != nil || editor.isAwaitingAnswer || !awaited.isEmpty }

  /// The model to draw: the newest, or the one at which the picture was frozen.
  var shown: DashboardModel { frozen ?? model }

  /// Where actions are looked up.
  package var context: ActionContext {
    if case .launcher = mode { return .launcher }
    return .live
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    guard model.loss != nil else { return effects }
    // Nobody would hear it.
    return effects.filter { if case .send = $0 { false } else { true } }
  }

  /// Forgets the commands whose answers will not come any more.
  mutating func forgetCommands() {
    editor = KnobEditor()
    awaited = [:]
    request = nil
    awaitsCatalog = false
    startID = nil
    downloadID = nil
    announced = nil
  }

  /// What was asked of the engine that is gone, and awaited of it, is no more.
  mutating func forgetEngine() {
    forgetCommands()
    isResuming = false
    toast = nil
    needsRedraw = true
    if model.run == nil, let loss = model.loss { backToLauncher(loss.words) }
    if case .confirmation = overlay { overlay = nil }
  }

  /// Shows a message at the foot for some seconds; what matters more stays longer.
  mutating func say(_ text: String, _ weight: LogEntry.Weight = .plain) {
    let seconds: Double =
      switch weight {
      case .plain: 2.5
      case .change, .good: 4
      case .warning, .bad: 7
      }
    toast = Toast(text: text, weight: weight, until: now + seconds)
    needsRedraw = true
  }

  // The launcher as it was left, to come back to when nothing could be started.
  var savedLauncher: LauncherModel?
}

extension Snapshot {
  /// Whether it differs from an earlier one only in figures that move with every step.
  fileprivate func isProgress(of former: Snapshot) -> Bool {
    phase == former.phase && clients == former.clients && storage?.problem == former.storage?.problem
      && lanes.count == former.lanes.count
      && zip(lanes, former.lanes).allSatisfy { lane, other in
        lane.name == other.name && lane.branch == other.branch && lane.state.isSameNews(as: other.state)
          && lane.best == other.best
          && lane.epochs == other.epochs && lane.testAccuracy == other.testAccuracy
      }
  }
}

extension LaneSnapshot.State {
  // Short validations come and go many times a minute: that is progress.
  fileprivate func isSameNews(as other: LaneSnapshot.State) -> Bool { self == other || isWorking && other.isWorking }
}
