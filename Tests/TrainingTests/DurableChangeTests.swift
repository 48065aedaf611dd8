import EngineProtocol
import Foundation
import GRDB
import RunStore
import Testing
import Training

/// Two lanes that would train for long.
private let endless = """
  name: endless
  validation: 80
  defaults: {hidden: [12], batchSize: 16, epochs: 100000, learningRate: 0.01, precision: float32}
  lanes:
    - {name: one, method: binaryConnect}
    - {name: two, method: baseline}
  """

/// A change is acknowledged when it is on disk, or with the reason why it is not. Another process that locks the run's
/// database keeps the recorder from writing: SQLite waits for 5 s, then it fails.
@Suite(.serialized) final class DurableChangeTests {
  private let dataset: SmallDataset
  private let probe = EngineProbe()
  private let directory: String
  private let blocker: DatabaseQueue

  init() throws {
    dataset = try SmallDataset()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(endless, name: "test"), dataset: dataset.folder.path,
          runsDirectory: dataset.folder.appending(path: "runs").path)))
    let event = probe.wait(for: "the start") { if case .started = $0 { true } else { false } }
    guard case .started(let run) = event else { throw CancellationError() }
    directory = try #require(run.directory)
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.allowsUnsafeTransactions = true
    blocker = try DatabaseQueue(path: directory + "/run.sqlite", configuration: configuration)
    probe.wait(for: "an epoch") { if case .epoch = $0 { true } else { false } }
  }

  private func lock() throws { try blocker.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") } }

  private func unlock() throws { try blocker.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") } }

  private func change(_ value: Double) -> CommandID {
    let id = probe.engine.nextCommandID()
    probe.engine.send(.set(.learningRate, .number(value), .lane("one")), as: id)
    return id
  }

  private func isAnswered(_ id: CommandID) -> Bool {
    probe.poll()
    return probe.events.contains {
      switch $0 {
      case .applied(id, _), .refused(id, _): true
      default: false
      }
    }
  }

  // The learning rates in the journal, as the database has them.
  private func recorded() throws -> [JournalEntry] {
    try RunArchive.history(of: directory).events.compactMap { recorded in
      if case .applied(_, let entry) = recorded.event { entry } else { nil }
    }
  }

  private func end() {
    probe.engine.send(.suspend)
    while !probe.engine.isSuspended { Thread.sleep(forTimeInterval: 0.005) }
    #expect(probe.engine.close() == nil)
  }

  @Test func isAcknowledgedWhenItIsWritten() throws {
    try lock()
    let id = change(0.003)
    Thread.sleep(forTimeInterval: 2)
    #expect(!isAnswered(id))
    try unlock()
    #expect(try probe.answer(to: id).get().unrecorded == nil)
    #expect(try recorded().count == 1)
    end()
  }

  @Test func isAcknowledgedWithTheReasonWhyItIsNotWritten() throws {
    try lock()
    let id = change(0.003)
    let entry = try probe.answer(to: id).get()
    let reason = try #require(entry.unrecorded)
    #expect(reason.contains("run.sqlite: database is locked"), "\(reason)")
    #expect(probe.engine.snapshot().storage?.problem != nil)
    #expect(try recorded().isEmpty)
    try unlock()
    probe.wait(for: "the recovery") {
      if case .health(let report) = $0 { report.message == "the run is recorded again" } else { false }
    }
    // A client that connects now learns of a change that is on disk.
    let told = probe.engine.events(after: EventCursor()).events.compactMap { event in
      if case .applied(_, let entry) = event { entry } else { nil }
    }
    #expect(told.map(\.unrecorded) == [nil])
    #expect(try recorded() == told)
    end()
  }

  @Test func otherLanesTrainWhileOneWaits() throws {
    try lock()
    let id = change(0.003)
    let step = { [probe] (name: String) in probe.engine.snapshot().lanes.first { $0.name == name }?.step ?? 0 }
    Thread.sleep(forTimeInterval: 0.5)
    let (one, two) = (step("one"), step("two"))
    Thread.sleep(forTimeInterval: 1)
    #expect(step("one") == one)
    #expect(step("two") > two)
    try unlock()
    #expect(try probe.answer(to: id).get().unrecorded == nil)
    end()
  }
}
