import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

/// The bytes of event files. Tests/EndToEnd/check_tensorboard.py reads the files with TensorBoard.
@Suite struct TensorBoardTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains("tfevents") }.sorted()
  }

  // The payloads of a file of complete records; nil if one is truncated.
  private func records(_ path: String) throws -> [[UInt8]]? {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var result: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      guard place + 12 <= bytes.count else { return nil }
      let length = (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
      guard place + 16 + length <= bytes.count else { return nil }
      result.append(Array(bytes[(place + 12)..<(place + 12 + length)]))
      place += 16 + length
    }
    return result
  }

  private func contains(_ records: [[UInt8]], _ text: String) -> Bool {
    records.contains { String(decoding: $0, as: UTF8.self).contains(text) }
  }

  @Test func aBranchHasAFolder() throws {
    try withFolder { folder in
      let writer = TensorBoardWriter(directory: folder)
      try writer.write(TensorBoardSample.first, time: 1000)
      try writer.write(TensorBoardSample.second, time: 2000)
      try writer.close()
      let names = try files(folder).map { String($0.split(separator: "/")[0]) }
      #expect(names == ["baseline", "binary", "binary~2"])
      let first = try #require(try files(folder).first)
      #expect(first.contains("/events.out.tfevents.1000."))
      // The first record: 24 bytes, and the masked checksum of that number.
      let head = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(first)")).prefix(12))
      #expect(head == [0x18, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22])
    }
  }

  @Test func aScalarIsOneEventOfFixedFields() throws {
    try withFolder { folder in
      let writer = TensorBoardWriter(directory: folder)
      try writer.write(TensorBoardSample.first, time: 1000)
      try writer.write(TensorBoardSample.second, time: 2000)
      try writer.flush()
      let file = try #require(try files(folder).first { $0.hasPrefix("binary/") })
      let records = try #require(try records("\(folder)/\(file)"))
      // wall_time 1001.25, step 1, summary.value {tag trainLoss, simple_value 2.3}
      let wanted: [UInt8] =
        [0x09, 0, 0, 0, 0, 0, 0x4A, 0x8F, 0x40, 0x10, 1, 0x2A, 18, 0x0A, 16, 0x0A, 9] + Array("trainLoss".utf8)
        + [0x15, 0x33, 0x33, 0x13, 0x40]
      #expect(records.contains(wanted))
      #expect(contains(records, "flipRate/hidden1"))
      #expect(contains(records, "**learning rate 0.1 → 0.03** at step 2, by steering script"))
      #expect(contains(records, "_hparams_/session_start_info"))
    }
  }

  @Test func aPointHasTheTimeOfItsStepAlsoInALaterBatch() throws {
    try withFolder { folder in
      let writer = TensorBoardWriter(directory: folder)
      let place = BranchKey(lane: "a", branch: 1)
      func point(_ metric: Metric, _ step: Int) -> EngineEvent {
        .points(lane: "a", branch: 1, MetricKey(metric), [MetricPoint(step: step, value: 0.5)])
      }
      // The times may also arrive before the points.
      let times = [StepTime(step: 1, time: 1001.25), StepTime(step: 2, time: 1002)]
      try writer.write(RunBatch(events: [point(.trainLoss, 1)], times: [place: times]), time: 1500)
      try writer.write(RunBatch(events: [point(.validationLoss, 1), point(.trainLoss, 2)]), time: 2000)
      try writer.flush()
      let file = try #require(try files(folder).first)
      let records = try #require(try records("\(folder)/\(file)"))
      for (tag, time, step) in [("validationLoss", 1001.25, 1), ("trainLoss", 1002.0, 2)] {
        let bits = time.bitPattern
        let head: [UInt8] = [0x09] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) } + [0x10, UInt8(step)]
        #expect(records.contains { $0.starts(with: head) && contains([$0], tag) })
      }
    }
  }

  // A killed run may contain times of steps without points.
  @Test func timesAheadOfTheHistorysPointsAreKept() throws {
    try withFolder { folder in
      var history = TensorBoardSample.history
      let place = BranchKey(lane: "binary", branch: 2)
      let newest =
        history.series.filter { $0.key.lane == "binary" && $0.key.branch == 2 }
        .compactMap { $0.value.last?.step }.max() ?? 0
      // Of such late steps, only these are written.
      let steps = (1...3).map { newest + 100_000_000 * $0 }
      history.times[place, default: []] += (1...3).map { StepTime(step: steps[$0 - 1], time: 5000 + Double($0)) }
      let writer = TensorBoardWriter(directory: folder, after: history)
      let points = steps.map { MetricPoint(step: $0, value: 0.5) }
      let event = EngineEvent.points(lane: "binary", branch: 2, MetricKey(.trainLoss), points)
      try writer.write(RunBatch(events: [event]), time: 9000)
      try writer.close()
      let file = try #require(try files(folder).first { $0.hasPrefix("binary~2/") })
      let records = try #require(try records("\(folder)/\(file)"))
      for step in 1...3 {
        let bits = (5000 + Double(step)).bitPattern
        let head: [UInt8] = [0x09] + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
        #expect(records.contains { $0.starts(with: head) })
      }
    }
  }

  // Event.wall_time, Event.step, Event.session_log {status: START}.
  private func restart(_ records: [[UInt8]]) -> [Int] {
    records.filter { $0.suffix(4) == [0x3A, 2, 0x08, 1] && $0.count < 24 }.map { record in
      record[10...].dropLast(4).reversed().reduce(0) { $0 << 7 | Int($1 & 0x7F) }
    }
  }

  @Test func whatIsToldOnceMoreStandsBehindWhatWasThere() throws {
    try withFolder { folder in
      // With a clock that was set back in the meantime.
      let before = TensorBoardWriter(directory: folder)
      try before.write(TensorBoardSample.first, time: 9_000_000_000)
      try before.close()
      let old = try files(folder)
      let contents = try old.map { try Data(contentsOf: URL(filePath: "\(folder)/\($0)")) }

      let next = try TensorBoardWriter.retell(TensorBoardSample.history, directory: folder)
      let point = EngineEvent.points(
        lane: "binary", branch: 2, MetricKey(.trainLoss), [MetricPoint(step: 4, value: 1)])
      try next.write(RunBatch(events: [point], snapshots: TensorBoardSample.second.snapshots), time: 1000)
      try next.close()
      // No file is deleted or changed, since a reader has it open.
      #expect(try old.map { try Data(contentsOf: URL(filePath: "\(folder)/\($0)")) } == contents)
      for lane in ["baseline", "binary"] {
        let both = try files(folder).filter { $0.hasPrefix(lane + "/") }
        #expect(both.count == 2 && old.contains(both[0]) && !old.contains(both[1]))
        let records = try #require(try records("\(folder)/\(both[1])"))
        #expect(restart(records) == [0] && contains(records, "_hparams_/session_start_info"))
      }
      // A branch without events needs no restart.
      let branch = try files(folder).filter { $0.hasPrefix("binary~2/") }
      #expect(branch.count == 1)
      #expect(restart(try #require(try records("\(folder)/\(branch[0])"))).isEmpty)
    }
  }

  @Test func aResumeTellsFromWhichStepOnTheFilesHoldNoLonger() throws {
    try withFolder { folder in
      let history = TensorBoardSample.history
      try TensorBoardWriter.retell(history, directory: folder).close()
      let old = try files(folder)
      let file = try #require(old.first { $0.hasPrefix("binary~2/") })
      let whole = try Data(contentsOf: URL(filePath: "\(folder)/\(file)"))
      // Half a record, as after a crash.
      try (whole + whole.prefix(30)).write(to: URL(filePath: "\(folder)/\(file)"))

      let next = TensorBoardWriter(directory: folder, after: history)
      #expect(next.isThere)
      let place = BranchKey(lane: "binary", branch: 2)
      // The points from the last step on; those of later steps are in the next batch.
      let last =
        history.series.filter { $0.key.lane == "binary" && $0.key.branch == 2 }
        .compactMap { $0.value.last?.step }.max() ?? 0
      try next.cut([place: last], history, time: 1) { _, step in
        [MetricPoint(step: step, value: 0.5), MetricPoint(step: step + 1, value: 0.25)]
      }
      try next.close()
      #expect(try Data(contentsOf: URL(filePath: "\(folder)/\(file)")) == whole)
      let new = try files(folder).filter { !old.contains($0) }
      #expect(new.count == 1 && new[0] > file)
      let records = try #require(try records("\(folder)/\(new[0])"))
      #expect(restart(records) == [last])
      #expect(contains(records, "trainLoss") && !contains(records, "_hparams_"))
      try FileManager.default.removeItem(atPath: "\(folder)/binary")
      #expect(!TensorBoardWriter(directory: folder, after: history).isThere)
    }
  }

  @Test func aFolderThatCantBeMadeIsSaid() throws {
    try withFolder { folder in
      try Data().write(to: URL(filePath: folder))
      let error = #expect(throws: StoreError.self) {
        try TensorBoardWriter(directory: folder).write(TensorBoardSample.first, time: 1)
      }
      #expect(error?.code == .notWritable)
      #expect(error?.message.contains(folder) == true)
    }
  }

  @Test(arguments: [("a", 1, "a"), ("a", 3, "a~3"), ("../x", 1, "_._x"), ("a~2", 1, "a_2"), ("", 2, "_~2")])
  func aFolderIsNamedForItsBranch(lane: String, branch: Int, name: String) {
    #expect(TensorBoardWriter.folder(of: BranchKey(lane: lane, branch: branch)) == name)
  }

  @Test func longSeriesAreThinned() throws {
    try withFolder { folder in
      let writer = TensorBoardWriter(directory: folder)
      try writer.write(TensorBoardSample.first, time: 1000)
      func write(_ metric: Metric, _ steps: [Int]) throws {
        let points = steps.map { MetricPoint(step: $0, value: 1) }
        try writer.write(
          RunBatch(events: [.points(lane: "binary", branch: 1, MetricKey(metric), points)]), time: 1000)
      }
      func count(_ metric: Metric) throws -> Int {
        try writer.flush()
        let file = try #require(try files(folder).first { $0.hasPrefix("binary/") })
        let all = try #require(try records("\(folder)/\(file)"))
        return all.count { contains([$0], metric.rawValue) && !contains([$0], "_hparams_") }
      }
      let before = (try count(.gradientNorm), try count(.validationLoss))
      // All of the first 10,000 steps, a tenth of the next 90,000, then a hundredth.
      try write(.gradientNorm, Array(1...120_000))
      #expect(try count(.gradientNorm) - before.0 == 10_000 + 9000 + 200)
      // Values measured once per epoch are all written, regardless of the ends of epochs.
      try write(.validationLoss, [99_999, 1_234_567])
      #expect(try count(.validationLoss) - before.1 == 2)
      try writer.close()
    }
  }
}
