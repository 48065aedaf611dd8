/// An image in half blocks, two pixels per cell, or in shades where the terminal has no exact colours. Where blocks lack
/// detail, the frame gets the image too, for a terminal that draws images.
package struct Picture: Sendable {
  /// The size in pixels.
  package let width, height: Int
  /// Bytes per pixel: 1 for grey, 3 for red, green and blue.
  package let channels: Int
  /// The bytes, row by row.
  package var pixels: [UInt8]
  /// The pixel that is marked; nil for none.
  package var marked: Frame.Point?

  /// An image. Missing bytes are 0.
  package init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    (self.width, self.height, self.channels) = (max(1, width), max(1, height), channels == 3 ? 3 : 1)
    let count = self.width * self.height * self.channels
    self.pixels = Array(pixels.prefix(count)) + Array(repeating: 0, count: max(0, count - pixels.count))
  }

  /// The place of the image in `area`: as large as fits, in whole multiples or whole fractions of its size.
  package func layout(in area: Rect) -> PictureLayout {
    let up = min(area.width / width, 2 * area.height / height)
    if up >= 1 { return layout(in: area, up: up, down: 1) }
    var down = 2
    while (width + down - 1) / down > area.width || (height + down - 1) / down > 2 * area.height, down < width + height
    {
      down += 1
    }
    return layout(in: area, up: 1, down: down)
  }

  private func layout(in area: Rect, up: Int, down: Int) -> PictureLayout {
    let columns = (width * up + down - 1) / down
    let rows = ((height * up + down - 1) / down + 1) / 2
    return PictureLayout(
      area: Rect(x: area.x, y: area.y, width: min(columns, area.width), height: min(rows, area.height)), up: up,
      down: down)
  }

  /// Draws the image at the top left of `area`.
  /// - Returns: its place.
  @discardableResult
  package func render(into frame: inout Frame, area: Rect, theme: Theme, glyphs: GlyphSet) -> PictureLayout {
    let layout = layout(in: area)
    let isExact = !theme.palette.isEmpty && glyphs.fallback != .all
    for row in 0..<layout.area.height {
      for column in 0..<layout.area.width {
        let (top, bottom) = (layout.block(column, 2 * row), layout.block(column, 2 * row + 1))
        let isMarked = marked.map { top.contains($0) || bottom.contains($0) } == true
        let cell =
          isExact
          ? Cell("▀", style: Style(foreground: color(top, theme), background: color(bottom, theme)))
          : Cell(
            shade(top, bottom, glyphs),
            style: theme.style(isMarked ? .accent : .text, on: .background, isMarked ? .reverse : []))
        frame[layout.area.x + column, layout.area.y + row] = cell
      }
    }
    if isExact, layout.down > 1, !layout.area.isEmpty { frame.images.append(image(over: frame, layout, theme)) }
    return layout
  }

  // Every pixel, with the ground where the last cells reach beyond the image.
  private func image(over frame: Frame, _ layout: PictureLayout, _ theme: Theme) -> FrameImage {
    let (columns, rows) = (layout.area.width * layout.down, 2 * layout.area.height * layout.down)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * columns * rows)
    for y in 0..<rows {
      for x in 0..<columns {
        let color =
          x < width ? color(PictureLayout.Block(x: x, y: y, size: 1), theme) : theme[.background]
        let value: UInt32 = if case .rgb(let value) = color.kind { value } else { 0 }
        bytes += [UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
      }
    }
    return FrameImage(area: layout.area, width: columns, height: rows, pixels: bytes, over: frame)
  }

  private func color(_ block: PictureLayout.Block, _ theme: Theme) -> Color {
    if let marked, block.contains(marked) { return theme[.accent] }
    guard block.y < height else { return theme[.background] }
    let levels = (0..<channels).map { quantized(mean(block, $0)) }
    return .rgb(UInt32(levels[0]) << 16 | UInt32(levels[channels == 3 ? 1 : 0]) << 8 | UInt32(levels[channels - 1]))
  }

  // Few levels, because terminals have a limited number of pairs of colours.
  private func quantized(_ level: Int) -> Int { min(255, (level + 4) / 8 * 8) }

  private func shade(_ top: PictureLayout.Block, _ bottom: PictureLayout.Block, _ glyphs: GlyphSet) -> Unicode.Scalar {
    let blocks = [top, bottom].filter { $0.y < height }
    let level = blocks.reduce(0) { sum, block in
      sum + (0..<channels).reduce(0) { $0 + mean(block, $1) } / channels
    }
    let ramp = Array((glyphs.fallback == .all ? " .:-=+*#%@" : " ░▒▓█").unicodeScalars)
    return ramp[min(ramp.count - 1, level * ramp.count / (256 * max(1, blocks.count)))]
  }

  // The mean of a channel over the pixels of a block.
  private func mean(_ block: PictureLayout.Block, _ channel: Int) -> Int {
    var (sum, count) = (0, 0)
    for y in block.y..<min(height, block.y + block.size) {
      for x in block.x..<min(width, block.x + block.size) {
        sum += Int(pixels[(y * width + x) * channels + channel])
        count += 1
      }
    }
    return count == 0 ? 0 : sum / count
  }
}

/// The place of a picture on the screen.
package struct PictureLayout: Hashable, Sendable {
  /// The cells.
  package let area: Rect
  // A pixel takes `up` half cells, or a half cell takes `down` pixels, in both directions.
  fileprivate let up, down: Int

  /// The pixels of a half cell.
  fileprivate struct Block {
    let x, y, size: Int
    func contains(_ point: Frame.Point) -> Bool {
      (x..<x + size).contains(point.x) && (y..<y + size).contains(point.y)
    }
  }

  /// The image's coordinates at the center of a cell of the screen, in pixels; nil outside the picture.
  package func point(x: Int, y: Int) -> (x: Double, y: Double)? {
    guard area.contains(x: x, y: y) else { return nil }
    let scale = Double(down) / Double(up)
    return ((Double(x - area.x) + 0.5) * scale - 0.5, (Double(y - area.y) + 0.5) * 2 * scale - 0.5)
  }

  fileprivate func block(_ column: Int, _ halfRow: Int) -> Block {
    Block(x: column * down / up, y: halfRow * down / up, size: down)
  }
}
