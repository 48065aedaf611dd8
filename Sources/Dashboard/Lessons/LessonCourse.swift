import EngineProtocol
import TerminalUI

extension Action {
  package static let lessonNext = Action("lesson-next")
  package static let lessonBack = Action("lesson-back")
  package static let lesson = Action("lesson")
}

/// A lesson that is being taken.
package struct LessonCourse: Sendable {
  /// The lesson.
  package let lesson: Lesson
  /// Its number, from 1, and the number of lessons.
  package let number: Int
  let count: Int
  /// The index of the current task.
  package private(set) var task: Int
  /// What the current task has shown; nil until it is done.
  package private(set) var outcome: String?
  /// Whether every task is done, and the next lesson is wanted.
  package private(set) var isOver = false

  private var memory = LessonMemory()
  // Values to set when the lanes are ready, as the lesson is resumed.
  private var values: [HyperparameterSetting]
  // Whether a task that is not done was asked to be skipped.
  private var isSkipAsked = false

  /// A lesson at one of its tasks.
  /// - Precondition: the lesson and the task exist.
  package init(number: Int, task: Int = 0) {
    lesson = Lessons.all[number - 1]
    self.number = number
    count = Lessons.all.count
    self.task = task
    values = lesson.tasks[task].values
  }

  /// The current task.
  var current: LessonTask { lesson.tasks[task] }
  /// Whether the current task is the last one.
  var isAtLastTask: Bool { task == lesson.tasks.count - 1 }

  /// What the lesson sees.
  func scene(_ dashboard: Dashboard) -> LessonScene {
    LessonScene(
      screen: dashboard.live.screen, isDrawing: dashboard.overlay is DrawingBoard, model: dashboard.model,
      memory: memory, keyMap: dashboard.keyMap)
  }

  mutating func take(_ event: EngineEvent) {
    guard !memory.isEmpty else { return }
    memory.take(event)
  }

  /// Checks the current task.
  /// - Returns: whether something new is to be drawn, and the values to set first.
  mutating func check(_ dashboard: Dashboard) -> (isNew: Bool, values: [HyperparameterSetting]) {
    guard outcome == nil, dashboard.mode == .live, dashboard.model.lanes.contains(where: { $0.snapshot != nil }) else {
      return (false, [])
    }
    defer { values = [] }
    memory.begin(dashboard.model)
    if !values.isEmpty { return (false, values) }
    let scene = scene(dashboard)
    guard current.isDone(scene) else { return (false, []) }
    outcome = current.outcome(scene)
    return (true, [])
  }

  /// Goes to the next task, or, behind the last one, ends the lesson. A task that is not done is skipped only at the
  /// second request.
  /// - Returns: whether it went on.
  mutating func goOn() -> Bool {
    guard outcome != nil || isSkipAsked else {
      isSkipAsked = true
      return false
    }
    if isAtLastTask { isOver = true } else { begin(task + 1) }
    return true
  }

  /// Forgets that a task was asked to be skipped, as something else was done since.
  mutating func keepTask() { isSkipAsked = false }

  /// Goes back to the task before.
  /// - Returns: whether there is one.
  mutating func goBack() -> Bool {
    guard task > 0 else { return false }
    begin(task - 1)
    return true
  }

  private mutating func begin(_ task: Int) {
    self.task = task
    (outcome, isSkipAsked, memory) = (nil, false, LessonMemory())
  }
}

extension Dashboard {
  /// The actions of lessons.
  static let lessonActions: [ActionDefinition] = [
    .init(
      .lessonNext, title: "go on", keys: [.character(".")], in: .live, under: .program,
      help: "In a lesson: go on when the task is done; press twice to skip a task.", if: { $0.lesson != nil },
      do: { dashboard, _ in dashboard.nextTask() }),
    .init(
      .lessonBack, title: "task before", keys: [.character(",")], in: .live, under: .program,
      help: "In a lesson: go back to the task before.", if: { $0.lesson.map { $0.task > 0 } ?? false },
      do: { dashboard, _ in dashboard.previousTask() }),
    .init(
      .lesson, title: "lesson", keys: [.character("H")], in: .live, under: .program,
      help: "In a lesson: show the whole text of the task.", if: { $0.lesson != nil },
      do: { dashboard, _ in dashboard.showLesson() }),
  ]

  private static let noLesson = "no lesson is open; signflip learn opens one"

  private mutating func nextTask() {
    guard lesson != nil else { return say(Self.noLesson) }
    guard lesson?.goOn() == true else {
      return say(
        "this task is not done yet; \(keyMap.keys(for: .lessonNext).first?.label ?? ":lesson-next") again skips it")
    }
    effects.append(.learned(place))
    if lesson?.isOver == true { effects.append(.end(.quitTraining)) }
  }

  private mutating func previousTask() {
    guard lesson != nil else { return say(Self.noLesson) }
    guard lesson?.goBack() == true else { return say("this is the first task of the lesson") }
    effects.append(.learned(place))
  }

  private mutating func showLesson() {
    guard lesson != nil else { return say(Self.noLesson) }
    open(LessonText())
  }

  // Where to resume the lessons.
  private var place: LessonPlace {
    guard let lesson else { return LessonPlace() }
    if !lesson.isOver { return LessonPlace(lesson: lesson.number, task: lesson.task) }
    return LessonPlace(lesson: lesson.number + 1, task: 0)
  }

  /// Checks the task of the lesson, and makes the changes that a resumed task starts with.
  mutating func checkLesson() {
    guard var lesson else { return }
    let (isNew, values) = lesson.check(self)
    self.lesson = lesson
    if isNew { schedule.isDue = true }
    for setting in values { set(setting.hyperparameter, to: setting.value, in: .all) }
  }
}
