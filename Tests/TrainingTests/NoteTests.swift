import EngineProtocol
import Foundation
import RunStore
import Testing
import Training

/// Notes in the journal of a run.
@Suite(.serialized) final class NoteTests {
  private let dataset: SmallDataset
  private let probe = EngineProbe()
  private let directory: String

  init() throws {
    dataset = try SmallDataset()
    let text = """
      name: noted
      validation: 80
      defaults: {hidden: [12], batchSize: 16, epochs: 3, learningRate: 0.01, precision: float32}
      lanes: [{name: one, method: binaryConnect}]
      """
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(text, name: "test"), dataset: dataset.folder.path,
          runsDirectory: dataset.folder.appending(path: "runs").path)))
    guard case .started(let run) = probe.wait(for: "the start", { if case .started = $0 { true } else { false } })
    else {
      throw CancellationError()
    }
    directory = try #require(run.directory)
    probe.wait(for: "the end") { $0 == .finished }
  }

  private func send(_ note: NoteRequest) -> EngineEvent? {
    let id = probe.engine.nextCommandID()
    probe.engine.send(.note(note), as: id)
    return probe.wait(for: "an answer") {
      switch $0 {
      case .applied(id, _), .refused(id, _): true
      default: false
      }
    }
  }

  @Test func aNoteIsKeptInTheRunAndChangesNothing() throws {
    guard case .applied(_, let entry) = send(NoteRequest(lane: "one", step: 3, text: " a\u{7}note ")) else {
      Issue.record("the note was refused")
      return
    }
    #expect(entry.step == 3 && entry.branch == 1 && entry.lane == "one")
    guard case .noted(let text) = entry.change else {
      Issue.record("another change")
      return
    }
    // What a terminal must not receive is escaped.
    #expect(text.hasPrefix("a") && text.hasSuffix("note") && !text.contains("\u{7}"))
    #expect(probe.engine.close() == nil)
    let history = try RunArchive.history(of: directory)
    let notes = history.events.compactMap { recorded -> JournalEntry? in
      if case .applied(_, let entry) = recorded.event { entry } else { nil }
    }
    #expect(notes == [entry])
    // It is no change to be made again in a replay.
    let lane = try #require(history.lineage.lane("one"))
    #expect(history.lineage.journal(of: lane).isEmpty)
    #expect(!(try SteeringJournal.text(of: history)).contains("lane:"))
  }

  @Test(arguments: [
    (NoteRequest(lane: "two", text: "x"), "expected a lane"), (NoteRequest(lane: "one", text: "  "), "found 0"),
    (NoteRequest(lane: "one", text: String(repeating: "x", count: 501)), "found 501"),
    (NoteRequest(lane: "one", step: 1 << 40, text: "x"), "expected a step from 0 to"),
    (NoteRequest(lane: "one", step: -1, text: "x"), "expected a step from 0 to"),
    (NoteRequest(lane: "one", branch: 4, text: "x"), "expected a branch of one (1), found 4"),
  ])
  func whatCannotBeNotedIsRefused(_ request: NoteRequest, _ words: String) {
    guard case .refused(_, let reason) = send(request) else {
      Issue.record("\(request) was accepted")
      return
    }
    #expect(reason.contains(words), "\(reason)")
    _ = probe.engine.close()
  }
}
