import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

/// What of the event files can be told without their reader; Tests/EndToEnd/check_tensorboard.py asks TensorBoard.
@Suite struct TensorBoardTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "signflip-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains("tfevents") }.sorted()
  }

  // The payloads of a file of whole records; nil where one is cut short.
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
      // As every writer begins: 24 bytes, and the masked checksum of that number.
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
      // The times may also be ahead of the points.
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

  // A run that was killed may have left times of steps whose points were not written yet.
  @Test func timesAheadOfTheHistorysPointsAreKept() throws {
    try withFolder { folder in
      var history = TensorBoardSample.history
      let place = BranchKey(lane: "binary", branch: 2)
      let newest =
        history.series.filter { $0.key.lane == "binary" && $0.key.branch == 2 }
        .compactMap { $0.value.last?.step }.max() ?? 0
      history.times[place, default: []] += (1...3).map { StepTime(step: newest + $0, time: 5000 + Double($0)) }
      let writer = TensorBoardWriter(directory: folder, after: history)
      let points = (1...3).map { MetricPoint(step: newest + $0, value: 0.5) }
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

  @Test func aRewriteTakesThePlaceOfWhatWasThere() throws {
    try withFolder { folder in
      let stale = TensorBoardWriter(directory: folder)
      try stale.write(RunBatch(events: [.started(TensorBoardSample.description)]), time: 1)
      try stale.write(
        RunBatch(events: [.points(lane: "gone", branch: 1, MetricKey(.trainLoss), TensorBoardSample.points)]), time: 1)
      try stale.close()
      #expect(try files(folder).map { $0.prefix(5) } == ["gone/"])
      try TensorBoardWriter.rewrite(TensorBoardSample.history, directory: folder)
      #expect(
        try files(folder).map { String($0.split(separator: "/")[0]) } == ["baseline", "binary", "binary~2"])
      #expect(!FileManager.default.fileExists(atPath: folder + ".new"))
      #expect(!FileManager.default.fileExists(atPath: folder + ".old"))

      let next = TensorBoardWriter(directory: folder, after: TensorBoardSample.history)
      let point = EngineEvent.points(
        lane: "binary", branch: 2, MetricKey(.trainLoss), [MetricPoint(step: 4, value: 1)])
      try next.write(RunBatch(events: [point], snapshots: TensorBoardSample.second.snapshots), time: 1000)
      try next.close()
      let branch = try files(folder).filter { $0.hasPrefix("binary~2/") }
      #expect(branch.count == 2)
      // The session is told once: the second file holds the version and the point.
      #expect(try records("\(folder)/\(branch[1])")?.count == 2)
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
}
