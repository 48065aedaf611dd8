import Datasets
import Testing

@Suite("Progress of a download")
struct DownloadProgressTests {
  private func progress(_ received: Int, of total: Int?, rate: Double? = nil) -> DownloadProgress {
    DownloadProgress(name: "file.gz", received: received, total: total, bytesPerSecond: rate)
  }

  @Test("figures")
  func figures() {
    #expect(progress(4_460_000, of: 9_912_422, rate: 2_300_000).figures == "44 %  4.5 of 9.9 MB  2.3 MB/s  0:03 left")
    #expect(progress(999, of: 1000, rate: 0).figures == "99 %  1.0 of 1.0 kB  0 B/s")
    #expect(progress(0, of: 170_052_171, rate: 45_000).figures == "0 %  0.0 of 170.1 MB  45.0 kB/s  1:02:59 left")
    #expect(progress(5_120, of: 5_120).figures == "100 %  5.1 of 5.1 kB")
    #expect(progress(123, of: nil, rate: 1_500_000_000).figures == "123 B  1.5 GB/s")
    #expect(progress(0, of: 0).figures == "100 %  0 of 0 B")
    #expect(progress(0, of: 170_052_171, rate: 1).figures.hasSuffix("1968 d 4 h left"))
  }

  @Test("a line is never wider than the terminal", arguments: [1, 2, 10, 20, 35, 44, 60, 80, 200])
  func line(columns: Int) {
    let progress = progress(4_460_000, of: 9_912_422, rate: 2_300_000)
    let line = progress.line(columns: columns) { _, columns in String(repeating: "#", count: columns) }
    #expect(line.count < columns)
    #expect(line.contains("#") == (columns >= 60))
    #expect(line.contains("file.gz") == (columns >= 60))
  }

  @Test("the bar gets the share")
  func bar() {
    #expect(progress(1, of: 4).line(columns: 80) { share, _ in "<\(share)>" } == "file.gz  <0.25>  25 %  1 of 4 B")
    #expect(progress(1, of: nil).line(columns: 80) { share, _ in "<\(share)>" } == "file.gz  1 B")
  }

  @Test("the rate is that of the last five seconds")
  func rate() {
    var rate = TransferRate()
    rate.record(bytes: 0, at: 100)
    #expect(rate.bytesPerSecond == nil)
    rate.record(bytes: 1000, at: 101)
    #expect(rate.bytesPerSecond == 1000)
    for second in 2...10 { rate.record(bytes: 1000, at: 100 + Double(second)) }
    #expect(rate.bytesPerSecond == 0)
    // Restarted.
    rate.record(bytes: 10, at: 111)
    rate.record(bytes: 30, at: 113)
    #expect(rate.bytesPerSecond == 10)
  }
}
