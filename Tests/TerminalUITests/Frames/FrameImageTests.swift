import TerminalUI
import Testing

@Suite("Images over cells")
struct FrameImageTests {
  private func drawn(_ picture: Picture, _ width: Int, _ height: Int, _ glyphs: GlyphSet = .braille) -> Frame {
    var frame = Frame(width: 40, height: 20)
    let area = Rect(x: 2, y: 1, width: width, height: height)
    picture.render(into: &frame, area: area, theme: .standard, glyphs: glyphs)
    return frame
  }

  // Levels that rise from left to right, and a little from row to row.
  private var picture: Picture {
    var pixels: [UInt8] = []
    for y in 0..<27 { for x in 0..<28 { pixels.append(UInt8(8 * x + y % 4)) } }
    return Picture(width: 28, height: 27, channels: 1, pixels: pixels)
  }

  @Test("A picture that blocks show in part has an image with every pixel")
  func everyPixel() throws {
    let half = drawn(picture, 14, 7)
    let image = try #require(half.images.first)
    #expect(image.area == Rect(x: 2, y: 1, width: 14, height: 7))
    #expect(image.width == 28 && image.height == 28 && image.pixels.count == 3 * 28 * 28)
    for column in 0..<28 {
      #expect(image.pixels[3 * column] == UInt8(column * 8) && image.pixels[3 * column + 2] == UInt8(column * 8))
    }
    // Below the picture's last row is the ground.
    let ground = image.pixels[3 * 27 * 28..<3 * 27 * 28 + 3].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    #expect(Theme.standard[.background].kind == .rgb(ground))
    // Blocks that show every pixel need none, and neither do shades.
    #expect(drawn(picture, 28, 14).images.isEmpty && drawn(picture, 14, 7, .ascii).images.isEmpty)
  }

  @Test("An image is gone where anything is drawn over its cells")
  func covered() {
    var frame = drawn(picture, 14, 7)
    #expect(frame.visibleImages.count == 1)
    frame.text("x", x: 1, y: 1, style: Style())
    frame.text("x", x: 16, y: 7, style: Style())
    #expect(frame.visibleImages.count == 1, "beside it")
    var covered = frame
    covered.text("x", x: 15, y: 7, style: Style())
    #expect(covered.visibleImages.isEmpty)
    frame.restyle(Rect(x: 2, y: 3, width: 1, height: 1)) { $0.attributes = .dim }
    #expect(frame.visibleImages.isEmpty)
  }
}
