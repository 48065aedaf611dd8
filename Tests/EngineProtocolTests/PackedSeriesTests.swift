import EngineProtocol
import Foundation
import Testing
import TrainingMetrics

/// Long series as bytes, for the protocol and the run directory.
@Suite struct PackedSeriesTests {
  private var series: MetricSeries {
    var series = MetricSeries((1...40_000).map { MetricPoint(step: $0 * 7, value: Float($0 % 331) / 7) })
    series.append(MetricPoint(step: 1 << 45, value: .nan))
    series.append(MetricPoint(step: 1 << 46, value: .infinity))
    series.coarsen()
    return series
  }

  @Test func itComesBackAsItWas() throws {
    let series = series
    let data = try #require(PackedSeries.data(of: series))
    #expect(data.count == 4 + 32 * series.bucketCount + 12 * (series.count - series.bucketCount))
    let read = try #require(PackedSeries.series(data))
    // Compares bits, as NaN is not equal to itself.
    #expect(read.points.map(\.step) == series.points.map(\.step))
    #expect(read.points.map(\.value.bitPattern) == series.points.map(\.value.bitPattern))
    #expect(read.summary == series.summary && read.pointCount == 40_002 && read.bucketCount == series.bucketCount)
    #expect(PackedSeries.data(of: read) == data)
    #expect(try PackedSeries.series(#require(PackedSeries.data(of: MetricSeries()))) == MetricSeries())
  }

  @Test func aStepBelowZeroHasNoForm() {
    #expect(PackedSeries.data(of: MetricSeries([MetricPoint(step: -1, value: 0)])) == nil)
  }

  @Test func whatIsNoneIsRefused() throws {
    let data = try #require(PackedSeries.data(of: series))
    var backwards = Data([0, 0, 0, 0])
    for step in [UInt8(9), 8] { backwards += Data([step, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }
    for bad in [
      Data(), Data([1]), data.dropLast(), data.dropLast(4), data + Data([0, 0, 0, 0]), Data([255, 255, 255, 255]),
      Data([0xFF, 0xFF, 0, 0]) + data.dropFirst(4), backwards,
    ] {
      #expect(PackedSeries.series(Data(bad)) == nil)
    }
  }

  @Test func aSketchThatIsNoneIsNoEvent() {
    let head = #"{"branch":1,"event":"sketch","lane":"a","metric":"trainLoss","#
    for rest in [
      #""packed":"AAAA"}"#, #""packed":"?"}"#, #""steps":[1],"values":[1]}"#,
      #""buckets":{"counts":[1],"maximums":[1],"minimums":[1],"nonFinite":[0],"steps":[1,2],"sums":[1]},"steps":[],"values":[]}"#,
      #""buckets":{"counts":[],"maximums":[],"minimums":[],"nonFinite":[],"steps":[],"sums":[]},"steps":[2,1],"values":[1,1]}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try EngineJSON.decoder().decode(EngineEvent.self, from: Data((head + rest).utf8))
      }
    }
  }
}
