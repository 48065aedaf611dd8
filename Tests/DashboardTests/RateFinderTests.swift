import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// The overlays that ask the engine about a lane: the finder of a rate, and two moments side by side.
@Suite struct RateFinderTests {
  @Test func enterAppliesTheSuggestion() throws {
    var harness = Harness.training(600)
    harness.press(.character("V"))
    #expect(harness.engine.commands.last == .findRate(RateSearch(lane: "binary")))
    #expect(harness.screen(120, 40).contains("held between two batches"))
    harness.poll()
    let finder = try #require(harness.dashboard.overlay as? RateFinder)
    let suggestion = try #require(finder.curve?.suggestion)
    let screen = harness.screen(120, 40)
    #expect(screen.contains("falls fastest") && screen.contains("diverged") && screen.contains("as it was"))
    harness.press(.enter)
    #expect(harness.dashboard.overlay == nil)
    #expect(
      harness.engine.commands.last == .set(.learningRate, .number(suggestion.value), .lane("binary")))
  }

  @Test func escapeCancelsTheSearch() {
    var harness = Harness.training(600)
    harness.command("find-rate baseline")
    // The answer is there already: esc only leaves.
    harness.press(.escape)
    #expect(harness.engine.commands.last == .findRate(RateSearch(lane: "baseline")))
    harness.press(.character("V"), .escape)
    #expect(harness.engine.commands.last == .cancelDeployment && harness.dashboard.overlay == nil)
  }

  @Test func failuresAndMistakesAreSaid() {
    var harness = Harness.training(600)
    harness.engine.refuseNext("the lane is at sea")
    harness.press(.character("V"))
    harness.poll()
    #expect(harness.screen(120, 40).contains("the lane is at sea"))
    harness.press(.escape)
    harness.command("find-rate nobody")
    #expect(harness.screen(160, 40).contains("“nobody”") && harness.dashboard.overlay == nil)
    harness.command("find-rate binary gamma")
    #expect(harness.screen(160, 40).contains("expected one of learningRate"))
  }

  @Test func twoMomentsStandSideBySide() throws {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(540)
    harness.engine.checkpoint()
    harness.poll()
    harness.press(.character("Q"))
    let request = MomentsRequest(
      lane: "binary", first: .init(branch: 1, step: 540), second: .init(branch: 1, step: 1080))
    #expect(harness.engine.commands.last == .compareMoments(request))
    harness.poll()
    let screen = harness.screen(120, 40)
    #expect(screen.contains("step 540") && screen.contains("step 1,080") && screen.contains("33.33 %"))
    #expect(screen.contains("other signs") && screen.contains("accuracy"))
    // The left side moves to the same checkpoint.
    harness.press(.tab, .right)
    #expect(
      harness.engine.commands.last
        == .compareMoments(MomentsRequest(lane: "binary", first: request.second, second: request.second)))
    harness.poll()
    harness.press(.escape)
    #expect(harness.dashboard.overlay == nil)
    harness.command("moments baseline 1080 540")
    #expect(
      harness.engine.commands.last
        == .compareMoments(MomentsRequest(lane: "baseline", first: request.second, second: request.first)))
    harness.poll()
    harness.press(.escape)
    harness.command("moments binary 3 4")
    #expect(harness.screen(160, 40).contains("found “3”"))
  }

  @Test func theyAreUsefulAtEverySize() {
    var finder = Harness.training(600)
    finder.press(.character("V"))
    finder.poll()
    var moments = Harness.training(540)
    moments.engine.checkpoint()
    moments.train(540)
    moments.engine.checkpoint()
    moments.poll()
    moments.press(.character("Q"))
    moments.poll()
    for (width, height) in [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)] {
      #expect(finder.screen(width, height).contains(width == 20 ? "lr " : "learning rate "), "\(width)×\(height)")
      #expect(moments.screen(width, height).contains("loss"), "\(width)×\(height)")
      // A figure stands beside the title, and no sentence is cut.
      #expect(moments.screen(width, height).contains { $0.isNumber }, "\(width)×\(height)")
      let words = finder.screen(width, height).split(separator: "\n").filter { !$0.contains("┤") }.joined(
        separator: " ")
      #expect(width == 20 || words.contains("."), "\(width)×\(height)")
    }
    // The box is as high as its lines.
    #expect(moments.screen(200, 60).split(separator: "\n").prefix(8).allSatisfy { !$0.contains("two moments") })
  }
}
