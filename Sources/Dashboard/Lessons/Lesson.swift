package import EngineProtocol
import TerminalUI
import TrainingMetrics

/// A short lesson on the live screen: an experiment, and tasks that are checked one after the other.
package struct Lesson: Sendable {
  /// Its name in the file of progress.
  package let name: String
  /// Its title.
  package let title: String
  /// The experiment as YAML. It is not recorded.
  package let experiment: String
  /// The tasks, in order.
  package let tasks: [LessonTask]
}

/// A part of a lesson: an explanation, one action, and what it showed.
package struct LessonTask: Sendable {
  /// What there is to know, with the keys as they are bound.
  package let text: @Sendable (LessonScene) -> String
  /// The action that is asked for.
  package let request: @Sendable (LessonScene) -> String
  /// Returns whether the action was done and its effect can be seen.
  package let isDone: @Sendable (LessonScene) -> Bool
  /// What the action showed, with the figures of this run.
  package let outcome: @Sendable (LessonScene) -> String
  /// Values that earlier tasks have set, for a lesson that is resumed here.
  package let values: [HyperparameterSetting]

  init(
    text: @escaping @Sendable (LessonScene) -> String, request: @escaping @Sendable (LessonScene) -> String,
    after values: [HyperparameterSetting] = [], isDone: @escaping @Sendable (LessonScene) -> Bool,
    outcome: @escaping @Sendable (LessonScene) -> String
  ) {
    self.text = text
    self.request = request
    self.isDone = isDone
    self.outcome = outcome
    self.values = values
  }
}

/// What a lesson knows of the run since the current task began.
package struct LessonMemory: Sendable {
  /// The state of a lane when the task began.
  struct Lane: Sendable {
    var step: Int
    var epochs: Int
    var flipRate: Double?
    var loss: Double?
    var accuracy: Double?
  }

  /// The lanes when the task began; empty until there are some.
  private(set) var lanes: [String: Lane] = [:]
  /// The single updates of each lane since then.
  private(set) var steps: [String: Int] = [:]
  /// The hyperparameters that were changed since then, with the step of the change.
  private(set) var changes: [(key: Hyperparameter, new: HyperparameterValue, lane: String, step: Int)] = []
  /// The lane that was packed last.
  private(set) var packing: LanePacking?
  /// The speed that was measured last.
  private(set) var timing: LaneTiming?
  /// The answers to the last drawing that was not empty.
  private(set) var answers: ImageAnswers?

  /// Whether the task has not begun, as there were no lanes yet.
  var isEmpty: Bool { lanes.isEmpty }

  mutating func begin(_ model: DashboardModel) {
    guard lanes.isEmpty else { return }
    for lane in model.lanes {
      lanes[lane.name] = Lane(
        step: lane.step, epochs: lane.endedEpochs, flipRate: lane.recent(.flipRate), loss: lane.recent(.trainLoss),
        accuracy: lane.reports.last?.validationAccuracy)
    }
  }

  mutating func take(_ event: EngineEvent) {
    switch event {
    case .applied(_, let entry):
      switch entry.change {
      case .stepped: steps[entry.lane, default: 0] += 1
      case .set(let key, _, let new): changes.append((key, new, entry.lane, entry.step))
      default: break
      }
    case .lanePacked(_, let packing): self.packing = packing
    case .laneTimed(_, let timing): self.timing = timing
    case .imageAnswered(_, let answers):
      if case .drawn(let pixels) = answers.question, pixels.contains(where: { $0 > 0 }) { self.answers = answers }
    default: break
    }
  }
}

/// What a lesson sees of the dashboard.
package struct LessonScene: Sendable {
  /// The shown screen, by the action that shows it.
  let screen: Action
  /// Whether the canvas is open.
  let isDrawing: Bool
  let model: DashboardModel
  let memory: LessonMemory
  let keyMap: KeyMap

  /// The key of an action, or its `:` command if it has none.
  func key(_ action: Action) -> String { keyMap.keys(for: action).first?.label ?? ":\(action.rawValue)" }

  /// The lane of a name; nil before there is one.
  func lane(_ name: String) -> LaneModel? { model.lanes.first { $0.name == name } }
  /// The state of a lane when the task began.
  func before(_ name: String) -> LessonMemory.Lane? { memory.lanes[name] }

  /// The updates of a lane since the task began.
  func updates(_ name: String) -> Int { (lane(name)?.step ?? 0) - (before(name)?.step ?? 0) }
  /// The epochs of a lane that have ended since the task began.
  func epochs(_ name: String) -> Int { (lane(name)?.endedEpochs ?? 0) - (before(name)?.epochs ?? 0) }
  /// The number of updates since a hyperparameter of a lane was changed; nil if it was not.
  func updates(_ name: String, sinceChangeOf key: Hyperparameter) -> Int? {
    guard let change = memory.changes.last(where: { $0.key == key && $0.lane == name }) else { return nil }
    return (lane(name)?.step ?? 0) - change.step
  }
  /// The number of epochs that have ended since a hyperparameter of a lane was changed; 0 if it was not.
  func epochs(_ name: String, sinceChangeOf key: Hyperparameter) -> Int {
    guard let change = memory.changes.last(where: { $0.key == key && $0.lane == name }) else { return 0 }
    return lane(name)?.reports.count { $0.step > change.step } ?? 0
  }
  /// A hyperparameter of a lane as a number.
  func value(_ key: Hyperparameter, of name: String) -> Double? {
    if case .number(let value)? = lane(name)?.value(of: key) { value } else { nil }
  }
  /// The validation accuracy of a lane's newest epoch, for display.
  func accuracy(_ name: String) -> String {
    lane(name)?.reports.last.map { NumberFormat.percent($0.validationAccuracy, decimals: 1) } ?? Figure.unknown
  }
}

extension LaneModel {
  /// The number of epochs that have ended; the report before the first update is none.
  fileprivate var endedEpochs: Int { reports.count { $0.step > 0 } }

  /// The mean of a metric over the last updates; nil before the first.
  func recent(_ metric: Metric, _ count: Int = 20) -> Double? {
    let series = series(metric)
    return series.summary(of: max(0, series.count - count)..<series.count).mean
  }
}
