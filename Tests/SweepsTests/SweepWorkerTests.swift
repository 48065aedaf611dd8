import Foundation
import Sweeps
import Testing
import Training

/// A worker that trains trials without a controller.
@Suite struct SweepWorkerTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "signflip-worker-\(UUID().uuidString)")
    .path(percentEncoded: false)

  private func start() throws -> SweepDirectory {
    let text = """
      experiment: digits-quick
      sweep:
        lanes: [binary]
        epochs: 2
        seeds: 4
      """
    return try SweepDirectory.start(
      path, text: text, source: "sweep.yaml", dataDirectory: nil, program: "test", environment: [:])
  }

  private func end(_ trial: Int, _ directory: SweepDirectory) throws {
    var record = TrialRecord(trial: trial)
    record.state = .finished
    record.starts = 1
    try FileManager.default.createDirectory(atPath: directory.folder(of: trial), withIntermediateDirectories: true)
    try record.write(in: directory.folder(of: trial))
  }

  @Test func trialsAreTrainedUntilNoneIsLeft() throws {
    let directory = try start()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try end(2, directory)
    var trained: [Int] = []
    let worker = SweepWorker(directory, pause: 0) { trial, target in
      #expect(target == nil)
      trained.append(trial.number)
      // Another worker was faster with trial 3.
      try end(trial.number, directory)
      if trial.number == 3 { throw SweepError(.claimed, "trial 3 is trained by another process") }
      return .ended(.finished)
    }
    guard case .end(.done) = try worker.run(isAskedToStop: { false }) else {
      Issue.record("expected the end of the sweep")
      return
    }
    #expect(trained == [1, 3, 4])
  }

  @Test func itEndsWhenATrialWasSuspendedOrItIsAsked() throws {
    let directory = try start()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var count = 0
    let worker = SweepWorker(directory, pause: 0) { _, _ in
      count += 1
      return .suspended
    }
    guard case .suspended = try worker.run(isAskedToStop: { false }) else {
      Issue.record("expected a suspended worker")
      return
    }
    #expect(count == 1)
    guard case .suspended = try worker.run(isAskedToStop: { true }) else {
      Issue.record("expected a suspended worker")
      return
    }
    #expect(count == 1)
  }

  @Test func itGivesUpAfterThreeTrialsThatCouldNotBeTrained() throws {
    let directory = try start()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var trained: [Int] = []
    let worker = SweepWorker(directory, pause: 0) { trial, _ in
      trained.append(trial.number)
      throw SweepError(.notTrained, "trial \(trial.number): the disk is full")
    }
    guard case .problems(3) = try worker.run(isAskedToStop: { false }) else {
      Issue.record("expected a worker with problems")
      return
    }
    #expect(trained == [1, 2, 3])
  }
}
