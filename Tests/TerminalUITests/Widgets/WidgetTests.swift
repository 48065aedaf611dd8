import TerminalUI
import Testing
import TrainingMetrics

@Suite("Widgets")
struct WidgetTests {
  let theme = Theme.standard

  @Test("A sparkline shows the newest values, and the least of them too")
  func sparkline() {
    func line(_ values: [Double], _ width: Int, lowest: Double? = nil, _ glyphs: GlyphSet = .braille) -> String {
      drawn(width, 1) {
        Sparkline(values: values, color: .ansi(2), lowest: lowest)
          .render(into: &$0, area: $0.bounds, theme: theme, glyphs: glyphs)
      }
    }
    #expect(line([0, 1, 2, 3, 4, 5, 6, 7, 8], 9) == "▁▁▂▃▄▅▆▇█")
    #expect(line([9, 9, 0, 8], 2) == "▁█")
    #expect(line([1, .nan, 1], 3, lowest: 0) == "█ █")
    #expect(line([], 3) == "")
    #expect(line([0, 8], 2, .ascii) == ".@")
    let tall = drawn(2, 2) {
      Sparkline(values: [4, 8], color: .ansi(2), lowest: 0)
        .render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(tall == " █\n██")
  }

  @Test("A sparkline of a long series keeps its spike")
  func sparklineSpike() {
    var values = [Float](repeating: 1, count: 1000)
    values[777] = 100
    let text = drawn(20, 1) {
      Sparkline(series: series(values), columns: 20, color: .ansi(2))
        .render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(text == String(repeating: "▁", count: 15) + "█" + "▁▁▁▁")
  }

  @Test("Bars are an eighth of a cell fine, and figures stand at the right")
  func bars() {
    let text = drawn(30, 3) {
      BarChart([.init("0", 71), .init("1", 18), .init("2+", 11)], color: .ansi(2))
        .render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(
      text == """
        0  ██████████████████████ 71 %
        1  █████▋                 18 %
        2+ ███▍                   11 %
        """)
    let narrow = drawn(7, 1) {
      BarChart([.init("0", 1)], color: .ansi(2)).render(into: &$0, area: $0.bounds, theme: theme, glyphs: .ascii)
    }
    #expect(narrow == "0 #####", "where there is no room the figure goes")
  }

  @Test("Histograms stretch and gather bins, and mark their zero")
  func histogram() {
    let wide = drawn(16, 3) {
      HistogramChart(Histogram(lowerBound: -1, upperBound: 1, counts: [1, 4, 0, 8]), color: .ansi(2))
        .render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(
      wide == """
                    ████
        ▂▂▂▂████    ████
        -1      0      1
        """)
    let gathered = drawn(4, 1) {
      HistogramChart(Histogram(lowerBound: 0, upperBound: 1, counts: [1, 1, 2, 2, 3, 3, 4, 4]), color: .ansi(2))
        .render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(gathered == "▂▄▆█")
  }

  @Test(
    "Only what is done looks done",
    arguments: [
      (0.0, "──────────"), (0.5, "━━━━━─────"), (0.45, "━━━━╸─────"), (0.999, "━━━━━━━━━╸"), (1.0, "━━━━━━━━━━"),
      (.nan, "──────────"),
    ])
  func progress(share: Double, expected: String) {
    let text = drawn(10, 1) {
      ProgressBar(share, color: .ansi(2)).render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(text == expected)
  }

  @Test("A text field is edited as in a shell")
  func textField() {
    var field = TextField("lr 1e-3")
    field.handle(.backspace)
    field.handle(.character("4"))
    #expect(field.text == "lr 1e-4")
    field.handle(.control("w"))
    #expect(field.text == "lr ")
    field.handle(.home)
    field.handle(.character("日"))
    field.handle(.right)
    field.handle(.delete)
    #expect(field.text == "日l ")
    field.handle(.end)
    field.handle(.left)
    field.handle(.control("k"))
    #expect(field.text == "日l")
    field.handle(.control("u"))
    #expect(field.isEmpty)
    field.insert("a\nb")
    #expect(field.text == "a b")
    let means = (field.handle(.up), field.handle(.enter), field.handle(.left))
    #expect(means == (false, false, true))
    field.moveToEnd()
    #expect(field.cursor == 3)
  }

  @Test("A long text scrolls so that the cursor shows")
  func textFieldScrolling() {
    var field = TextField("0123456789")
    var frame = Frame(width: 6, height: 1)
    field.render(into: &frame, area: frame.bounds, theme: theme, glyphs: .braille)
    #expect(FrameText.plain(frame) == "…6789")
    #expect(frame.cursor == Frame.Point(x: 5, y: 0))
    field.moveToStart()
    frame = Frame(width: 6, height: 1)
    field.render(into: &frame, area: frame.bounds, theme: theme, glyphs: .braille)
    #expect(FrameText.plain(frame) == "012345")
    #expect(frame.cursor == Frame.Point(x: 0, y: 0))
    let empty = drawn(8, 1) {
      TextField(placeholder: "filter").render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille)
    }
    #expect(empty == "filter")
  }

  @Test("A list scrolls only as far as it must")
  func list() {
    let style = Style()
    var list = ListView(rows: (0..<10).map { [StyledText("row \($0)", style)] }, selection: 4)
    func text() -> String {
      drawn(8, 3) { list.render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille) }
    }
    #expect(list.offset(height: 3) == 2)
    #expect(text() == "row 2  ┃\nrow 3  │\nrow 4  │" || text() == "row 2  │\nrow 3  ┃\nrow 4  │", "\(text())")
    list.offset = 3
    list.moveSelection(by: -1)
    #expect(list.offset(height: 3) == 3)
    list.moveSelection(by: 100)
    #expect(list.selection == 9)
    #expect(list.offset(height: 3) == 7)
    #expect(list.row(atX: 0, y: 1, in: Rect(x: 0, y: 0, width: 8, height: 3)) == 8)
    #expect(list.row(atX: 9, y: 1, in: Rect(x: 0, y: 0, width: 8, height: 3)) == nil)
    list.rows = []
    list.moveSelection(by: 1)
    #expect(list.selection == nil)
    #expect(ListView.offset(5, selection: nil, height: 3, count: 2) == 0)
  }

  @Test("A narrow table leaves out the least important columns")
  func table() {
    let style = Style()
    func row(_ cells: String...) -> [[StyledText]] { cells.map { [StyledText($0, style)] } }
    let table = Table(
      columns: [
        TableColumn("run", priority: 9, isFlexible: true), TableColumn("epochs", alignment: .trailing, priority: 1),
        TableColumn("best", alignment: .trailing, priority: 5),
      ],
      rows: [row("mnist-bnn", "50", "97.92 %"), row("tiny", "3", "91.00 %")])
    func text(_ width: Int) -> String {
      drawn(width, 3) { table.render(into: &$0, area: $0.bounds, theme: theme, glyphs: .braille) }
    }
    #expect(
      text(30) == """
        run            epochs     best
        mnist-bnn          50  97.92 %
        tiny                3  91.00 %
        """)
    #expect(
      text(20) == """
        run             best
        mnist-bnn    97.92 %
        tiny         91.00 %
        """)
    #expect(text(6) == "run\nmnist…\ntiny")
  }

  @Test("Lengths are divided without remainder")
  func layout() {
    #expect(LayoutSize.lengths([.fixed(1), .weighted(1), .fixed(1)], total: 10) == [1, 8, 1])
    #expect(LayoutSize.lengths([.weighted(1), .weighted(1), .weighted(1)], total: 10) == [3, 4, 3])
    #expect(LayoutSize.lengths([.weighted(2), .weighted(1)], total: 10, spacing: 1) == [6, 3])
    #expect(LayoutSize.lengths([.minimum(8), .weighted(1)], total: 10) == [8, 2])
    #expect(LayoutSize.lengths([.minimum(2), .weighted(1)], total: 10) == [5, 5])
    #expect(LayoutSize.lengths([.fixed(8), .fixed(8), .weighted(1)], total: 10) == [8, 2, 0])
    #expect(LayoutSize.lengths([.fixed(3)], total: 0) == [0])
    let rect = Rect(x: 5, y: 2, width: 10, height: 4)
    #expect(rect.columns([.fixed(4), .weighted(1)], spacing: 1).map(\.x) == [5, 10])
    #expect(rect.rows([.fixed(1), .weighted(1)])[1] == Rect(x: 5, y: 3, width: 10, height: 3))
    let grid = rect.grid(count: 3, columns: 2)
    #expect(grid.map(\.width) == [5, 5, 10])
    #expect(rect.centered(width: 4, height: 2) == Rect(x: 8, y: 3, width: 4, height: 2))
  }

  @Test("A picture takes half a cell a pixel, or shades without exact colours")
  func picture() {
    let picture = Picture(width: 2, height: 2, channels: 1, pixels: [255, 0, 0, 255])
    var frame = Frame(width: 6, height: 3)
    let layout = picture.render(
      into: &frame, area: Rect(x: 1, y: 0, width: 2, height: 1), theme: .standard, glyphs: .braille)
    #expect(layout.area == Rect(x: 1, y: 0, width: 2, height: 1))
    #expect(frame[1, 0].glyph == "▀" && frame[1, 0].style.foreground == .rgb(0xFFFFFF))
    #expect(frame[1, 0].style.background == .rgb(0) && frame[2, 0].style.background == .rgb(0xFFFFFF))
    // Twice as large where there is room.
    #expect(picture.layout(in: frame.bounds).area == Rect(x: 0, y: 0, width: 6, height: 3))
    #expect(picture.layout(in: Rect(x: 0, y: 0, width: 5, height: 3)).area.width == 4)
    #expect(picture.layout(in: frame.bounds).point(x: 0, y: 0).map { abs($0.x + 1.0 / 3) < 1e-9 } == true)
    var plain = Frame(width: 2, height: 1)
    picture.render(into: &plain, area: plain.bounds, theme: .monochrome, glyphs: .braille)
    #expect(plain[0, 0].glyph == "▒" && plain[1, 0].glyph == "▒")
    picture.render(into: &plain, area: plain.bounds, theme: .standard, glyphs: .ascii)
    #expect(plain[0, 0].glyph == "=")
    // A small place shows means: of four pixels a half cell.
    let large = Picture(
      width: 4, height: 4, channels: 1, pixels: Array(repeating: 64, count: 8) + Array(repeating: 128, count: 8))
    let small = large.render(into: &plain, area: plain.bounds, theme: .standard, glyphs: .braille)
    #expect(small.area == plain.bounds && plain[0, 0].style.foreground == .rgb(0x404040))
    #expect(plain[1, 0].style.background == .rgb(0x808080))
    #expect(small.point(x: 2, y: 0) == nil && small.point(x: 0, y: 0)?.x == 0.5)
  }

  @Test("A picture of three channels has colours")
  func colouredPicture() {
    let picture = Picture(width: 1, height: 2, channels: 3, pixels: [255, 0, 0, 0, 0, 255])
    var frame = Frame(width: 1, height: 1)
    picture.render(into: &frame, area: frame.bounds, theme: .standard, glyphs: .braille)
    #expect(frame[0, 0].style.foreground == .rgb(0xFF0000) && frame[0, 0].style.background == .rgb(0x0000FF))
  }
}
