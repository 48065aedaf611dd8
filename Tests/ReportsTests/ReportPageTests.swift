import EngineProtocol
import Foundation
import FoundationXML
import Reports
import RunStore
import Testing
import TrainingMetrics

@Suite struct ReportPageTests {
  private let page = ReportPage(ReportSample.history()).html()

  private func parses(_ page: String) -> Bool {
    XMLParser(data: Data(page.replacing("<!DOCTYPE html>", with: "").utf8)).parse()
  }

  private func count(_ part: String, in page: String) -> Int { page.components(separatedBy: part).count - 1 }

  // A page of one series, of a lane called “a”.
  private func page(_ points: [MetricPoint], events: [EngineEvent] = [], name: String = "x") -> String {
    var description = ReportSample.history(steps: 20).description
    description.name = name
    description.lanes = [ReportSample.lanes[0]]
    description.lanes[0].name = "a"
    return ReportPage(
      RunHistory(
        description: description, events: events.map { RecordedEvent(time: 0, $0) },
        series: [SeriesKey(lane: "a", branch: 1, MetricKey(.trainLoss)): points])
    ).html()
  }

  @Test func thePageIsWellFormedAndWhole() {
    #expect(parses(page))
    for title in ["Lanes", "Curves", "Journal", "Checkpoints", "Health", "Environment"] {
      #expect(page.contains("<h2>\(title)</h2>"))
    }
    #expect(count("class=\"chart\"", in: page) == 6)
    #expect(count("class=\"bars\"", in: page) == 4)
    #expect(!page.contains("<script") && !page.contains("src=") && !page.contains("href=") && !page.contains("url("))
  }

  @Test func whatFilesSayIsEscaped() {
    #expect(page.contains("float32 &lt;&amp;&gt; &quot;plain&quot;"))
    #expect(page.contains("client &lt;2&gt;") && page.contains("&lt;AMD &amp; co&gt;"))
    let hostile = page([], name: "</title><script>alert('1')</script>\u{1}")
    #expect(!hostile.contains("<script"))
    #expect(hostile.contains("&lt;script&gt;alert(&#39;1&#39;)"))
    #expect(parses(hostile))
  }

  @Test(arguments: [
    "269\u{202F}322", "1.1\u{202F}MB", "42.1\u{202F}kB", "90.34\u{202F}% @ 8", "88.34\u{202F}% @ 9", "89.12\u{202F}%",
    "87.12\u{202F}%", "4\u{202F}000", "1 h 2 min", "12\u{202F}345", "3.2\u{202F}MB", "87.65\u{202F}%", "finished",
    "learning rate 3e-3 → 1e-3", "runs/x: the disk is full", "2026-11-23 20:56:40",
  ])
  func theTablesTellTheHistorysNumbers(cell: String) {
    #expect(page.contains(">\(cell)<"))
  }

  @Test func aDeletedCheckpointIsNotListed() {
    #expect(page.contains("<td>best</td>"))
    #expect(!page.contains("<td>start</td>"))
  }

  @Test func digestsAreTold() {
    #expect(page.contains("<code>\(String(repeating: "c2d3", count: 16))</code>"))
  }

  @Test func rewoundCoursesAreGhosts() {
    // Each metric of the rewound lane has one.
    #expect(count(" ghost\" d=", in: page) == 6)
    #expect(!page([MetricPoint(step: 1, value: 1), MetricPoint(step: 2, value: 2)]).contains(" ghost\""))
  }

  @Test func aChangeIsMarkedOnEveryChart() {
    #expect(count(">learning rate 1e-3</text>", in: page) == 6)
    #expect(count("<title>step 1000: learning rate 1e-3</title>", in: page) == 6)
    #expect(count(">momentum 0.95</text>", in: page) == 6)
  }

  @Test func aChangeThatWasRewoundIsNotMarked() {
    var history = ReportSample.history()
    let change = JournalEntry.Change.set(.dropout, old: .number(0), new: .number(0.5))
    history.events.insert(
      RecordedEvent(
        time: 0, .applied(CommandID(1), JournalEntry(lane: "binaryconnect", step: 2500, change: change, seconds: 1))),
      at: 1)
    let page = ReportPage(history).html()
    #expect(!page.contains(">hidden dropout 0.5</text>") && !page.contains(">dropout 0.5</text>"))
    #expect(page.contains("dropout 0 → 0.5"))
  }

  @Test func aSeriesWithoutValuesSaysSo() {
    #expect(page([MetricPoint(step: 1, value: .nan)]).contains(">no values</text>"))
    #expect(!page([]).contains("class=\"chart\""))
  }

