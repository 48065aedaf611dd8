import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Training
import TrainingMetrics

/// Measures what the live screens cost, without a terminal: a training of the built-in digits is stepped, and each frame is
/// timed.
struct ScreenBenchmark {
  /// The size of the screen, in columns and rows.
  var width, height: Int
  /// Number of timed frames of each kind.
  var rounds: Int

  /// The times of a screen, in seconds of the processor: medians over the rounds.
  struct Result {
    /// The screen's name.
    var screen: String
    /// The first frame, with nothing drawn before.
    var first: Double
    /// A frame that is drawn whole, after an update.
    var whole: Double
    /// A frame in which only curves are drawn; nil for a screen without such frames.
    var curves: Double?
  }

  private static let epochs = 2

  /// Trains some epochs of `digits-quick`, and times every screen.
  /// - Throws: `TrainingError` if the training cannot be started.
  func run() throws -> [Result] {
    var session = try SteppedSession(epochs: Self.epochs)
    return try LiveViews.all.map { view in
      let tab = view.tab
      try session.press(tab.key)
      let first = frame(&session)
      var whole: [Double] = []
      var curves: [Double] = []
      for _ in 0..<rounds {
        try session.step()
        session.requestFrame()
        whole.append(frame(&session))
        try session.step(holdsPoints: true)
        _ = frame(&session)
        if session.tellPoints() { curves.append(frame(&session)) }
      }
      return Result(
        screen: tab.title, first: first, whole: Self.median(whole), curves: curves.isEmpty ? nil : Self.median(curves))
    }
  }

  private func frame(_ session: inout SteppedSession) -> Double {
    Self.seconds { _ = session.dashboard.render(width: width, height: height) }
  }

  /// The processor time of some work in this thread. Other programs have little effect on it.
  static func seconds(_ work: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
    let begin = now()
    work()
    return now() - begin
  }

  /// The median of some times.
  static func median(_ times: [Double]) -> Double { times.sorted()[times.count / 2] }
}

/// Measures a chart of a long series.
struct SeriesBenchmark {
  /// Number of points.
  var points: Int
  /// The size of the chart, in columns and rows.
  var width, height: Int
  /// Number of timed redraws.
  var rounds: Int

  /// The times, in seconds of the processor.
  struct Result {
    /// For each point of the first and of the last tenth, on average.
    var firstAppend, lastAppend: Double
    /// The chart of all points, drawn again after each new one: the median.
    var redraw: Double
    /// The same of the newest hundredth.
    var window: Double
  }

  /// Appends the points and draws.
  func run() -> Result {
    var random = SystemRandomNumberGenerator()
    var chart = LineChart(series: [ChartSeries(MetricSeries(), color: .rgb(0x6FB0F2), label: "loss", smoothing: 0.6)])
    func append(_ steps: Range<Int>) -> Double {
      let values = steps.map { _ in Float.random(in: 0...1, using: &random) }
      return ScreenBenchmark.seconds {
        for (step, value) in zip(steps, values) {
          chart.series[0].series.append(MetricPoint(step: step, value: value))
        }
      } / Double(steps.count)
    }
    let tenth = max(1, points / 10)
    let first = append(0..<tenth)
    var count = tenth
    while count + tenth < points {
      _ = append(count..<count + tenth)
      count += tenth
    }
    let last = append(count..<count + tenth)
    count += tenth
    var frame = Frame(width: width, height: height)
    func redraws() -> Double {
      let times = (0..<rounds).map { _ in
        _ = append(count..<count + 1)
        count += 1
        return ScreenBenchmark.seconds {
          chart.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .braille)
        }
      }
      return ScreenBenchmark.median(times)
    }
    let redraw = redraws()
    chart.steps = Double(count - max(1, points / 100))...Double(count + rounds)
    return Result(firstAppend: first, lastAppend: last, redraw: redraw, window: redraws())
  }
}

/// A dashboard on an engine in this process whose lanes are paused, and stepped one update at a time.
private struct SteppedSession {
  var dashboard: Dashboard
  private let engine = LocalEngine(program: Signflip.version)
  // Seconds of a clock that is only moved on.
  private var now = 0.0
  private var commands = 0
  private var heldPoints: [EngineEvent] = []

  /// Trains some epochs.
  /// - Throws: `TrainingError` if the training cannot be started, or something takes too long.
  init(epochs: Int) throws {
    dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: Theme.standard.name, library: ThemeLibrary(searchPath: []))
    dashboard.connect(firstCommand: engine.nextCommandID())
    send(.start(ExperimentRequest(source: .preset("digits-quick"), epochs: 1000, isRecorded: false)))
    try wait("the start of the training") { !$0.lanes.isEmpty }
    send(.runToEpoch(epochs, .all))
    try wait("\(epochs) epochs") { $0.lanes.allSatisfy { $0.state == .paused } }
    poll()
  }

  /// Presses a key, and waits for the engine's answers.
  mutating func press(_ key: Key) throws {
    perform(dashboard.handle(.key(key), now: now))
    let end = ContinuousClock.now + .seconds(600)
    repeat {
      Thread.sleep(forTimeInterval: 0.005)
      poll()
      guard ContinuousClock.now < end else { throw TrainingError("expected an answer of the engine within 600 s") }
    } while dashboard.expectsNews
  }

  /// Makes one update in every lane.
  /// - Parameter holdsPoints: whether the new points are kept back for `tellPoints`.
  mutating func step(holdsPoints: Bool = false) throws {
    let steps = engine.snapshot().lanes.map(\.step)
    send(.singleStep(.all))
    try wait("an update") { snapshot in
      zip(snapshot.lanes, steps).allSatisfy { $0.step > $1 && $0.state == .paused }
    }
    poll(holdsPoints: holdsPoints)
  }

  /// Makes the next frame one that is drawn whole.
  mutating func requestFrame() { perform(dashboard.handle(.resize(width: 0, height: 0), now: now)) }

  /// Hands over the points that were kept back.
  /// - Returns: whether the next frame draws curves only.
  mutating func tellPoints() -> Bool {
    now += 1
    let batch = EventBatch(events: heldPoints, cursor: dashboard.model.cursor)
    perform(dashboard.consume(batch, dashboard.model.snapshot, now: now))
    return dashboard.isFrameDue && !dashboard.schedule.isDue
  }

  private mutating func poll(holdsPoints: Bool = false) {
    now += 1
    var batch = engine.events(after: dashboard.model.cursor)
    if holdsPoints {
      func isPoints(_ event: EngineEvent) -> Bool { if case .points = event { true } else { false } }
      heldPoints = batch.events.filter(isPoints)
      batch.events.removeAll(where: isPoints)
    }
    perform(dashboard.consume(batch, engine.snapshot(), now: now))
    perform(dashboard.tick(now: now))
  }

  private mutating func send(_ command: EngineCommand) {
    commands += 1
    engine.send(command, as: CommandID(commands, client: 2))
  }

  private func perform(_ effects: [Effect]) {
    for case .send(let command, let id) in effects { engine.send(command, as: id) }
  }

  private func wait(_ what: String, _ isReached: (Snapshot) -> Bool) throws {
    // A busy machine takes its time; only what never comes is an error.
    let end = ContinuousClock.now + .seconds(600)
    while !isReached(engine.snapshot()) {
      guard ContinuousClock.now < end else { throw TrainingError("expected \(what) within 600 s") }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }
}
