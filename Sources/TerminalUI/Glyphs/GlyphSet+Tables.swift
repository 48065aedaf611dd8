extension GlyphSet {
  /// Eight dots a cell, in braille.
  package static let braille = GlyphSet(
    name: "braille", box: "─│╭╮╰╯", dots: .braille, axis: "│┤─┬╰┈", marks: "┊│•×▲▼", legend: ("──", "╌╌", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "━╸─", scroll: "┃│",
    signs: "▶‖✓✗▸↑↓←→‹›·…↳■")

  /// Four dots a cell, in quadrants: for fonts whose braille is missing or thin.
  package static let blocks = GlyphSet(
    name: "blocks", box: "─│┌┐└┘", dots: .quadrants, axis: "│┤─┬└┈", marks: "┊│■×▲▼", legend: ("▀▀", "▘▘", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "█▌░", scroll: "█│",
    signs: "►‖√×►↑↓←→‹›·…«■")

  /// Three dots a cell, in glyphs that all fonts of the Linux console have: those that Debian sets up and the one that
  /// is built into graphics cards have no braille, no part of a block, and light lines with square corners only.
  package static let console = GlyphSet(
    name: "console", box: "─│┌┐└┘", dots: .ascii, axis: "│┤─┬└.", marks: ":│•x▲▼", legend: ("──", "- ", ".."),
    verticalLevels: " .:-=+*#█", horizontalLevels: " ░▒█", progress: "█▒░", scroll: "█│",
    signs: ">=+x>↑↓←→<>·~«■", fallback: .symbols)

  /// Three dots a cell, in nothing but ASCII.
  package static let ascii = GlyphSet(
    name: "ascii", box: "-|++++", dots: .ascii, axis: "|+-++.", marks: ":|ox^v", legend: ("--", "- ", ".."),
    verticalLevels: " .:-=+*#@", horizontalLevels: " #", progress: "=>-", scroll: "#|",
    signs: ">=+x>^v<><>|~<#", fallback: .all)
}
