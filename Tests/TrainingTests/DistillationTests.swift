import EngineProtocol
import Foundation
import RunStore
import Testing
import Training
import TrainingMetrics

/// A student that trains longer than its teacher. There are many epochs, so that commands arrive before the end.
private let lanes = """
  name: distilled
  validation: 80
  seed: 3
  defaults: {hidden: [12], batchSize: 16, epochs: 105, learningRate: 0.01, precision: float32}
  lanes:
    - {name: baseline, method: baseline, epochs: 103, dropout: 0.1}
    - {name: student, method: bnn, distillation: {from: baseline, weight: 0.5, temperature: 2}}
  """

/// A binary lane learns from the live baseline. The loss of every step does not depend on the speeds of the lanes.
@Suite(.serialized) final class DistillationTests {
  // Kept to the end of the test, as resuming reads the images again.
  private let dataset: SmallDataset
  private var data: URL { dataset.folder }

  init() throws {
    dataset = try SmallDataset()
  }

  private func start(
    _ settings: [String] = [], steering: String? = nil, isRecorded: Bool = false
  ) -> EngineProbe {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(lanes, name: "test"), dataset: data.path, settings: settings,
          runsDirectory: data.appending(path: "runs").path, isRecorded: isRecorded, steering: steering)))
    probe.wait(for: "the start") { if case .started = $0 { true } else { false } }
    return probe
  }

  private func student(_ probe: EngineProbe) -> LaneSnapshot? {
    probe.engine.snapshot().lanes.first { $0.name == "student" }
  }

  private func wait(_ what: String, _ holds: () -> Bool) {
    let deadline = Date().addingTimeInterval(60)
    while !holds() {
      guard Date() < deadline else {
        Issue.record("\(what) did not come")
        return
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
  }

  // The student's losses during the whole run.
  private func losses(_ probe: EngineProbe) -> [MetricPoint] {
    _ = probe.finish()
    probe.engine.close()
    probe.poll()
    return probe.points("student", MetricKey(.trainLoss))
  }

  // Pauses the teacher after an epoch until the student waits for the next one.
  private func hold(_ probe: EngineProbe, at epoch: Int) {
    probe.engine.send(.runToEpoch(epoch, .lane("baseline")))
    wait("the wait for epoch \(epoch + 1)") {
      self.student(probe)?.state == .waiting("baseline's epoch \(epoch + 1)")
        && probe.engine.snapshot().lanes[0].state == .paused
    }
    #expect(student(probe)?.epoch == Double(epoch))
  }

  private func directory(_ probe: EngineProbe) throws -> String {
    for case .started(let run) in probe.events { return try #require(run.directory) }
    throw CancellationError()
  }

  @Test func theTeachersSpeedDecidesNothing() throws {
    let expected = losses(start(isRecorded: true))
    #expect(expected.map(\.step) == Array(1...2100))
    // Without a run directory, and with a teacher that is paused until the student waits.
    let slow = start()
    for epoch in 100...102 { hold(slow, at: epoch) }
    slow.engine.send(.resume(.lane("baseline")))
    #expect(losses(slow) == expected)
    // With a student that starts after its teacher has finished.
    let late = start()
    _ = late.answer(to: late.engine.send(.pause(.lane("student"))))
    wait("the teacher's end") { late.engine.snapshot().lanes[0].state == .finished }
    late.engine.send(.resume(.lane("student")))
    #expect(losses(late) == expected)
  }

  @Test func theTeacherCountsByItsWeight() {
    let few = ["student.epochs=3", "baseline.epochs=3"]
    let all = [[], ["student.distillationWeight=0"], ["student.distillationTemperature=8"]].map {
      losses(start(few + $0)).map(\.value)
    }
    #expect(Set(all).count == 3)
    #expect(all.allSatisfy { $0.count == 60 })
  }

  @Test func aStudentThatWaitsIsHeldAndSteeredAtOnce() throws {
    let probe = start()
    hold(probe, at: 100)
    _ = try probe.answer(to: probe.engine.send(.pause(.lane("student")))).get()
    wait("the pause") { self.student(probe)?.state == .paused }
    _ = try probe.answer(to: probe.engine.send(.set(.distillationWeight, .number(0.25), .lane("student")))).get()
    _ = try probe.answer(to: probe.engine.send(.resume(.lane("student")))).get()
    wait("the wait once more") { self.student(probe)?.state == .waiting("baseline's epoch 101") }
    // A teacher with weight 0 is not waited for.
    _ = try probe.answer(to: probe.engine.send(.set(.distillationWeight, .number(0), .lane("student")))).get()
    probe.wait(for: "the student's end") {
      if case .laneEnded(let result) = $0 { result.lane == "student" } else { false }
    }
    probe.engine.send(.stop(.all))
    #expect(probe.finish()["student"]?.steps == 2100)
  }

  @Test func aStudentThatWaitsIsStoppedAtOnce() throws {
    let probe = start()
    hold(probe, at: 100)
    _ = try probe.answer(to: probe.engine.send(.stop(.lane("student")))).get()
    probe.engine.send(.stop(.all))
    #expect(probe.finish()["student"]?.steps == 2000)
  }

  @Test func aTeacherThatEndsEarlyLeavesItsLastEpoch() throws {
    let stopped = start()
    hold(stopped, at: 100)
    stopped.engine.send(.stop(.lane("baseline")))
    let found = losses(stopped)
    #expect(found.count == 2100)
    #expect(found == losses(start(["baseline.epochs=100"])))

    let never = start(steering: "steering: [{lane: baseline, step: 3, stop: true}]")
    #expect(never.finish()["student"]?.failure?.contains("ended before its first epoch") == true)
  }

  @Test func aStudentIsGoneOnWithRewoundAndReplayed() throws {
    let expected = losses(start())
    let first = start(isRecorded: true)
    wait("some steps") { self.student(first)?.step ?? 0 >= 300 }
    first.engine.send(.suspend)
    wait("the end") { first.engine.snapshot().phase != .training }
    first.engine.close()
    let directory = try directory(first)
    let second = EngineProbe()
    second.engine.send(.reopen(directory: directory))
    _ = second.finish()

    // Its teacher has ended.
    var checkpoints: [Checkpoint] = []
    for event in second.events {
      switch event {
      case .checkpointed(let checkpoint): checkpoints.append(checkpoint)
      // Old ones are thinned out when new ones are added.
      case .checkpointDeleted(let lane, let branch, let step):
        checkpoints.removeAll { ($0.lane, $0.branch, $0.step) == (lane, branch, step) }
      default: break
      }
    }
    let checkpoint = try #require(checkpoints.first { $0.lane == "student" && (1..<2100).contains($0.step) })
    _ = try second.answer(to: second.engine.send(.rewind(lane: "student", branch: 1, step: checkpoint.step))).get()
    wait("the end") { second.engine.snapshot().phase == .finished }
    second.engine.close()
    let history = try RunArchive.history(of: directory)
    let key = MetricKey(.trainLoss)
    #expect(history.series[SeriesKey(lane: "student", branch: 1, key)] == expected)
    #expect(
      history.series[SeriesKey(lane: "student", branch: 2, key)] == expected.filter { $0.step > checkpoint.step })

    let replay = EngineProbe()
    replay.engine.replay(history)
    #expect(losses(replay) == expected)
  }
}
