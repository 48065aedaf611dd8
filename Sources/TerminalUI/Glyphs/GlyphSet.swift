/// The glyphs used by widgets, as a table: tables differ by the capabilities of fonts.
package struct GlyphSet: Sendable, CustomStringConvertible {
  /// The name of the table in settings.
  package var name: String

  // Boxes and rules.
  package var horizontal: Unicode.Scalar
  package var vertical: Unicode.Scalar
  package var topLeft: Unicode.Scalar
  package var topRight: Unicode.Scalar
  package var bottomLeft: Unicode.Scalar
  package var bottomRight: Unicode.Scalar

  // Charts.
  /// How dots are packed into a cell.
  package var dots: DotPacking
  /// The vertical axis, plain and at a labelled row.
  package var axis: Unicode.Scalar
  package var axisTick: Unicode.Scalar
  /// The horizontal axis, at a labelled column, and where it meets the vertical one.
  package var baseline: Unicode.Scalar
  package var baselineTick: Unicode.Scalar
  package var bottomAxis: Unicode.Scalar
  /// A guide line at a labelled row.
  package var guide: Unicode.Scalar
  /// The vertical line of an event, and of the cursor.
  package var marker: Unicode.Scalar
  package var cursor: Unicode.Scalar
  /// A measured point on a line, and the place of a value that is not a number.
  package var point: Unicode.Scalar
  package var notANumber: Unicode.Scalar
  /// The greatest or least value of a line.
  package var extreme: Unicode.Scalar
  /// The stroke of a series in a legend: solid, dashed and in sparse dots; two columns each.
  package var legendStroke: String
  package var legendDashes: String
  package var legendDots: String
  /// Marks values above, or below, the visible range.
  package var offScaleAbove: Unicode.Scalar
  package var offScaleBelow: Unicode.Scalar

  // Bars.
  /// The top of a vertical bar, from empty to a full cell, in equal steps.
  package var verticalLevels: [Unicode.Scalar]
  /// The end of a horizontal bar, from empty to a full cell, in equal steps.
  package var horizontalLevels: [Unicode.Scalar]
  /// A progress bar: done, a half cell at its end, and remaining.
  package var progressDone: Unicode.Scalar
  package var progressTip: Unicode.Scalar
  package var progressRest: Unicode.Scalar
  /// A scroll bar's handle and its track.
  package var scrollHandle: Unicode.Scalar
  package var scrollTrack: Unicode.Scalar

  // Signs.
  package var playing: Unicode.Scalar
  package var paused: Unicode.Scalar
  package var finished: Unicode.Scalar
  package var failed: Unicode.Scalar
  package var selected: Unicode.Scalar
  package var arrowUp: Unicode.Scalar
  package var arrowDown: Unicode.Scalar
  package var arrowLeft: Unicode.Scalar
  package var arrowRight: Unicode.Scalar
  package var adjustLeft: Unicode.Scalar
  package var adjustRight: Unicode.Scalar
  package var separator: Unicode.Scalar
  package var ellipsis: Unicode.Scalar
  package var fork: Unicode.Scalar
  package var stopped: Unicode.Scalar

  /// The replacement of glyphs in external text, names and units.
  package enum Fallback: Hashable, Sendable {
    /// No replacement.
    case none
    /// Symbols that console fonts lack are replaced by similar ones; letters are kept.
    case symbols
    /// Everything except ASCII is replaced.
    case all
  }
  /// The replacement of glyphs in external text.
  package var fallback: Fallback

  package var description: String { name }

  /// The table of this name; nil if there is none.
  package init?(named name: String) {
    guard let table = GlyphSet.all.first(where: { $0.name == name }) else { return nil }
    self = table
  }

  /// All tables, the finest first.
  package static let all: [GlyphSet] = [.braille, .blocks, .console, .ascii]

  init(
    name: String, box: String, dots: DotPacking, axis: String, marks: String, legend: (String, String, String),
    verticalLevels: String, horizontalLevels: String, progress: String, scroll: String, signs: String,
    fallback: Fallback = .none
  ) {
    func scalars(_ s: String, _ count: Int) -> [Unicode.Scalar] {
      let result = Array(s.unicodeScalars)
      precondition(result.count == count, "“\(s)” should have \(count) glyphs")
      return result
    }
    self.name = name
    self.fallback = fallback
    let box = scalars(box, 6)
    (horizontal, vertical) = (box[0], box[1])
    (topLeft, topRight, bottomLeft, bottomRight) = (box[2], box[3], box[4], box[5])
    self.dots = dots
    let axis = scalars(axis, 6)
    (self.axis, axisTick, baseline, baselineTick, bottomAxis, guide) = (
      axis[0], axis[1], axis[2], axis[3], axis[4], axis[5]
    )
    let marks = scalars(marks, 7)
    (marker, cursor, point, notANumber) = (marks[0], marks[1], marks[2], marks[3])
    (offScaleAbove, offScaleBelow, extreme) = (marks[4], marks[5], marks[6])
    (legendStroke, legendDashes, legendDots) = legend
    self.verticalLevels = Array(verticalLevels.unicodeScalars)
    self.horizontalLevels = Array(horizontalLevels.unicodeScalars)
    let progress = scalars(progress, 3)
    (progressDone, progressTip, progressRest) = (progress[0], progress[1], progress[2])
    let scroll = scalars(scroll, 2)
    (scrollHandle, scrollTrack) = (scroll[0], scroll[1])
    let signs = scalars(signs, 15)
    (playing, paused, finished, failed, selected) = (signs[0], signs[1], signs[2], signs[3], signs[4])
    (arrowUp, arrowDown, arrowLeft, arrowRight) = (signs[5], signs[6], signs[7], signs[8])
    (adjustLeft, adjustRight, separator, ellipsis) = (signs[9], signs[10], signs[11], signs[12])
    (fork, stopped) = (signs[13], signs[14])
  }
}

