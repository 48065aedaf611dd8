import EngineProtocol
import Foundation
import RunStore
import Testing
import TrainingMetrics

@Suite struct ExportTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aSeriesIsAFileWithTheReferencesColumns() throws {
    let target = folder.path + "/new/csv"
    let files = try RunExport(Sample.history()).csv(to: target)
    #expect(
      files.map { ($0 as NSString).lastPathComponent } == [
        "bnn-trainLoss.csv", "bnn-flipRate-dense1.csv", "bnn~2-trainLoss.csv", "fork-trainLoss.csv",
      ])
    #expect(try FileManager.default.contentsOfDirectory(atPath: target).count == 4)
    func text(_ file: Int) throws -> String { try String(contentsOfFile: files[file], encoding: .utf8) }
    // The value is a float, written as a double; a step without a time has the time of the previous one.
    #expect(
      try text(0) == "Wall time,Step,Value\n1000.25,1,0.10000000149011612\n1000.25,2,nan\n1000.75,3,2.0\n")
    #expect(try text(1) == "Wall time,Step,Value\n1000.25,2,inf\n")
    #expect(try text(2) == "Wall time,Step,Value\n1001.0,3,0.5\n")
    #expect(try text(3) == "Wall time,Step,Value\n1000.0,3,-0.25\n")
  }

  @Test func nothingIsOverwritten() throws {
    let mine = try folder.write([1, 2, 3], to: "fork-trainLoss.csv")
    let error = failure { _ = try RunExport(Sample.history()).csv(to: folder.path) }
    #expect(error?.code == .exists)
    #expect(error?.message.contains(mine) == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["fork-trainLoss.csv"])
    #expect(try Data(contentsOf: URL(filePath: mine)) == Data([1, 2, 3]))
    #expect(code { _ = try RunExport(Sample.history()).csv(to: mine + "/below") } == .notWritable)
  }

  @Test func theDocumentHoldsTheWholeRun() throws {
    let text = try RunExport(Sample.history()).json()
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    func list(_ key: String) -> [[String: Any]] { document[key] as? [[String: Any]] ?? [] }
    #expect((document["description"] as? [String: Any])?["dataset"] as? String == "digits")
    #expect(document["environment"] as? [String: String] == ["cores": "2"])
    #expect(list("lanes").map { $0["name"] as? String } == ["bnn", "fork"])
    let branches = list("lanes").first?["branches"] as? [[String: Int]]
    #expect(branches == [["number": 1], ["number": 2, "parent": 1, "step": 2]])
    #expect(list("series").count == 4)
    #expect(list("series")[0]["steps"] as? [Int] == [1, 2, 3])
    #expect(list("series")[0]["times"] as? [Double] == [1000.25, 1000.25, 1000.75])
    #expect((list("series")[0]["values"] as? [Any])?[1] as? String == "nan")
    #expect(list("series")[0]["parent"] == nil)
    #expect(list("series")[1]["layer"] as? String == "dense1")
    #expect(list("series")[2]["branch"] as? Int == 2)
    #expect(list("series")[2]["parent"] as? Int == 1)
    #expect(list("series")[2]["parentStep"] as? Int == 2)
    #expect(list("epochs").map { $0["step"] as? Int } == [2])
    #expect(list("journal").count == 2)
    #expect(list("checkpoints").map { $0["step"] as? Int } == [3])
    #expect(list("results").map { $0["lane"] as? String } == ["bnn", "fork"])
    #expect(list("health").map { $0["message"] as? String } == ["the disk is nearly full"])
  }

  @Test func aComparisonTellsWhatDiffersAndWhatCameOfIt() throws {
    var other = Sample.history(id: "20260201-120000-other", seed: 7)
    other.snapshots[0].hyperparameters[1].value = .number(20)
    let comparison = RunComparison([Sample.history(), other])
    #expect(comparison.titles == ["digits:bnn", "digits:fork", "other:bnn", "other:fork"])
    func cells(_ title: String) -> [String]? { comparison.rows.first { $0.title == title }?.cells }
    #expect(cells("seed") == ["1", "1", "7", "7"])
    #expect(cells("method") == ["BinaryConnect", "baseline", "BinaryConnect", "baseline"])
    #expect(cells("batchSize") == ["10", "10", "20", "10"])
    #expect(cells("learningRate") == ["0.01 → 5e-3", "0.01", "0.01 → 5e-3", "0.01"])
    #expect(cells("momentum") == nil)
    #expect(cells("best validation") == Array(repeating: "90.00 %", count: 4))
    #expect(cells("test") == Array(repeating: "87.50 %", count: 4))
    #expect(cells("time") == Array(repeating: "1:15", count: 4))
    #expect(cells("flips") == ["140", "–", "140", "–"])
    #expect(cells("steps") == Array(repeating: "20", count: 4))
    let shown = comparison.shownRows.map(\.title)
    #expect(shown.prefix(4) == ["seed", "method", "learningRate", "batchSize"])
    #expect(!shown.contains("network") && shown.contains("test"))
  }

  @Test func aComparisonHasARowForEachKeyThatDiffers() throws {
    var keys = GivenKeys(
      lanes: [
        "bnn": [
          .init(name: "loss", value: "crossEntropy"), .init(name: "ste", value: "approx"),
          .init(name: "learningRate", value: "3e-3"),
        ],
        "fork": [.init(name: "loss", value: "crossEntropy"), .init(name: "learningRate", value: "1e-3")],
      ])
    keys.lanes["bnn"]?[2].last = "1e-4"
    let comparison = RunComparison([Sample.history()], keys: [keys])
    func cells(_ title: String) -> [String]? { comparison.shownRows.first { $0.title == title }?.cells }
    #expect(cells("ste") == ["approx", "–"])
    #expect(cells("learningRate") == ["3e-3 → 1e-4", "1e-3"])
    #expect(cells("loss") == nil)
    #expect(cells("state") == ["finished", "stopped"])
  }

  @Test func aFailedLaneIsToldInEveryForm() throws {
    var history = Sample.history()
    history.events.append(RecordedEvent(time: 2000, Sample.result("fork", failure: "the loss is NaN")))
    #expect(history.standing(of: "fork").words == "failed at step 20: the loss is NaN")
    #expect(history.standing(of: "bnn").words == "finished")
    #expect(history.remarks == ["lane fork failed at step 20: the loss is NaN"])
    let comparison = RunComparison([history])
    #expect(comparison.rows.first { $0.title == "state" }?.cells == ["finished", "failed at step 20"])
    #expect(comparison.remarks.count == 1 && comparison.remarks[0].hasSuffix("failed at step 20: the loss is NaN"))
    #expect(try RunExport(history).json().contains("\"state\":\"failed\""))
    // A rewound lane that has not ended, in a run without an engine.
    history.events.append(RecordedEvent(time: 2001, .branched(LaneBranch(lane: "fork", number: 2, parent: 1, step: 5))))
    #expect(history.standing(of: "fork").state == .interrupted)
    #expect(history.remarks.isEmpty)
  }

  @Test func longNamesBecomeShortFilesOfTheirOwn() throws {
    let names = ["x", "y", "é"].map { String(repeating: "l", count: 240) + $0 }
    var history = Sample.history()
    for name in names {
      let key = SeriesKey(lane: name, branch: 12, MetricKey(.trainLoss, layer: String(repeating: "d", count: 100)))
      history.series[key] = [MetricPoint(step: 1, value: 1)]
    }
    let files = try RunExport(history).csv(to: folder.path + "/long").map { ($0 as NSString).lastPathComponent }
    #expect(Set(files).count == files.count)
    #expect(files.allSatisfy { $0.utf8.count <= 255 })
  }

  @Test func aRunIsExportedFromItsDirectoryAsFromMemory() throws {
    let archive = try Sample.archive(in: folder)
    try archive.write(
      RunBatch(
        events: [.started(Sample.run()), Sample.points(1...3000), Sample.points(2...2, of: Sample.flips)],
        times: Sample.times(1...3000)), time: 7)
    try archive.write(RunBatch(events: [Sample.points(4...9, branch: 2)]), time: 8)
    try archive.truncate(lane: "bnn", branch: 2, after: nil)
    let history = try archive.history()
    var pieces: [String] = []
    let files = try RunExport.reading(archive.directory) { export in
      try export.json { pieces.append($0) }
      return try export.csv(to: folder.path + "/read")
    }
    #expect(try pieces.joined() == RunExport(history).json() && pieces.count > 1)
    let others = try RunExport(history).csv(to: folder.path + "/kept")
    #expect(files.count == 2 && others.count == 2)
    for (file, other) in zip(files, others) {
      #expect(try String(contentsOfFile: file, encoding: .utf8) == String(contentsOfFile: other, encoding: .utf8))
    }
    // An error of the writer is thrown unchanged.
    struct Full: Error {}
    #expect(throws: Full.self) {
      try RunExport.reading(archive.directory) { try $0.json { _ in throw Full() } }
    }
    #expect(code { try RunExport.reading(folder.path) { _ in } } == .notFound)
  }
}
