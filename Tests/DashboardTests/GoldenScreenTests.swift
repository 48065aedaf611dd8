import Foundation
import TerminalUI
import Testing

/// Whole screens as text. `SIGNFLIP_UPDATE_GOLDEN=1` in the environment rewrites them; then check the diff.
@Suite struct GoldenScreenTests {
  @Test func live() throws {
    var harness = Harness.training(1700)
    harness.command("set binary.learningRate 2e-3")
    harness.train(300)
    harness.wait(10)
    try expect(&harness, "live", [(80, 24), (40, 10), (20, 5)])
  }

  @Test func results() throws {
    var harness = Harness.training(6000)
    try expect(harness.screen(80, 24), "results-80x24")
  }

  @Test func launcher() throws {
    var harness = Harness.launcher
    harness.press(.tab)
    try expect(harness.screen(80, 24), "launcher-80x24")
  }

  @Test func ghosts() throws {
    var harness = Harness.rewound()
    harness.wait(10)
    try expect(&harness, "ghost", [(80, 24), (120, 36)])
    harness.press(.character("2"))
    try expect(harness.screen(160, 30), "ghost-compare-160x30")
    var plain = Harness.rewound(glyphs: .ascii, theme: .monochrome)
    plain.wait(10)
    try expect(plain.screen(80, 24), "ghost-ascii-80x24")
  }

  @Test func fork() throws {
    var harness = Harness.rewound()
    harness.command("fork binary 1172 learningRate=3e-4")
    harness.train(400)
    harness.wait(10)
    try expect(harness.screen(160, 40), "fork-160x40")
  }

  @Test func checkpoints() throws {
    var harness = Harness.rewound()
    harness.wait(1000)
    harness.press(.character("c"), .down)
    try expect(&harness, "checkpoints", [(80, 24), (40, 10)])
  }

  @Test func deploy() throws {
    var harness = Harness.training(1200)
    harness.press(.character("5"))
    harness.poll()
    harness.press(.character("m"))
    harness.wait(10)
    try expect(&harness, "deploy", [(160, 44), (80, 24), (40, 10), (20, 5)])
  }

  @Test func network() throws {
    var harness = Harness.training(1200)
    harness.press(.character("7"))
    harness.poll()
    harness.press(.down, .down, .down)
    try expect(&harness, "network", [(160, 44), (80, 24), (40, 10), (20, 5)])
  }

  @Test func journal() throws {
    var harness = Harness.training(1172)
    harness.engine.checkpoint()
    harness.poll()
    harness.command("set binary.learningRate 1e-4")
    harness.train(528)
    harness.command("note on the way")
    harness.wait(10)
    harness.press(.character("4"), .home)
    for _ in 0..<9 { harness.press(.down) }
    try expect(&harness, "journal", [(160, 44), (80, 24), (40, 10), (20, 5)])
  }

  @Test func machine() throws {
    var harness = Harness.training(1200)
    harness.press(.character("9"))
    harness.poll()
    try expect(&harness, "machine", [(160, 44), (80, 24), (40, 10), (20, 5)])
  }

  @Test func rateFinder() throws {
    var harness = Harness.training(1200)
    harness.press(.character("V"))
    harness.poll()
    try expect(&harness, "rate-finder", [(120, 40), (80, 24), (40, 10), (20, 5)])
  }

  @Test func moments() throws {
    var harness = Harness.training(540)
    harness.engine.checkpoint()
    harness.train(540)
    harness.engine.checkpoint()
    harness.poll()
    harness.press(.character("Q"))
    harness.poll()
    try expect(&harness, "moments", [(120, 40), (80, 24), (40, 10), (20, 5)])
  }

  @Test func flips() throws {
    var harness = Harness.training(1200)
    let diagnostics = FakeDeployment.flippingLayers
    for event in FakeDeployment.epochs([0, 540, 1080], of: "binary", diagnostics: diagnostics) {
      harness.engine.tell(event)
    }
    harness.press(.character("3"))
    harness.poll()
    try expect(&harness, "flips", [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)])
    harness.press(.character("e"))
    _ = harness.screen(160, 44)
    harness.poll()
    harness.poll()
    try expect(harness.screen(160, 44), "flips-layer-160x44")
    harness.press(.character("e"))
    harness.command("glyphs ascii")
    try expect(harness.screen(80, 24), "flips-ascii-80x24")
  }

  @Test func weights() throws {
    var harness = Harness.training(1200)
    for event in FakeDeployment.epochs([0, 540, 1080], of: "binary") { harness.engine.tell(event) }
    harness.press(.character("8"))
    harness.poll()
    for (width, height) in [(200, 60), (160, 44), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)] {
      _ = harness.screen(width, height)
      harness.poll()
      try expect(harness.screen(width, height), "weights-\(width)x\(height)")
    }
    _ = harness.screen(120, 40)
    harness.press(.character("*"), .character(";"))
    harness.poll()
    try expect(harness.screen(120, 40), "weights-cursor-120x40")
    harness.command("glyphs ascii")
    try expect(harness.screen(80, 24), "weights-ascii-80x24")
  }

  @Test func predictions() throws {
    var harness = Harness.training(1200)
    harness.press(.character("6"))
    harness.poll()
    harness.press(.down)
    harness.poll()
    try expect(&harness, "predictions", [(160, 44), (80, 24), (40, 10), (20, 5)])
    harness.press(.character("d"), .character(" "), .down, .down, .down, .right)
    harness.poll()
    try expect(&harness, "drawing", [(80, 24), (40, 10)])
  }

  @Test func aLostEngine() throws {
    var harness = Harness.training(1700)
    harness.engine.lose("the engine (process 4242) has died; what it has recorded is in /runs/20261123-fashion-quick")
    harness.wait(10)
    try expect(&harness, "lost", [(80, 24), (40, 10)])
  }

  @Test func theQuestionBeforeLeaving() throws {
    var harness = Harness(canLeave: true)
    harness.engine.makeReady()
    harness.train(600)
    harness.press(.character("q"))
    try expect(&harness, "quit", [(80, 24), (40, 10)])
  }

  private func expect(_ harness: inout Harness, _ name: String, _ sizes: [(Int, Int)]) throws {
    for (width, height) in sizes { try expect(harness.screen(width, height), "\(name)-\(width)x\(height)") }
  }

  private func expect(_ screen: String, _ name: String) throws { try GoldenFile.compare(screen, name) }
}
