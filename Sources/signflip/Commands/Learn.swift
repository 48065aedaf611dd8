import ArgumentParser
import Dashboard
import EngineProtocol

struct Learn: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Learn how binary networks learn: five short lessons on the live screen.",
    discussion: """
      About ten minutes in all, with built-in digits. Each task asks for one action and checks that it was done. q leaves \
      at any point; the next signflip learn continues there.
      """)

  @Argument(help: "The number of a lesson. (default: where you left)")
  var number: Int?

  @Flag(help: "List the lessons.")
  var list = false

  @Flag(help: "Start again with the first lesson.")
  var restart = false

  @OptionGroup var screen: ScreenOptions

  func validate() throws {
    if let number, !Lessons.all.indices.contains(number - 1) {
      throw ValidationError("expected a lesson from 1 to \(Lessons.all.count), found \(number)")
    }
    if number != nil, restart { throw ValidationError("--restart: expected no number beside it") }
    if screen.plain { throw ValidationError("--plain: the lessons need a screen") }
  }

  func run() throws {
    let folder = UserFolders.state()
    var place = LessonPlace(in: folder)
    if list { return try printList(place) }
    if let number { place = LessonPlace(lesson: number) }
    if restart || place.isAtEnd { place = LessonPlace() }
    while !place.isAtEnd {
      let course = LessonCourse(number: place.lesson, task: place.task)
      let isOver = try screen.teach(course) {
        let source = ExperimentRequest.Source.text(course.lesson.experiment, name: "lesson \(place.lesson)")
        return try EngineStart.engine(.start(ExperimentRequest(source: source, isRecorded: false)), name: "learn")
      }
      guard isOver else {
        place = LessonPlace(in: folder)
        return try StandardStream.output.print(
          "signflip learn continues with lesson \(place.lesson), task \(place.task + 1)")
      }
      place = LessonPlace(lesson: place.lesson + 1)
    }
    try StandardStream.output.print(
      "These were the lessons. signflip opens the launcher; signflip learn N repeats a lesson.")
  }

  private func printList(_ place: LessonPlace) throws {
    let lines = Lessons.all.enumerated().map { index, lesson in
      let number = index + 1
      let state =
        number < place.lesson
        ? "done" : number == place.lesson ? "next, task \(place.task + 1) of \(lesson.tasks.count)" : ""
      return "\(number)  \(lesson.title)\(state.isEmpty ? "" : "   (\(state))")"
    }
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }
}
