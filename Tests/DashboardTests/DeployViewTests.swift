import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// The screen of a lane's packed network.
@Suite struct DeployViewTests {
  /// A training with the screen open.
  private func deploying(_ fixture: Fixture = .pair, steps: Int = 1200) -> Harness {
    var harness = Harness.training(steps, fixture)
    harness.press(.character("5"))
    harness.poll()
    return harness
  }

  private func sent(_ harness: Harness) -> [EngineCommand] {
    harness.engine.commands.filter { if case .start = $0 { false } else { true } }
  }

  @Test func aLaneIsPackedOnceWhenItIsShown() {
    var harness = deploying()
    #expect(sent(harness) == [.packLane("binary", nil)])
    let screen = harness.screen(120, 40)
    #expect(
      screen.contains("87.31 % as trained, 87.31 % packed") && screen.contains("6,000 of 6,000 predictions equal"))
    #expect(screen.contains("hidden 2") && screen.contains("XNOR, thresholds") && screen.contains("÷31"))
    #expect(screen.contains("binary: newest weights, step 1,200"))
    harness.train(300)
    // Figures follow at most a few times a second.
    harness.wait(1)
    #expect(harness.screen(120, 40).contains("now step 1,500"))
    harness.press(.character("1"), .character("5"))
    harness.poll()
    #expect(sent(harness).count == 1)
    // Another lane is another matter.
    harness.press(.tab)
    harness.poll()
    #expect(sent(harness).last == .packLane("baseline", nil))
    #expect(harness.screen(120, 40).contains("baseline: newest weights, step 1,500"))
  }

  @Test func keysPackTheNewestAndTheBestWeightsAndMeasure() {
    var harness = deploying()
    harness.train(300)
    harness.press(.character("n"))
    harness.poll()
    #expect(sent(harness).last == .packLane("binary", .newest))
    #expect(harness.screen(120, 40).contains("newest weights, step 1,500"))
    harness.press(.character("b"))
    harness.poll()
    #expect(
      sent(harness).last == .packLane("binary", .best) && harness.screen(120, 40).contains("best weights, epoch 2"))
    #expect(harness.screen(120, 40).contains("m measures it; training is held meanwhile"))
    harness.press(.character("m"))
    harness.poll()
    #expect(sent(harness).last == .timeLane("binary"))
    for width in [80, 120, 200] {
      let screen = harness.screen(width, 50)
      #expect(screen.contains("31.2 µs") && screen.contains("1.45 ms") && screen.contains("×46"), "\(width)")
      #expect(screen.contains("66,000 img/s") && screen.contains("×14"), "\(width)")
    }
    #expect(harness.screen(200, 50).contains("AMD EPYC, avx2 kernels, 1 thread"))
  }

  @Test func anExportGoesToTheTypedPath() throws {
    var harness = deploying()
    harness.press(.character("o"))
    #expect(harness.screen(120, 40).contains("packed of binary to binary.signflip"))
    harness.press(.enter)
    harness.poll()
    let here = FileManager.default.currentDirectoryPath
    let first = ExportLaneRequest(
      lane: "binary", weights: .newest, format: "packed", path: "\(here)/binary.signflip")
    #expect(sent(harness).last == .exportLane(first))
    #expect(harness.screen(200, 40).contains("10,000 of 10,000 test predictions equal"))
    // Another format has another name; the home directory is the user's.
    harness.press(.character("t"), .character("o"))
    #expect(harness.screen(120, 40).contains("c of binary to binary"))
    harness.press(.escape)
    harness.command("format packed")
    harness.command("export ~/x/../mine.signflip")
    let home = FileManager.default.homeDirectoryForCurrentUser.path
    var second = first
    second.path = "\(home)/mine.signflip"
    #expect(sent(harness).last == .exportLane(second))
    harness.command("format zip")
    #expect(harness.dashboard.toast?.text == "format: expected packed, c, found “zip”")
  }

  @Test func aFileIsReplacedOnlyAfterAQuestion() throws {
    var harness = deploying()
    harness.command("export /tmp/a.signflip")
    harness.command("export /tmp/a.signflip")
    harness.poll()
    let question = try #require(harness.dashboard.overlay as? Question)
    #expect(question.question == "Replace /tmp/a.signflip?" && question.chosen == .no)
    #expect(harness.screen().contains("There is a file of this name. Nothing was written."))
    let count = sent(harness).count
    harness.press(.enter)
    #expect(sent(harness).count == count && harness.dashboard.overlay == nil)
    harness.command("export /tmp/a.signflip")
    harness.poll()
    harness.press(.character("y"))
    harness.poll()
    guard case .exportLane(let request)? = sent(harness).last else {
      Issue.record("nothing is sent")
      return
    }
    #expect(request.replaces && request.path == "/tmp/a.signflip" && harness.dashboard.overlay == nil)
    // Another client's export asks nothing here.
    harness.engine.perform(
      .exportLane(ExportLaneRequest(lane: "binary", format: "packed", path: "/tmp/a.signflip")), origin: "ada")
    harness.wait(1)
    #expect(harness.dashboard.overlay == nil)
  }

  @Test func theScreenSaysThatTrainingIsHeld() {
    var harness = deploying()
    harness.engine.setDeployment(
      .init(lane: "binary", work: .timing, note: "timing single images", progress: 0.4, holdsTraining: true))
    harness.poll()
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10)] {
      let screen = harness.screen(width, height)
      #expect(screen.contains("held: timing"), "\(width)×\(height)")
      if width >= 60 { #expect(screen.contains("measuring") && screen.contains("40 %"), "\(width)×\(height)") }
    }
    // On every screen, and for every client.
    harness.press(.character("1"))
    #expect(harness.screen(80, 24).split(separator: "\n")[0].contains("measuring"))
    harness.press(.character("5"))
    #expect(harness.screen(120, 40).contains("esc cancel"))
    harness.press(.escape)
    #expect(sent(harness).last == .cancelDeployment)
    harness.engine.setDeployment(nil)
    harness.poll()
    #expect(!harness.screen(80, 24).contains("measuring"))
  }

  @Test func aFailureIsShownWithItsReason() {
    var harness = deploying()
    harness.engine.tell(
      .deploymentFailed(
        CommandID(4, client: 9), DeploymentFailure(lane: "binary", work: .timing, reason: "lanes were stopped")))
    harness.poll()
    #expect(harness.screen(80, 24).contains("timing failed: lanes were stopped"))
    harness.press(.character("m"))
    harness.poll()
    #expect(!harness.screen(80, 24).contains("timing failed"))
  }

  @Test func aRecordingSaysWhatToRun() {
    var harness = Harness(isRecording: true)
    harness.engine.makeReady()
    harness.train(600)
    harness.press(.character("5"))
    harness.poll()
    #expect(sent(harness).isEmpty)
    let screen = harness.screen(80, 24)
    #expect(screen.contains("40.1 MB float, about 1.25 MB packed"))
    #expect(screen.contains("signflip export RUN binary -o FILE") && screen.contains("signflip bench model FILE"))
    harness.press(.character("n"))
    #expect(sent(harness).isEmpty && harness.dashboard.toast?.text.contains("recording") == true)
  }

  @Test func theMostImportantFactsFitAnyScreen() {
    var harness = deploying()
    harness.press(.character("m"))
    harness.poll()
    for (width, height) in [(200, 60), (120, 40), (100, 30), (80, 24), (60, 15), (40, 10)] {
      let screen = harness.screen(width, height)
      #expect(screen.contains("binary") && screen.contains("÷31"), "\(width)×\(height)")
      #expect(screen.contains("87.31 %"), "\(width)×\(height)")
    }
    #expect(harness.screen(20, 5).contains("binary ÷31"))
    #expect(harness.screen(80, 24).contains("hidden 1"))
    harness.press(.character("e"))
    #expect(!harness.screen(120, 40).contains("as trained") && harness.screen(120, 40).contains("hidden 3"))
  }
}
