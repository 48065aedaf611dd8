import EngineProtocol
import Foundation
import RunStore
import Testing

@Suite struct RunsFolderTests {
  private let folder: TemporaryFolder
  private let runs: RunsFolder

  init() throws {
    folder = try TemporaryFolder()
    runs = RunsFolder(path: folder.path + "/runs")
  }

  /// Creates a closed run with these events and returns its name.
  @discardableResult
  private func run(
    _ name: String = "digits", at time: Double = 1000, _ events: [EngineEvent] = [], snapshots: [LaneSnapshot] = []
  ) throws -> String {
    let archive = try Sample.archive(in: folder, name: name, time: time)
    var description = Sample.run()
    description.startedAt = time
    try archive.write(RunBatch(events: [.started(description)] + events, snapshots: snapshots), time: time)
    archive.close()
    return archive.id
  }

  @Test(arguments: [
    (["SIGNFLIP_RUNS": "/a", "XDG_DATA_HOME": "/b", "HOME": "/c"], "/a"),
    (["SIGNFLIP_RUNS": "", "XDG_DATA_HOME": "/b", "HOME": "/c"], "/b/signflip/runs"),
    (["XDG_DATA_HOME": "b", "HOME": "/c"], "/c/.local/share/signflip/runs"),
    (["HOME": "/c"], "/c/.local/share/signflip/runs"),
  ])
  func theStandardFolderIsTheEnvironments(environment: [String: String], expected: String) {
    #expect(RunsFolder.standard(environment: environment) == expected)
  }

  @Test func aRunIsSummedUp() throws {
    let fork = Sample.lane("bnn 2", fork: .init(lane: "bnn", branch: 1, step: 5, settings: []))
    let id = try run(
      "digits", at: 1000,
      [
        .laneAdded(fork), Sample.points(1...20), Sample.epoch(1, step: 10, lane: "bnn 2", accuracy: 0.6),
        Sample.epoch(2, step: 20, lane: "bnn 2", accuracy: 0.5), Sample.result("float", best: 0.9, test: 0.875),
      ], snapshots: [Sample.snapshot("bnn", step: 17)])
    let summary = try #require(runs.list().first)
    #expect(summary.id == id)
    #expect(summary.directory == runs.path + "/" + id)
    #expect(summary.name == "digits")
    #expect(summary.dataset == "digits")
    #expect(summary.startedAt == 1000)
    #expect(summary.state == .interrupted)
    #expect(summary.problem == nil)
    #expect(summary.lanes.map(\.name) == ["float", "bnn", "bnn 2"])
    #expect(summary.lanes.map(\.bestValidationAccuracy) == [0.9, 0.9, 0.6])
    #expect(summary.lanes.map(\.testAccuracy) == [0.875, nil, nil])
    #expect(summary.lanes.map(\.steps) == [20, 17, 20])
    let size = try FileManager.default.attributesOfItem(atPath: summary.directory + "/run.sqlite")[.size] as? Int
    #expect(summary.bytes >= size ?? .max)
  }

  @Test func aRunsStateIsThatOfItsLanes() throws {
    let both = [Sample.result("float"), Sample.result("bnn")]
    func state(_ events: [EngineEvent]) throws -> RunSummary {
      let id = try run("state", at: 1000, events)
      return try #require(runs.list().first { $0.id == id })
    }
    #expect(try state(both + [.finished]).state == .finished)
    #expect(try state([Sample.result("float"), Sample.result("bnn", stopped: true), .finished]).state == .stopped)
    #expect(try state([Sample.result("float")]).state == .interrupted)
    #expect(try state(both + [.branched(LaneBranch(lane: "bnn", number: 2, parent: 1, step: 5))]).state == .interrupted)
    let half = try state([Sample.result("float", failure: "loss is NaN"), Sample.result("bnn")])
    #expect(half.state == .failed)
    #expect(half.lanes.map(\.failure) == ["loss is NaN", nil])
    #expect(try state([Sample.result("float", failure: "loss is NaN")]).state == .interrupted)
    let lost = try state([Sample.result("float", failure: "loss is NaN"), Sample.result("bnn", failure: "so is it")])
    #expect(lost.state == .failed)
    #expect(lost.problem == "loss is NaN")
    let failed = try state([.failed("no data set")])
    #expect(failed.state == .failed)
    #expect(failed.problem == "no data set")
  }

