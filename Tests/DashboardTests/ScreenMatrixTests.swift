import Dashboard
import Foundation
import TerminalUI
import Testing

/// Every screen of a training at six sizes: as text in UTF-8 and ASCII, and with its styles in true colour, 16 colours
/// and without colours. `SIGNFLIP_UPDATE_GOLDEN=1` in the environment rewrites the files; then check the diff.
@Suite struct ScreenMatrixTests {
  private static let sizes = [(200, 60), (120, 40), (80, 24), (60, 15), (40, 10), (20, 5)]
  private static let themes = [("true colour", Theme.standard), ("16 colours", .terminal), ("no colour", .monochrome)]

  @Test(arguments: LiveViews.all.map { $0.tab.action.rawValue })
  func everySizeGlyphsAndColours(_ screen: String) throws {
    var harnesses: [(theme: String, glyphs: GlyphSet, harness: Harness)] = []
    for (name, theme) in Self.themes {
      for glyphs in [GlyphSet.braille, .ascii] {
        var harness = Harness.training(1200, glyphs: glyphs, theme: theme)
        harness.command(screen)
        // What the screen asks the engine for arrives.
        for _ in 0..<3 { harness.poll() }
        harness.wait(10)
        harnesses.append((name, glyphs, harness))
      }
    }
    for (width, height) in Self.sizes {
      var text = ""
      var styles: [String] = []
      for place in harnesses.indices {
        let (theme, glyphs) = (harnesses[place].theme, harnesses[place].glyphs)
        harnesses[place].harness.width = width
        harnesses[place].harness.height = height
        let frame = harnesses[place].harness.frame()
        let plain = FrameText.plain(frame)
        let lines = plain.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == height && lines.allSatisfy { displayWidth(String($0)) <= width })
        #expect(!plain.contains("too small"))
        let isASCII = plain.utf8.allSatisfy { $0 < 128 }
        #expect(isASCII || glyphs.name != "ascii")
        if theme == Self.themes[0].0 { text += "\(glyphs.name):\n\(plain)\n" }
        styles.append("\(theme), \(glyphs.name): \(digest(FrameDocument.ansi.text(frame, theme: .standard)))")
      }
      try GoldenFile.compare(text + styles.joined(separator: "\n"), "Screens/\(screen)-\(width)x\(height)")
    }
  }

  // FNV-1a, 64 bits.
  private func digest(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}

/// A text that is compared with a file.
enum GoldenFile {
  /// Records an issue for each row that differs from the file of this name, or rewrites the file if asked to.
  static func compare(_ text: String, _ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
    let file = folder.appendingPathComponent("\(name).txt")
    if ProcessInfo.processInfo.environment["SIGNFLIP_UPDATE_GOLDEN"] != nil {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: file)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    let lines = (
      golden.split(separator: "\n", omittingEmptySubsequences: false),
      (text + "\n").split(separator: "\n", omittingEmptySubsequences: false)
    )
    for (row, (expected, found)) in zip(lines.0, lines.1).enumerated() where expected != found {
      Issue.record("\(name), row \(row):\nexpected \(expected)\nfound    \(found)")
    }
    #expect(lines.0.count == lines.1.count)
  }
}
