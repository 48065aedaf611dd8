import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct LauncherTests {
  private func startedRequest(_ harness: Harness) -> ExperimentRequest? {
    if case .start(let request)? = harness.engine.commands.last { request } else { nil }
  }

  @Test func enterStartsTheDefault() {
    var harness = Harness.launcher
    #expect(harness.engine.commands == [.describeCatalog(dataDirectory: nil)])
    harness.press(.enter)
    #expect(startedRequest(harness) == ExperimentRequest(source: .preset("fashion-quick")))
    harness.poll()
    #expect(harness.screen().contains("reading fashion-mnist"))
  }

  @Test func changedFieldsGoIntoTheRequest() {
    var harness = Harness.launcher
    harness.press(.tab)
    #expect(harness.screen().contains("‹ fashion-mnist ›"))
    harness.press(.right, .down, .right, .right)  // digits; 12 epochs
    harness.press(.down, .character("7"), .enter)  // seed typed
    harness.press(.down, .left)  // batch 100 → 64
    harness.press(.down, .down, .shiftLeft)  // the binary lane's rate
    harness.press(.up, .character(" "))  // the baseline is left out
    harness.press(.enter)
    #expect(
      startedRequest(harness)
        == ExperimentRequest(
          source: .preset("fashion-quick"), dataset: "digits", epochs: 12, seed: 7,
          settings: ["batchSize=64", "binary.learningRate=1e-3"], lanes: ["binary"]))
  }

  @Test func theLastLaneStays() {
    var harness = Harness.launcher
    harness.press(.tab, .end, .character(" "), .up, .character(" "))
    #expect(harness.dashboard.toast?.text == "at least one lane must be included")
  }

  @Test func aMissingDataSetIsNotStartedButExplained() {
    var harness = Harness.launcher
    harness.press(.down)
    #expect(harness.screen(120, 40).contains("not found"))
    harness.press(.enter)
    #expect(harness.engine.commands == [.describeCatalog(dataDirectory: nil)])
    #expect(
      harness.dashboard.toast?.text
        == "mnist was not found here. Put the four IDX files into ~/.local/share/signflip/datasets/mnist.")
  }

  @Test func anExperimentOfOnesOwnIsOpenedByPath() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("signflip-\(UUID()).yaml").path
    try Data("name: mine\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    var harness = Harness.launcher
    harness.press(.character("o"))
    harness.type("/nowhere/x.yaml")
    harness.press(.enter)
    #expect(harness.dashboard.toast?.text.hasPrefix("/nowhere/x.yaml: expected a YAML file") == true)
    harness.command("open \(path)")
    harness.press(.enter)
    #expect(startedRequest(harness) == ExperimentRequest(source: .file(path)))
  }

  @Test func aWrongFieldStaysToBeMended() {
    var harness = Harness.launcher
    harness.press(.tab, .down, .character("0"), .enter)
    #expect(harness.screen().contains("expected a whole number from 1 to 100000, found 0"))
    harness.press(.backspace, .character("3"), .enter, .enter)
    #expect(startedRequest(harness)?.epochs == 3)
  }

  @Test func aFailedStartComesBackWithItsReason() {
    var harness = Harness.launcher
    harness.press(.down, .down, .down, .down, .enter)
    guard case .live = harness.dashboard.mode else {
      Issue.record("nothing was started")
      return
    }
    var cursor = harness.dashboard.model.cursor
    cursor.eventCount += 1
    let reason = "/data/labels.gz: expected 60000 labels, found 59999"
    let effects = harness.dashboard.consume(
      EventBatch(events: [.failed(reason)], cursor: cursor), Snapshot(phase: .failed(reason)), now: 1)
    #expect(effects.isEmpty)
    #expect(harness.screen(120, 40).contains(reason))
    #expect(harness.screen(120, 40).contains("experiments"))
    #expect(harness.screen(120, 40).contains("▸ digits-quick"))
  }

  @Test(arguments: [(200, 60), (80, 24)])
  func theListsAreThere(_ width: Int, _ height: Int) {
    var harness = Harness.launcher
    let screen = harness.screen(width, height)
    for words in [
      "experiments", "fashion-quick", "default", "mnist-bnn", "YAML", "expected", "cost", "data set", "epochs", "seed",
      "batch", "learning rate", "baseline", "binary", "not found", "/usr/share/datasets/fashion-mnist", "enter start",
    ] {
      #expect(screen.contains(words), "\(words) at \(width)×\(height)")
    }
  }

  @Test func aListThatIsCutHasAScrollBar() {
    var harness = Harness.launcher
    #expect(!harness.screen(80, 24).contains("┃"))
    #expect(harness.screen(80, 5).contains("┃"))
  }
}