  @Test func aRunThatAnEngineHasIsTraining() throws {
    let archive = try Sample.archive(in: folder)
    #expect(runs.list().map(\.state) == [.training(process: Int(getpid()))])
    archive.close()
    #expect(runs.list().map(\.state) == [.interrupted])
  }

  // The engine keeps a finished run for a while.
  @Test func aRunWhoseLanesHaveEndedTrainsNoMore() throws {
    let archive = try Sample.archive(in: folder)
    let names = Sample.run().lanes.map(\.name)
    func write(_ events: [EngineEvent]) throws { try archive.write(RunBatch(events: events, snapshots: []), time: 1) }
    try write([.started(Sample.run())] + names.dropLast().map { Sample.result($0, best: 0.9, test: 0.8) })
    #expect(runs.list().map(\.state) == [.training(process: Int(getpid()))])
    try write([Sample.result(names.last ?? "", best: 0.9, test: 0.8)])
    #expect(runs.list().map(\.state) == [.finished])
    // A rewound lane is training again.
    try write([.branched(LaneBranch(lane: names[0], number: 2, parent: 1, step: 5, changes: 0))])
    #expect(runs.list().map(\.state) == [.training(process: Int(getpid()))])
    archive.close()
  }

  @Test func theNewestRunComesFirstAndNoneIsHidden() throws {
    let old = try run("old", at: 1000)
    let new = try run("new", at: 200_000)
    let damaged = try run("damaged", at: 100_000)
    try folder.write(Array("rubbish".utf8), to: "runs/\(damaged)/run.sqlite")
    let lost = try run("lost", at: 50_000)
    for file in ["run.sqlite", "run.sqlite-wal", "run.sqlite-shm"] { unlink(runs.path + "/\(lost)/\(file)") }
    try folder.write([1], to: "runs/notes.txt")
    _ = try folder.folder("runs/something else")

    let list = runs.list()
    #expect(list.map(\.id) == [new, damaged, lost, old])
    #expect(list.map(\.state) == [.interrupted, .failed, .failed, .interrupted])
    #expect(list[1].problem?.contains("run.sqlite") == true)
    #expect(list[2].problem?.contains("expected a file run.sqlite") == true)
    #expect(RunsFolder(path: folder.path + "/nothing here").list().isEmpty)
  }

  @Test func aRunIsFoundByPathNameBeginningEndAndLast() throws {
    let first = try run("mnist", at: 1000)
    let second = try run("digits", at: 2_000_000)
    let third = try run("other digits", at: 9_000_000)
    func found(_ name: String) -> String? { (try? runs.find(name)).map { ($0 as NSString).lastPathComponent } }
    #expect(try runs.find(runs.path + "/" + first + "/") == runs.path + "/" + first)
    #expect(found(second) == second)
    #expect(found("last") == third)
    #expect(found("mnist") == first)
    #expect(found("other-digits") == third)
    #expect(found(String(second.prefix(12))) == second)

    let ambiguous = failure { _ = try runs.find("digits") }
    #expect(ambiguous?.code == .notFound)
    #expect(ambiguous?.message.contains(second) == true && ambiguous?.message.contains(third) == true)
    #expect(ambiguous?.message.contains(first) == false)
    for name in ["cifar", "", "/nowhere/run", runs.path] { #expect(code { _ = try runs.find(name) } == .notFound) }
    #expect(code { _ = try RunsFolder(path: folder.path + "/none").find("last") } == .notFound)
  }

  @Test func onlyARunThatNobodyHasIsRemoved() throws {
    let archive = try Sample.archive(in: folder)
    let files = try folder.folder("runs/photographs")
    let error = failure { try runs.remove(archive.directory) }
    #expect(error?.code == .locked)
    #expect(error?.message.contains("\(getpid())") == true)
    #expect(code { try runs.remove(files) } == .notFound)
    #expect(code { try runs.remove(folder.path + "/nowhere") } == .notFound)
    #expect(FileManager.default.fileExists(atPath: files))
    archive.close()
    try runs.remove(archive.directory)
    #expect(!FileManager.default.fileExists(atPath: archive.directory))
  }
}
