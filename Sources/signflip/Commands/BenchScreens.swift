import ArgumentParser
import Foundation

struct BenchScreens: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "screens", abstract: "Time the frames of the live screens, and the chart of a long series.",
    discussion: """
      Trains the built-in digits for some epochs, makes single updates, and times the frames after them, in processor \
      time of one thread. Nothing is sent to the terminal.
      """)

  @Option(help: "Number of timed frames of each kind, of which the median counts.")
  var rounds = 30

  @Option(help: "Columns of the screen.")
  var width = 200

  @Option(help: "Rows of the screen.")
  var height = 60

  @Option(help: "Number of points of the long series.")
  var points = 10_000_000

  @Flag(help: "Write one JSON object per line.")
  var json = false

  func validate() throws {
    for (name, value, range) in [
      ("--rounds", rounds, 1...10_000), ("--width", width, 1...1000), ("--height", height, 1...1000),
      ("--points", points, 10...100_000_000),
    ] where !range.contains(value) {
      throw ValidationError("expected \(name) from \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  private struct ScreenLine: Encodable {
    var bench = "screen"
    var screen: String
    var width, height: Int
    var firstMilliseconds, wholeMilliseconds: Double
    @JSONLines.Null var curvesMilliseconds: Double?
  }

  private struct SeriesLine: Encodable {
    var bench = "series"
    var points, width, height: Int
    var firstAppendNanoseconds, lastAppendNanoseconds, redrawMilliseconds, windowMilliseconds: Double
  }

  func run() throws {
    let screens = try ScreenBenchmark(width: width, height: height, rounds: rounds).run()
    if json {
      for result in screens {
        try StandardStream.output.print(
          JSONLines.text(
            ScreenLine(
              screen: result.screen, width: width, height: height, firstMilliseconds: result.first * 1e3,
              wholeMilliseconds: result.whole * 1e3, curvesMilliseconds: result.curves.map { $0 * 1e3 })))
      }
    } else {
      var table = TextTable([.word("screen"), .number("first"), .number("whole"), .number("curves only")])
      table.rows = screens.map { result in
        [result.screen, Self.figure(result.first), Self.figure(result.whole), result.curves.map(Self.figure) ?? "–"]
      }
      try StandardStream.output.print(
        "Frames of \(width)×\(height) with two lanes, in milliseconds of one thread:\n\n\(table.text)")
    }
    let result = SeriesBenchmark(points: points, width: width, height: height, rounds: rounds).run()
    if json {
      return try StandardStream.output.print(
        JSONLines.text(
          SeriesLine(
            points: points, width: width, height: height, firstAppendNanoseconds: result.firstAppend * 1e9,
            lastAppendNanoseconds: result.lastAppend * 1e9, redrawMilliseconds: result.redraw * 1e3,
            windowMilliseconds: result.window * 1e3)))
    }
    try StandardStream.output.print(
      """

      A series of \(points) points: appending takes \(Self.nanoseconds(result.firstAppend)) ns a point at first and \
      \(Self.nanoseconds(result.lastAppend)) ns at the end. A chart of the whole screen takes \
      \(Self.figure(result.redraw)) ms to draw with all points, \(Self.figure(result.window)) ms with the newest hundredth.
      """)
  }

  private static func figure(_ seconds: Double) -> String { String(format: "%.2f", seconds * 1e3) }
  private static func nanoseconds(_ seconds: Double) -> String { String(format: "%.0f", seconds * 1e9) }
}
