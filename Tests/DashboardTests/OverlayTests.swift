import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// Overlays: their texts are not cut off, and their keys work.
@Suite struct OverlayTests {
  @Test(arguments: [(40, 10), (80, 24), (120, 36), (200, 60)]) func helpIsNeverCutOff(width: Int, height: Int) {
    var harness = Harness.training(50)
    harness.press(.character("?"))
    _ = harness.screen(width, height)
    var seen = ""
    for _ in 0..<(height < 20 ? 100 : 12) {
      let screen = harness.screen(width, height)
      let margin = (width - min(132, width - 2)) / 2
      let box = screen.split(separator: "\n").dropFirst(3).dropLast(2).map { $0.dropFirst(margin).prefix(132) }
      #expect(!box.contains { $0.contains("…") }, "\(screen)")
      seen += screen
      harness.press(.pageDown)
    }
    #expect(seen.contains("Quit; during"))
  }

  @Test func theFooterTellsTheOverlaysKeys() {
    var harness = Harness.training(50)
    func footer(_ keys: Key...) -> Substring {
      for key in keys { harness.press(key) }
      defer { harness.press(.escape) }
      return harness.screen(80, 24).split(separator: "\n").last ?? ""
    }
    for key in ["?", "T", "c", "S"] as [Character] {
      let text = footer(.character(key))
      #expect(!text.contains("space pause") && text.contains("esc") || text.contains("no"), "\(key): \(text)")
    }
    #expect(footer(.character("c")).contains("write one") == (harness.dashboard.model.run?.directory != nil))
    #expect(footer().contains("space pause"))
  }
}
