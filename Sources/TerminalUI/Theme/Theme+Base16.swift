extension Theme {
  /// A theme of a base16 or base24 palette.
  ///
  /// A role whose colour would be hard to read on this scheme's background is moved towards the text's colour until
  /// it can be read: schemes disagree about how faint base03 and base04 are, and few lines in yellow show on white.
  /// - Parameter palette: base00...base0F, and for base24 base10...base17, as `0xRRGGBB`; 16 or 24 of them.
  init(name: String, author: String, variant: Variant?, palette: [UInt32]) {
    precondition(palette.count == 16 || palette.count == 24, "a scheme has 16 or 24 colours, not \(palette.count)")
    var base = palette
    if base.count == 16 {
      // base10, 11 → 00; 12 → 08; 13 → 0A; 14 → 0B; 15 → 0C; 16 → 0D; 17 → 0E.
      base += [0, 0, 8, 10, 11, 12, 13, 14].map { palette[$0] }
    }
    let background = RGB(base[0])
    let text = RGB(base[5])
    let found: Variant = background.luminance < text.luminance ? .dark : .light
    // The strongest contrast that the scheme's own greys have.
    let strongest =
      [base[5], base[6], base[7]].map { RGB($0) }
      .max { $0.contrast(with: background) < $1.contrast(with: background) } ?? text
    func color(_ index: Int, _ ratio: Double) -> Color {
      .rgb(RGB(base[index]).legible(on: background, ratio: ratio, towards: strongest).value)
    }
    let lanes = Theme.distinct([13, 9, 14, 11, 12, 10, 8, 15].map { color($0, 3) }, count: ThemeRole.lanes.count)
    var colors: [ThemeRole: Color] = [
      .background: .rgb(base[0]), .bar: .rgb(base[1]), .selection: .rgb(base[2]), .border: color(3, 1.5),
      .focus: color(13, 3), .faint: color(4, 3.6), .text: color(5, 5.5), .strong: .rgb(strongest.value),
      .accent: color(12, 3.5), .good: color(11, 3), .warning: color(10, 3), .bad: color(8, 3),
    ]
    // A selection on which its text cannot be read is no help.
    let selected = RGB(base[2])
    if case .rgb(let value)? = colors[.text]?.kind {
      let share = stride(from: 0.0, through: 0.8, by: 0.1).first {
        selected.mixed(with: background, share: $0).contrast(with: RGB(value)) >= 4
      }
      colors[.selection] = .rgb(selected.mixed(with: background, share: share ?? 0.8).value)
    }
    // Some schemes have a base04 as bright as the text.
    if RGB(base[4]).contrast(with: background) > 0.75 * text.contrast(with: background) {
      let fainter = text.mixed(with: background, share: 0.4)
      colors[.faint] = .rgb(fainter.legible(on: background, ratio: 3.6, towards: strongest).value)
    }
    for (role, color) in zip(ThemeRole.lanes, lanes) { colors[role] = color }
    self.init(
      name: name, author: author, variant: variant ?? found, palette: base, colors: colors,
      attributes: [.strong: .bold])
  }

  /// The first `count` colours that can be told from those before them; the others fill up.
  private static func distinct(_ candidates: [Color], count: Int) -> [Color] {
    var chosen: [(color: Color, lab: OKLab)] = []
    var others: [Color] = []
    for color in candidates {
      guard case .rgb(let value) = color.kind else { continue }
      let lab = OKLab(value)
      if chosen.contains(where: { $0.lab.squaredDistance(to: lab) < 0.005 }) {
        others.append(color)
      } else {
        chosen.append((color, lab))
      }
    }
    return Array((chosen.map(\.color) + others).prefix(count))
  }
}