extension GlyphSet {
  /// Eight dots per cell, in braille.
  package static let braille = GlyphSet(
    name: "braille", box: "─│╭╮╰╯", dots: .braille, axis: "│┤─┬╰┈", marks: "┊│•×▲▼◆", legend: ("──", "╌╌", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "━╸─", scroll: "┃│",
    signs: "▶‖✓✗▸↑↓←→‹›·…↳■")

  /// Four dots per cell, in quadrants: for fonts without legible braille.
  package static let blocks = GlyphSet(
    name: "blocks", box: "─│┌┐└┘", dots: .quadrants, axis: "│┤─┬└┈", marks: "┊│■×▲▼◆", legend: ("▀▀", "▘▘", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "█▌░", scroll: "█│",
    signs: "►‖√×►↑↓←→‹›·…«■")

  /// Three dots per cell, in glyphs of all fonts of the Linux console: Debian's fonts and the built-in font of
  /// graphics cards have no braille, no partial blocks, and light lines with square corners only.
  package static let console = GlyphSet(
    name: "console", box: "─│┌┐└┘", dots: .ascii, axis: "│┤─┬└.", marks: ":│•x▲▼♦", legend: ("──", "- ", ".."),
    verticalLevels: " .:-=+*#█", horizontalLevels: " ░▒█", progress: "█▒░", scroll: "█│",
    signs: ">=+x>↑↓←→<>·~«■", fallback: .symbols)

  /// Three dots per cell, only in ASCII.
  package static let ascii = GlyphSet(
    name: "ascii", box: "-|++++", dots: .ascii, axis: "|+-++.", marks: ":|ox^v@", legend: ("--", "- ", ".."),
    verticalLevels: " .:-=+*#@", horizontalLevels: " #", progress: "=>-", scroll: "#|",
    signs: ">=+x>^v<><>|~<#", fallback: .all)
}
