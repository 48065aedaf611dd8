import EngineProtocol
import Foundation
import RunStore
import Testing
import Training
import TrainingMetrics

/// Wide binary lanes, whose sums are far from the initial running statistics of a normalization.
private let wide = """
  name: wide
  validation: 80
  seed: 5
  defaults: {hidden: [400, 400], batchSize: 40, epochs: 3, learningRate: 0.003, precision: float32}
  lanes:
    - {name: connect, method: binaryConnect, batchNormalization: true, outputNormalization: true}
    - {name: drawn, method: binaryConnect, binarization: stochastic, batchNormalization: true, outputNormalization: true}
    - {name: plain, method: baseline, batchNormalization: false}
  """

/// The results of a network before its first update.
@Suite(.serialized) final class UntrainedNetworkTests {
  private let dataset: SmallDataset

  init() throws { dataset = try SmallDataset(side: 8) }

  private func train(lanes: [String]? = nil) -> EngineProbe {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(wide, name: "test"), dataset: dataset.folder.path, lanes: lanes,
          runsDirectory: dataset.folder.appending(path: "runs").path)))
    return probe
  }

  private func reports(_ probe: EngineProbe, _ lane: String) -> [EpochReport] {
    probe.events.compactMap { if case .epoch(let report) = $0, report.lane == lane { report } else { nil } }
  }

  @Test func itsLossIsThatOfGuessing() throws {
    let probe = train()
    _ = probe.finish()
    defer { probe.engine.close() }
    for lane in ["connect", "drawn", "plain"] {
      let first = try #require(reports(probe, lane).first)
      #expect(first.epoch == 0 && first.step == 0)
      // The loss for equal probabilities is ln 4 = 1.39; without statistics of a batch it would be in the hundreds.
      #expect(first.validationLoss < 10, "lane \(lane): \(first.validationLoss)")
      let point = probe.points(lane, MetricKey(.validationLoss)).first
      #expect(point.map { Double($0.value) } == Double(Float(first.validationLoss)), "lane \(lane)")
    }
    // Close to chance; exactly 25 % would mean the same class for all images.
    #expect(try #require(reports(probe, "drawn").first?.latentValidationAccuracy) > 0)
  }

  @Test func goingBackToItMeasuresNothingAnew() throws {
    let probe = train(lanes: ["connect"])
    let expected = try #require(probe.finish()["connect"]?.weightsSHA256)
    let first = try #require(reports(probe, "connect").first)
    let id = probe.engine.send(.rewind(lane: "connect", branch: 1, step: 0))
    guard case .success = probe.answer(to: id) else {
      Issue.record("refused")
      return
    }
    while probe.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.002) }
    probe.engine.send(.fork(ForkRequest(lane: "connect", branch: 1, step: 0, name: "again")))
    probe.wait(for: "the fork's end") { if case .laneEnded(let result) = $0 { result.lane == "again" } else { false } }
    probe.engine.close()
    #expect(reports(probe, "connect").filter { $0.epoch == 0 } == [first])
    #expect(reports(probe, "again").allSatisfy { $0.epoch > 0 })
    // The statistics were restored bit for bit, so training from the start gives the same weights.
    let digests = probe.events.compactMap { if case .laneEnded(let result) = $0 { result.weightsSHA256 } else { nil } }
    #expect(digests == [expected, expected, expected])
  }
}
