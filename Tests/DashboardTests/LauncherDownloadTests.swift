import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// The launcher downloads a missing data set, and training on it can start.
@Suite struct LauncherDownloadTests {
  // The launcher, with MNIST missing and its preset selected. MNIST can be downloaded.
  private func launcher() -> Harness {
    var harness = Harness(mode: .launcher(dataDirectory: "/sets"))
    harness.engine.setCatalog(catalog())
    harness.press(.character("R"))
    harness.poll()
    harness.press(.down)
    harness.wait(3)
    return harness
  }

  private func catalog(mnist: String? = nil) -> Catalog {
    var catalog = Fixture.pair.catalog
    catalog.datasets[0].downloadBytes = 11_594_722
    catalog.datasets[0].location = mnist
    return catalog
  }

  private func end(_ harness: inout Harness, _ result: DownloadResult) {
    harness.engine.setDownload(nil)
    harness.engine.tell(.downloadEnded(CommandID(harness.engine.commands.count), result))
    harness.poll()
  }

  @Test func aKeyDownloadsWhatIsMissing() {
    var harness = launcher()
    #expect(harness.screen(120, 40).contains("needs mnist") && harness.screen(80, 24).contains("d download mnist"))
    #expect(!harness.screen(80, 24).contains("enter start"))
    harness.press(.enter)
    #expect(harness.dashboard.toast?.text == "mnist was not found here: d downloads it, 11.6 MB")
    harness.press(.character("d"))
    #expect(harness.engine.commands.last == .download(DownloadRequest(dataset: "mnist", dataDirectory: "/sets")))
    harness.engine.setDownload(
      .init(dataset: "mnist", received: 5_217_625, total: 11_594_722, bytesPerSecond: 2e6, note: "getting https://m/a"))
    harness.poll()
    #expect(harness.dashboard.expectsNews)
    let screen = harness.screen(120, 40)
    for words in ["mnist ━", "45 %", "2 MB/s", "0:04 left", "5.2", "11.6 MB", "esc ends it", "getting https://m/a"] {
      #expect(screen.contains(words), "\(words)\n\(screen)")
    }
    #expect(harness.screen(40, 10).contains("45 %") && harness.screen(20, 5).contains("45 %"))
    for (width, height) in ScreenTests.sizes { _ = harness.screen(width, height) }
    // Only one download at a time.
    let sent = harness.engine.commands.count
    harness.press(.character("d"), .enter)
    #expect(harness.engine.commands.count == sent)
    #expect(harness.dashboard.toast?.text.contains("being downloaded") == true)
    // Training can start immediately, even though the order of the presets has changed.
    var found = catalog(mnist: "/sets/mnist")
    found.presets.swapAt(0, 4)
    found.presets.swapAt(1, 3)
    harness.engine.setCatalog(found)
    end(&harness, DownloadResult(dataset: "mnist", folder: "/sets/mnist"))
    #expect(harness.dashboard.toast?.text == "mnist is in /sets/mnist")
    #expect(harness.engine.commands.last == .describeCatalog(dataDirectory: "/sets"))
    harness.poll()
    harness.press(.enter)
    #expect(
      harness.engine.commands.last
        == .start(ExperimentRequest(source: .preset("mnist-reference"), dataDirectory: "/sets")))
  }

  @Test(arguments: [Key.escape, .control("c")]) func escapeEndsItAndItGoesOnLater(_ key: Key) {
    var harness = launcher()
    harness.press(.character("d"))
    harness.engine.setDownload(.init(dataset: "mnist", received: 5, total: 10))
    harness.poll()
    harness.press(key)
    #expect(harness.engine.commands.last == .cancelDownload && harness.effects.isEmpty)
    end(&harness, DownloadResult(dataset: "mnist", failure: "interrupted", wasCancelled: true))
    #expect(harness.dashboard.toast?.text.contains("received data is kept") == true)
    #expect(!harness.screen(80, 24).contains("esc ends it"))
    harness.press(.character("d"))
    #expect(harness.engine.commands.last == .download(DownloadRequest(dataset: "mnist", dataDirectory: "/sets")))
  }

  @Test(arguments: [(200, 60), (80, 24), (40, 10), (20, 5)])
  func aFailureIsToldInPlace(_ width: Int, _ height: Int) {
    var harness = launcher()
    harness.press(.character("d"))
    end(&harness, DownloadResult(dataset: "mnist", failure: "https://m/a: the server answers 503"))
    harness.wait(60)
    let screen = harness.screen(width, height)
    #expect(screen.contains("mnist was not") || width < 40, "\(screen)")
    if width >= 80 { #expect(screen.contains("d tries again") && screen.contains("503")) }
    #expect(screen.contains("✗"))
    harness.press(.escape)
    #expect(!harness.screen(width, height).contains("✗"))
  }

  @Test func leavingEndsIt() {
    var harness = launcher()
    harness.press(.character("d"))
    harness.engine.setDownload(.init(dataset: "mnist", received: 5, total: 10))
    harness.poll()
    harness.press(.character("q"))
    #expect(harness.engine.commands.last == .cancelDownload && harness.effects == [.end(.leftLauncher)])
  }

  @Test func anotherSourceIsNamed() {
    var harness = launcher()
    harness.command("download mnist http://127.0.0.1:8000/a b/")
    #expect(
      harness.engine.commands.last
        == .download(DownloadRequest(dataset: "mnist", dataDirectory: "/sets", from: "http://127.0.0.1:8000/a b/")))
  }

  @Test(arguments: [
    ("download digits", "digits is here already: built in"),
    ("download emnist", "expected one of mnist, found “emnist”"),
    ("download fashion-mnist", "fashion-mnist is here already: /usr/share/datasets/fashion-mnist"),
  ])
  func whatCannotBeDownloadedIsSaid(_ line: String, _ words: String) {
    var harness = launcher()
    let sent = harness.engine.commands.count
    harness.command(line)
    #expect(harness.engine.commands.count == sent && harness.dashboard.toast?.text.contains(words) == true)
  }

  @Test func whatWasChangedStaysWithItsPreset() {
    var harness = launcher()
    harness.press(.tab, .down, .right)
    var found = catalog(mnist: "/sets/mnist")
    found.presets.reverse()
    harness.engine.setCatalog(found)
    harness.press(.character("R"))
    harness.poll()
    harness.press(.enter)
    guard case .start(let request)? = harness.engine.commands.last else {
      Issue.record("nothing was started")
      return
    }
    #expect(request.source == .preset("mnist-reference") && request.epochs != nil)
  }
}