  @Test func onePointIsADot() {
    let page = page([MetricPoint(step: 5, value: 0.5)])
    #expect(page.contains("<circle") && parses(page))
  }

  @Test func aGapIsLeftWhereValuesAreNotFinite() {
    let values: [Float] = [1, 2, .nan, 3, .infinity, 4, 5]
    let page = page(values.enumerated().map { MetricPoint(step: $0, value: $1) })
    // Two lines and a lone point.
    let path = page.firstMatch(of: /class="s c0" d="(M[^"]*M[^"]*)"/)
    #expect(path.map { count("M", in: String($0.1)) } == 2)
    #expect(count("<circle", in: page) == 1)
    #expect(!page.contains("nan") && !page.contains("inf"))
  }

  @Test func aWideRangeIsReadInDecades() {
    let wide = page((1...6).map { MetricPoint(step: $0, value: Float(pow(10, -Double($0)))) })
    #expect(wide.contains(">0.01</text>") && wide.contains(">1e-5</text>"))
    let narrow = page((1...6).map { MetricPoint(step: $0, value: Float($0)) })
    #expect((1...6).allSatisfy { narrow.contains(">\($0)</text>") })
    let equal = page((1...6).map { MetricPoint(step: $0, value: 2) })
    #expect(equal.contains(">2</text>") || equal.contains(">2.0</text>"))
  }

  @Test(arguments: [20, 900])
  func noRangeFollowsTheUntrainedNetwork(count: Int) throws {
    var history = ReportSample.history(steps: 100)
    history.series = [
      SeriesKey(lane: "baseline", branch: 1, MetricKey(.validationLoss)): [MetricPoint(step: 0, value: 4675)]
        + (1...count).map { MetricPoint(step: $0, value: 0.5 + 0.2 / Float($0)) }
    ]
    let page = ReportPage(history).html()
    #expect(parses(page))
    #expect(page.contains(">▲ untrained: 4675</text>"))
    let ticks = page.matches(of: /class="a" x="48"[^>]*>([0-9.]+)</).compactMap { Double($0.1) }
    #expect(try #require(ticks.max()) < 1, "\(ticks)")
    // The line starts at the chart's upper edge, not above it.
    let places = page.matches(of: /[M ][0-9.]+,(-?[0-9.]+)/).compactMap { Double($0.1) }
    #expect(try #require(places.min()) >= 0)
  }

  @Test func lanesThatWereStoppedOrFailedHaveNotFinished() {
    func state(_ results: [(stopped: Bool, failure: String?)]) -> String? {
      var history = ReportSample.history(steps: 20)
      history.events = [RecordedEvent(time: 0, .started(history.description))]
      for (lane, result) in zip(ReportSample.lanes, results) {
        history.events.append(
          RecordedEvent(
            time: 1,
            .laneEnded(
              LaneResult(
                lane: lane.name, failure: result.failure, wasStopped: result.stopped, testAccuracy: 0.5,
                bestValidationAccuracy: 0.5, bestEpoch: 1, weightsSHA256: nil, parameters: 1, seconds: 1, steps: 20))))
      }
      history.events.append(RecordedEvent(time: 2, .finished))
      return ReportPage(history).html().firstMatch(of: /state <b>([^<]*)</).map { String($0.1) }
    }
    #expect(state([(false, nil), (false, nil)]) == "finished")
    #expect(state([(true, nil), (true, nil)]) == "stopped")
    #expect(state([(true, nil), (false, nil)]) == "1 lane finished, 1 lane stopped")
    #expect(state([(false, "the loss is NaN at step 3"), (false, nil)]) == "1 lane finished, 1 lane failed")
  }

  @Test func largeFiguresHaveAnExponent() {
    let page = page((1...9).map { MetricPoint(step: $0, value: Float($0) * 1e20) })
    #expect(page.contains(">4e20</text>") && !page.contains("e+"))
    #expect(self.page((1...9).map { MetricPoint(step: $0, value: Float($0) * 1e9) }).contains(">4G</text>"))
  }

  @Test func aMillionPointsMakeASmallPage() {
    var history = ReportSample.history(steps: 100)
    for metric in [Metric.trainLoss, .learningRate, .flipRate, .validationLoss] {
      history.series[SeriesKey(lane: "baseline", branch: 1, MetricKey(metric))] =
        (1...250_000).map { MetricPoint(step: $0, value: $0 == 123_456 ? 99 : Float($0 % 100)) }
    }
    let page = ReportPage(history).html()
    #expect(page.utf8.count < 300_000)
    #expect(page.utf8.count > 20_000)
  }
}
