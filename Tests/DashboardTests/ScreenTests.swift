import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing
import TrainingMetrics

/// The required contents of the screen at each size.
@Suite struct ScreenTests {
  static let sizes: [(Int, Int)] = {
    let widths = [1, 2, 3, 5, 9, 14, 20, 27, 35, 36, 40, 59, 72, 80, 119, 150, 250]
    let heights = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 18, 24, 33, 34, 60, 80]
    return widths.flatMap { width in heights.map { (width, $0) } }
  }()

  @Test(arguments: LiveViews.all.map { $0.tab })
  func noSizeIsTooSmallForAScreen(_ tab: ViewTab) {
    var harness = Harness.training(150, .triple)
    harness.engine.fail("baseline", "loss is NaN at step 150, the last finite one was 2.3 at step 149")
    harness.command("set binary.learningRate 3e-4")
    harness.press(tab.key)
    for (width, height) in Self.sizes {
      let frame = harness.dashboard.render(width: width, height: height)
      #expect(frame.width == width && frame.height == height)
    }
  }

  @Test(arguments: 0..<11)
  func noSizeIsTooSmallForWhatLiesOverIt(_ place: Int) {
    var harness = place < 5 ? Harness.training(60) : Harness.launcher
    switch place {
    case 0: harness.press(.character("?"))
    case 1: harness.press(.character("T"))
    case 2: harness.press(.character("q"))
    case 3: harness.press(.character(":"), .character("s"))
    case 4: harness.press(.enter, .character("x"), .enter)
    case 5: harness.press(.tab)
    case 7:
      harness = Harness.rewound()
      harness.press(.character("c"))
    case 8:
      harness = Harness.rewound()
      harness.press(.character("c"), .enter)
    case 9:
      harness = Harness(canLeave: true)
      harness.engine.makeReady()
      harness.train(10)
      harness.press(.character("q"))
    case 10: harness.press(.character("c"))
    default: harness = Harness()
    }
    for (width, height) in Self.sizes {
      #expect(harness.dashboard.render(width: width, height: height).width == width)
    }
  }

  @Test func sixLanesFindAPlaceOrAPage() {
    var harness = Harness.training(80, Fixture(laneCount: 6))
    #expect(harness.screen(200, 60).contains("sixth"))
    let page = harness.screen(80, 24)
    #expect(page.contains("lanes 1–2 of 6") || page.contains("of 6"))
    harness.press(.backTab)
    #expect(harness.screen(80, 24).contains("sixth"))
    for (width, height) in Self.sizes { _ = harness.dashboard.render(width: width, height: height) }
  }

  @Test(arguments: [(200, 60), (120, 40), (80, 24)])
  func aFullScreenHasEverything(_ width: Int, _ height: Int) {
    var harness = Harness.training(700)
    let screen = harness.screen(width, height)
    for words in [
      "fashion-quick", "training", "img/s", "eta", "1 lanes", "2 co", "3 fl", "4 jo", "8 we", "9 ma", "fashion-mnist",
      "baseline", "binary", "loss 0.", "acc", "best", "flips per update", "flips per weight", "gradient norm",
      "binary against baseline", "learning rate", "momentum".isEmpty ? "" : "batch", "? help", "q quit", "/10",
    ] {
      #expect(screen.contains(words), "\(words) at \(width)×\(height)")
    }
    if width >= 80, height >= 40 { #expect(screen.contains("hyperparameters")) }
    if width == 200 {
      for words in ["latent weights", "no mnist found", "40.1 MB as float → 1.25 MB as bits ÷32", "seed 1", "journal"] {
        #expect(screen.contains(words), "\(words)")
      }
    }
  }

  @Test func aSmallScreenIsStillUseful() {
    var harness = Harness.training(700)
    let small = harness.screen(40, 10)
    for words in ["▶", "1/10", "baseline", "binary", "%", "gap", "lr", "? help"] {
      #expect(small.contains(words), "\(words)")
    }
    let tiny = harness.screen(20, 5)
    for words in ["▶", "1/10", "bas", "bin", "lr", "? help"] { #expect(tiny.contains(words), "\(words)") }
    #expect(harness.screen(1, 1) == "▶")
  }

  @Test func theFirstFrameSaysWhatIsPrepared() {
    var harness = Harness()
    #expect(harness.screen(80, 24).contains("reading fashion-mnist"))
    #expect(harness.screen(80, 24).contains("preparing"))
    #expect(harness.dashboard.deadline != nil)
    harness.engine.makeReady()
    harness.poll()
    #expect(harness.screen(80, 24).contains("baseline"))
    #expect(harness.dashboard.deadline == nil)
  }

  @Test func aDashboardThatKnowsNothingSaysSo() {
    var dashboard = Dashboard(
      beginning: .watching, theme: .standard, themeName: "signflip", library: ThemeLibrary(searchPath: []))
    #expect(FrameText.plain(dashboard.render(width: 80, height: 24)).contains("starting the engine"))
  }

  @Test func theEndStaysOnTheScreen() {
    var harness = Harness.training(5400)
    #expect(harness.dashboard.model.isFinished)
    harness.wait(60)
    for (width, height) in [(200, 60), (80, 24)] {
      let screen = harness.screen(width, height)
      for words in ["finished", "test", "best validation", "@", "÷32", "1.25 MB"] { #expect(screen.contains(words)) }
      let accuracy = harness.dashboard.model.lanes[0].testAccuracy ?? 0
      #expect(screen.contains(NumberFormat.percent(accuracy)))
    }
    #expect(!harness.dashboard.expectsNews)
    harness.press(.character("q"))
    #expect(harness.effects == [.end(.finished)])
  }

  @Test func numbersThatGrowDoNotMoveTheirNeighbours() {
    var harness = Harness.training(8)
    func place(_ words: String) -> Int? {
      let row = harness.screen(200, 60).split(separator: "\n", omittingEmptySubsequences: false)[0]
      return row.range(of: words).map { row.distance(from: row.startIndex, to: $0.lowerBound) }
    }
    let before = (place("epoch"), place("img/s"), place("eta"))
    harness.train(2200)
    #expect(before == (place("epoch"), place("img/s"), place("eta")))
  }

  @Test func pointsAloneMoveOneLaneAFrame() {
    var harness = Harness.training(600)
    func render() -> Frame { harness.dashboard.render(width: 120, height: 40) }
    // On the left, on the right.
    func sides(_ frame: Frame, since former: Frame) -> Set<Bool> {
      Set(frame.changes(since: former).map { $0.columns.lowerBound < 60 })
    }
    let start = render()
    let snapshot = harness.dashboard.model.snapshot
    harness.engine.train(80)
    var batch = harness.engine.events(after: harness.dashboard.model.cursor)
    batch.events.removeAll { if case .points = $0 { false } else { true } }
    _ = harness.dashboard.consume(batch, snapshot, now: harness.now)
    #expect(harness.dashboard.schedule.hasNewPoints && !harness.dashboard.schedule.isDue)
    let first = render()
    #expect(harness.dashboard.schedule.hasNewPoints)
    let second = render()
    #expect(!harness.dashboard.schedule.hasNewPoints)
    #expect(sides(first, since: start).count == 1)
    #expect(sides(second, since: first) == Set([true, false]).subtracting(sides(first, since: start)))
  }

  @Test func asciiIsAsciiEverywhere() {
    var harness = Harness.training(300, glyphs: .ascii)
    for key in ["1", "2", "3", "4", "?"] {
      harness.press(.character(Character(key)))
      let frame = harness.frame()
      #expect(frame.cells.allSatisfy { $0.glyph.isASCII })
    }
    var launcher = Harness(mode: .launcher(dataDirectory: nil), glyphs: .ascii)
    #expect(launcher.frame().cells.allSatisfy { $0.glyph.isASCII })
  }

  @Test func withoutColourNothingIsColoured() {
    var harness = Harness(theme: .monochrome)
    harness.engine.makeReady()
    harness.train(300)
    let frame = harness.frame()
    #expect(
      frame.cells.allSatisfy { $0.style.foreground == .terminalDefault && $0.style.background == .terminalDefault })
  }
}
