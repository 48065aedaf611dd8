import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct LessonTests {
  // A lesson with the fake engine's lane “binary”.
  private func harness(_ number: Int, task: Int = 0) -> Harness {
    var harness = Harness(.pair)
    harness.dashboard.lesson = LessonCourse(number: number, task: task)
    harness.engine.makeReady()
    harness.train(300)
    return harness
  }

  private func isDone(_ harness: Harness) -> Bool { harness.dashboard.lesson?.outcome != nil }

  @Test func aTaskIsDoneByItsActionAndLeadsToTheNext() throws {
    var harness = harness(1)
    #expect(
      harness.screen(120, 40).contains("What a sign flip is") && harness.screen(120, 40).contains("Press 3 to open"))
    harness.press(.character("2"))
    harness.poll()
    #expect(!isDone(harness))
    harness.press(.character("3"))
    harness.poll()
    #expect(isDone(harness) && harness.screen(120, 40).contains("Press “.” to go on."))
    harness.press(.character("."))
    #expect(harness.dashboard.lesson?.task == 1 && harness.effects.contains(.learned(LessonPlace(lesson: 1, task: 1))))
    harness.poll()
    harness.press(.character(" "))
    harness.poll()
    for _ in 0..<3 {
      #expect(!isDone(harness))
      harness.press(.character("s"))
      harness.poll()
      harness.poll()
    }
    #expect(isDone(harness) && harness.dashboard.lesson?.outcome?.contains(", then ") == true)
    harness.press(.character("."))
    harness.poll()
    harness.press(.character("r"))
    harness.train(1300)
    #expect(isDone(harness) && harness.dashboard.lesson?.outcome?.contains("have never flipped") == true)
    harness.press(.character("."))
    #expect(harness.dashboard.lesson?.isOver == true)
    #expect(harness.effects.suffix(2) == [.learned(LessonPlace(lesson: 2)), .end(.quitTraining)])
  }

  @Test func aTaskIsSkippedAtTheSecondRequestOnly() {
    var harness = harness(1)
    harness.press(.character("."))
    #expect(harness.dashboard.lesson?.task == 0)
    #expect(harness.dashboard.toast?.text == "this task is not done yet; . again skips it")
    harness.press(.character("."))
    #expect(harness.dashboard.lesson?.task == 1)
    // Something else was done between the two requests.
    harness.press(.character("."), .character("3"), .character("."))
    #expect(harness.dashboard.lesson?.task == 1)
    harness.press(.character(","), .character(","))
    #expect(
      harness.dashboard.lesson?.task == 0 && harness.dashboard.toast?.text == "this is the first task of the lesson")
    harness.press(.character("q"))
    #expect(harness.effects.last == .end(.quitTraining), "a lesson is left without a question")
  }

  @Test func withoutALessonItsKeysSayHowToOpenOne() {
    var harness = Harness.training(20)
    for key in [".", ",", "H"] {
      harness.press(.character(Character(key)))
      #expect(harness.dashboard.toast?.text == "no lesson is open; signflip learn opens one")
    }
  }

  @Test func theRateIsRaisedAndRescued() {
    var harness = harness(3)
    harness.poll()
    harness.command("set learningRate 0.3")
    harness.train(300)
    #expect(isDone(harness))
    harness.press(.character("."))
    harness.poll()
    harness.command("journal")
    harness.train(600)
    #expect(isDone(harness))
    harness.press(.character("."))
    harness.poll()
    harness.press(.character("u"))
    harness.train(900)
    #expect(isDone(harness))
  }

  // The accuracy that is told is one of after the rescue.
  @Test func theRescueIsToldByAnEpochAfterIt() {
    var harness = harness(3, task: 2)
    harness.poll()
    harness.train(700)
    harness.press(.character("u"))
    // The epoch that is under way has ended before.
    harness.train(50)
    #expect(!isDone(harness))
    harness.train(400)
    #expect(isDone(harness))
  }

  @Test func theLatentWeightsAreSeen() {
    var harness = harness(2)
    harness.poll()
    #expect(harness.screen(120, 40).contains("Press 8") || harness.screen(120, 40).contains("press 8"))
    #expect(harness.screen(120, 40).contains("lesson 2 of 5, task 1 of 3"))
    harness.command("weights")
    harness.train(900)
    #expect(isDone(harness) && harness.dashboard.lesson?.outcome?.contains("nearer to zero than 0.1") == true)
  }

  // What earlier tasks have set is set again.
  @Test func aResumedTaskStartsWithTheValuesOfTheOnesBefore() {
    var harness = harness(2, task: 2)
    harness.poll()
    #expect(harness.engine.commands.contains(.set(.learningRate, .number(1e-5), .all)))
    harness.train(50)
    #expect(!isDone(harness))
    harness.press(.character("u"))
    harness.train(300)
    #expect(isDone(harness))
  }

  @Test(arguments: 1...Lessons.all.count, [(120, 40), (80, 24), (60, 15), (40, 10), (20, 5)])
  func everyTaskFitsEveryScreen(_ number: Int, _ size: (width: Int, height: Int)) {
    for task in Lessons.all[number - 1].tasks.indices {
      var harness = harness(number, task: task)
      harness.poll()
      let rows = harness.screen(size.width, size.height).split(separator: "\n", omittingEmptySubsequences: false)
      #expect(rows.count <= size.height && rows.allSatisfy { displayWidth(String($0)) <= size.width })
      // The action that is asked for is always there, or at least its beginning.
      if size.height >= 10 { #expect(rows.contains { $0.contains("▸") }, "\(rows)") }
      if size.height >= 24, size.width >= 80 {
        let request = rows.joined(separator: " ").split { $0 == " " || $0 == "│" }.joined(separator: " ")
        #expect(request.contains("epoch") || request.contains("Press") || request.contains("Type"))
        #expect(!rows.joined().contains("(H all)"), "the whole text fits: \(rows.joined(separator: "\n"))")
      }
      harness.press(.character("H"))
      #expect(!harness.screen(size.width, size.height).isEmpty)
    }
  }

  @Test func theTrainingKeepsItsPlaceBesideTheLesson() {
    var harness = harness(1)
    let wide = harness.screen(160, 40)
    #expect(wide.contains("flips per weight") && wide.contains("lesson 1 of 5"))
    // Without a lesson the screen is as it was.
    harness.dashboard.lesson = nil
    var other = Harness.training(300)
    #expect(harness.screen(120, 40) == other.screen(120, 40))
  }

  @Test func thePlaceIsKeptAndADamagedFileIsTheBeginning() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID())/state").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(LessonPlace(in: folder) == LessonPlace())
    try LessonPlace(lesson: 3, task: 1).write(in: folder)
    #expect(LessonPlace(in: folder) == LessonPlace(lesson: 3, task: 1))
    try LessonPlace(lesson: Lessons.all.count + 1).write(in: folder)
    #expect(LessonPlace(in: folder).isAtEnd)
    for text in ["", "{", "{\"lesson\":9,\"task\":0}", "{\"lesson\":1,\"task\":70}", "{\"lesson\":-1,\"task\":0}"] {
      try Data(text.utf8).write(to: URL(filePath: folder + "/lessons.json"))
      #expect(LessonPlace(in: folder) == LessonPlace())
    }
  }
}
