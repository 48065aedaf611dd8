extension GlyphSet {
  /// Eight dots a cell, in braille.
  package static let braille = GlyphSet(
    name: "braille", box: "─│╭╮╰╯", dots: .braille, axis: "│┤─┬╰┈", marks: "┊│•×▲▼", legend: ("──", "╌╌", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "━╸─", scroll: "┃│",
    signs: "▶⏸✓✗▸↑↓←→‹›·…⑂■")

  /// Four dots a cell, in quadrants: for fonts whose braille is missing or thin.
  package static let blocks = GlyphSet(
    name: "blocks", box: "─│┌┐└┘", dots: .quadrants, axis: "│┤─┬└┈", marks: "┊│■×▲▼", legend: ("▀▀", "▘▘", "··"),
    verticalLevels: " ▁▂▃▄▅▆▇█", horizontalLevels: " ▏▎▍▌▋▊▉█", progress: "█▌░", scroll: "█│",
    signs: "►‖√×►↑↓←→‹›·…«■")

  /// Three dots a cell, in nothing but ASCII.
  package static let ascii = GlyphSet(
    name: "ascii", box: "-|++++", dots: .ascii, axis: "|+-++.", marks: ":|ox^v", legend: ("--", "- ", ".."),
    verticalLevels: " .:-=+*#@", horizontalLevels: " #", progress: "=>-", scroll: "#|",
    signs: ">=+x>^v<><>|~<#")
}
