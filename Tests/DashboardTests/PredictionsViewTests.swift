import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

/// The screen of what lanes predict, and its canvas.
@Suite struct PredictionsViewTests {
  private func predicting() -> Harness {
    var harness = Harness.training(1200)
    harness.press(.character("6"))
    harness.poll()
    return harness
  }

  private func questions(_ harness: Harness) -> [ImageQuestion] {
    harness.engine.commands.compactMap { if case .answerImage(let question) = $0 { question } else { nil } }
  }

  private func classifications(_ harness: Harness) -> [EngineCommand] {
    harness.engine.commands.filter { if case .classifyLane = $0 { true } else { false } }
  }

  @Test func theLaneIsClassifiedOnceAndItsFirstMistakeShown() {
    var harness = predicting()
    harness.poll()
    #expect(classifications(harness) == [.classifyLane("binary", nil)])
    #expect(questions(harness).last == .validation(40))
    let screen = harness.screen(160, 44)
    #expect(screen.contains("90.00 %  latent weights 90.00 %") && screen.contains("binary confusion"))
    #expect(screen.contains("image 40: 3") && screen.contains("1,000, most confident first"))
    #expect(screen.contains("binary    5 91 %  latent 3 91 %"))
    harness.press(.character("1"), .character("6"))
    harness.poll()
    #expect(classifications(harness).count == 1)
    harness.press(.character("N"), .character("B"))
    #expect(classifications(harness).suffix(2) == [.classifyLane("binary", .newest), .classifyLane("binary", .best)])
  }

  @Test func theMatrixCountsImagesOrPercent() {
    var harness = predicting()
    let counts = harness.screen(160, 44)
    #expect(counts.contains("200") && counts.contains("800") && counts.contains("80.0 %"))
    harness.press(.character("%"))
    let percent = harness.screen(160, 44)
    #expect(!percent.contains("800") && percent.contains("80.0 %") && percent.contains(" 20 "))
    // Where the matrix does not fit: the worst class first.
    let lines = harness.screen(40, 12).split(separator: "\n")
    let first = lines.firstIndex { $0.contains("recall") }
    #expect(first.map { lines[$0 + 1].contains("80.0 %") && lines[$0 + 1].contains("5 200") } == true)
  }

  @Test func arrowsWalkThroughTheMistakes() {
    var harness = predicting()
    harness.poll()
    harness.press(.down)
    #expect(questions(harness).last == .validation(41))
    harness.press(.up, .up)
    #expect(questions(harness).last == .validation(40))
    harness.press(.end)
    #expect(questions(harness).last == .validation(69))
    harness.command("image 17")
    #expect(questions(harness).last == .validation(17))
    harness.press(.character("I"))
    #expect(questions(harness).last == .validation(18))
    harness.command("image 10000")
    #expect(harness.screen(160, 44).contains("image: expected a number from 0 to 9999, found “10000”"))
    #expect(questions(harness).last == .validation(18))
  }

  private func ink(_ question: ImageQuestion?) -> [UInt8] {
    if case .drawn(let pixels)? = question { Array(pixels) } else { [] }
  }

  @Test func theMouseDrawsWhereItIs() throws {
    var harness = predicting()
    harness.press(.character("d"))
    let before = questions(harness).count
    let lines = harness.screen(120, 40).split(separator: "\n", omittingEmptySubsequences: false)
    let top = try #require(lines.firstIndex { $0.contains("╭─ draw") })
    let row = lines[top]
    let left = row.distance(
      from: row.startIndex, to: try #require(row.range(of: "╭─ draw")).lowerBound)
    // Inside the borders of the box and of the canvas: the pixel at column 9, rows 8 and 9.
    harness.mouse(.press, x: left + 3 + 9, y: top + 2 + 4)
    harness.poll()
    #expect(questions(harness).count == before + 1)
    let pixels = ink(questions(harness).last)
    try #require(pixels.count == 784)
    #expect(pixels[8 * 28 + 9] > 200 && pixels[9 * 28 + 9] > 200 && pixels[0] == 0 && pixels[8 * 28 + 14] == 0)
    harness.mouse(.drag, x: left + 3 + 15, y: top + 2 + 4)
    harness.mouse(.release, x: left + 3 + 15, y: top + 2 + 4)
    harness.poll()
    let line = ink(questions(harness).last)
    // Nothing is left out between two events of the mouse.
    #expect((9...15).allSatisfy { line[8 * 28 + $0] > 200 } && line[8 * 28 + 20] == 0)
    #expect(harness.screen(120, 40).contains("binary    5 91 %"))
    harness.press(.character("x"))
    harness.press(.escape)
    #expect(!harness.screen(120, 40).contains("╭─ draw"))
  }

  @Test func aRefusedDrawingIsNotAskedAgainByItself() {
    var harness = predicting()
    harness.press(.character("d"))
    harness.engine.refuseNext("the image can't be classified")
    harness.press(.character(" "))
    let sent = questions(harness).count
    for _ in 0..<5 { harness.poll() }
    #expect(questions(harness).count == sent)
    // The next stroke asks.
    harness.press(.right)
    #expect(questions(harness).count == sent + 1)
  }

  @Test func keysDrawAndErase() throws {
    var harness = predicting()
    harness.press(.character("d"), .down, .down)
    // The pen is up.
    #expect(questions(harness).allSatisfy { if case .drawn = $0 { false } else { true } })
    harness.press(.character(" "))
    harness.poll()
    harness.press(.right, .right, .right)
    harness.poll()
    harness.poll()
    let drawn = ink(questions(harness).last)
    try #require(drawn.count == 784)
    #expect((14...17).allSatisfy { drawn[16 * 28 + $0] > 200 })
    harness.press(.character("e"), .left, .left)
    harness.poll()
    harness.poll()
    let erased = ink(questions(harness).last)
    #expect(erased[16 * 28 + 15] == 0 && erased[16 * 28 + 17] < 128)
  }

  @Test(arguments: [(20, 5), (24, 7), (40, 10), (60, 15), (80, 24), (120, 40), (200, 60)])
  func everySizeIsDrawn(width: Int, height: Int) {
    var harness = predicting()
    harness.poll()
    for isMaximised in [false, true] {
      if isMaximised { harness.press(.character("e")) }
      let screen = harness.screen(width, height)
      #expect(screen.contains("90.00 %") || screen.contains("recall") || isMaximised, "\(width)×\(height)")
    }
    harness.press(.character("d"), .character(" "))
    harness.poll()
    #expect(harness.screen(width, height).contains("5 91 %"), "\(width)×\(height)")
  }
}
