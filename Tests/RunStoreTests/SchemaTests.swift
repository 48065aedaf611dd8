import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

/// The database as seen with the `sqlite3` command.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
struct SchemaTests {
  private let folder: TemporaryFolder
  private let archive: RunArchive

  init() throws {
    folder = try TemporaryFolder()
    archive = try Sample.archive(in: folder)
    let points: [MetricPoint] = [MetricPoint(step: 1, value: .nan), MetricPoint(step: 2, value: 0.5)]
    try archive.write(
      RunBatch(
        events: [
          .started(Sample.run()), .points(lane: "bnn", branch: 1, Sample.flips, points), Sample.epoch(1, step: 10),
          Sample.layers(step: 10), Sample.setting(step: 12), .health(HealthReport(.warning, "nearly full", time: 7)),
          Sample.result("bnn"),
        ], times: Sample.times(1...1)),
      time: 42)
  }

  private func rows(_ query: String) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/sqlite3")
    process.arguments = ["-readonly", "-nullvalue", "NULL", archive.directory + "/run.sqlite", query]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  @Test(arguments: [
    ("metrics", "bnn|1|flipRate|dense1|1|1000.25|NULL\nbnn|1|flipRate|dense1|2|NULL|0.5"),
    ("epochs", "42.0|bnn|1|1|10|nan|0.25|0.5|NULL|0.01|0.001|100"),
    ("flips", "42.0|bnn|1|10|dense1|2048|0.001|70"),
    ("health", "7|warning|nearly full"),
    ("results", "42.0|bnn|0.875|0.9|2|20|75|0|NULL|abbnn"),
  ])
  func aViewTellsWhatTheLogHolds(view: String, expected: String) throws {
    #expect(try rows("SELECT * FROM \(view)") == expected)
  }

  @Test func theJournalTellsTheChange() throws {
    let row = try rows("SELECT time, lane, branch, step, seconds, origin, change, hyperparameter, new FROM journal")
    #expect(row.hasPrefix("42.0|bnn|1|12|1.5|dashboard|set|learningRate|"), "\(row)")
  }

  @Test func theDatabaseIsWholeAndOfThisFormat() throws {
    #expect(try rows("PRAGMA integrity_check") == "ok")
    #expect(try rows("PRAGMA user_version") == "1")
    #expect(try rows("PRAGMA journal_mode") == "wal")
  }
}
