import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Shows that the engine is gone or silent, or that a change is offered, in a few rows at the bottom; the rest of the
/// screen stays visible.
struct Banner {
  private var sign: Unicode.Scalar
  private var role: ThemeRole
  // In progressively shorter forms.
  private var texts: [String]

  /// The banner for an engine that is gone.
  init(_ loss: EngineLoss, _ keyMap: KeyMap, _ glyphs: GlyphSet) {
    let resume = keyMap.keys(for: .resumeRun).first?.label ?? ":resume-run"
    let quit = keyMap.keys(for: .quit).first?.label ?? ":quit"
    let advice = "\(resume) resumes it, \(quit) quits."
    let least = "\(resume) resumes, \(quit) leaves"
    let last = "\(resume) resumes"
    texts = ["The run was suspended; nothing is lost. \(advice)", "The run was suspended. \(advice)", least, last]
    (sign, role) = (glyphs.paused, .warning)
    if case .died(let reason) = loss {
      (sign, role) = (glyphs.failed, .bad)
      texts = [
        "\(reason.prefix(1).uppercased() + reason.dropFirst()). Nothing up to the last checkpoint is lost. \(advice)",
        "The engine has died; nothing up to the last checkpoint is lost. \(advice)", "The engine has died. \(advice)",
        least, last,
      ]
    }
  }

  /// The banner for an engine that has not answered for some seconds.
  init(silence: Double, _ keyMap: KeyMap, _ glyphs: GlyphSet) {
    let quit = keyMap.keys(for: .quit).first?.label ?? ":quit"
    let seconds = silence < 60 ? "\(Int(silence)) s" : NumberFormat.duration(seconds: silence.rounded(.down))
    (sign, role) = (glyphs.failed, .warning)
    texts = [
      "The engine has not answered for \(seconds). The figures are old; nothing is sent. \(quit) quits.",
      "The engine has not answered for \(seconds). \(quit) quits.", "no answer for \(seconds), \(quit) quits",
      "no answer: \(seconds)",
    ]
  }

  /// The banner for a change that the health watch offers.
  init(_ offer: Offer, _ keyMap: KeyMap, _ glyphs: GlyphSet) {
    let accept = keyMap.keys(for: .accept).first?.label ?? ":accept"
    let decline = keyMap.keys(for: .decline).first?.label ?? ":decline"
    let subject = offer.subject.prefix(1).uppercased() + offer.subject.dropFirst()
    texts = [
      "\(subject): \(accept) sets \(offer.change), \(decline) dismisses this.",
      "\(accept) sets \(offer.change) in \(offer.finding.lane), \(decline) dismisses this",
      "\(accept) sets \(offer.change)", "\(accept) accepts",
    ]
    (sign, role) = ("!", .warning)
  }

  /// Draws the banner in the last rows of `area`.
  func draw(in area: Rect, on painter: inout Painter) {
    guard area.height > 0, area.width > 0 else { return }
    // The longest text that fits into a few rows.
    let rows = max(1, min(2, area.height / 4))
    let width = max(1, area.width - 4)
    let fitting = texts.map { TextWrap.lines($0, width: width) }
    let lines = fitting.first { $0.count <= rows } ?? fitting[texts.count - 1]
    let shown = lines.prefix(rows)
    let top = area.maxY - shown.count
    for (row, line) in shown.enumerated() {
      let place = Rect(x: area.x, y: top + row, width: area.width, height: 1)
      painter.fill(place, .bar)
      painter.on(.bar) { painter in
        let sign = row == 0 ? "\(sign) " : "  "
        painter.frame.text(
          [painter.piece(" " + sign, role, .bold), painter.piece(line, .warning, .bold)], x: place.x, y: place.y,
          maxWidth: place.width)
      }
    }
  }
}
