import EngineProtocol
import Foundation
import RunStore
import Testing
import Training
import TrainingMetrics

/// Binary activations first, binary weights from the third epoch on.
private let stages = """
  name: stages
  validation: 80
  seed: 3
  defaults: {hidden: [12], batchSize: 16, epochs: 5, learningRate: 0.01, precision: float32, outputNormalization: true}
  lanes:
    - {name: bnn, method: bnn, binaryWeightsFrom: 2}
  """

@Suite(.serialized) final class StagesTests {
  // Kept to the end of the test, as resuming reads the images again.
  private let dataset: SmallDataset
  private var data: URL { dataset.folder }

  init() throws {
    dataset = try SmallDataset()
  }

  private func start(_ settings: [String] = []) -> EngineProbe {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(stages, name: "test"), dataset: data.path, settings: settings,
          runsDirectory: data.appending(path: "runs").path)))
    probe.wait(for: "the start") { if case .started = $0 { true } else { false } }
    return probe
  }

  private func wait(_ probe: EngineProbe, step: Int) {
    while probe.engine.snapshot().lanes[0].step < step { Thread.sleep(forTimeInterval: 0.001) }
  }

  @Test func flipsAreCountedFromThereOn() throws {
    let probe = start()
    let result = try #require(probe.finish()["bnn"])
    probe.engine.close()
    #expect(result.failure == nil)
    let rates = probe.points("bnn", MetricKey(.flipRate))
    #expect(rates.map(\.step) == Array(41...100))
    let flips = probe.engine.snapshot().lanes[0].flips
    let counted = rates.reduce(0.0) { $0 + Double($1.value) } * Double(flips.reduce(0) { $0 + $1.weights })
    #expect(abs(counted - Double(flips.reduce(0) { $0 + $1.totalFlips })) < 0.01)
    // The result of the lane is binary, even if the float network was better.
    #expect((result.bestEpoch ?? 0) >= 3)
    #expect(
      probe.events.contains {
        if case .health(let report) = $0 {
          report.message.contains("from step 41 on weights are binary")
        } else {
          false
        }
      })
  }

  private func losses(_ probe: EngineProbe) -> [MetricPoint] {
    _ = probe.finish()
    probe.engine.close()
    probe.poll()
    return probe.points("bnn", MetricKey(.trainLoss))
  }

  // Stochastic weights start differently from signs, and 8-bit weights are not stochastic.
  @Test(arguments: [[], ["bnn.binarization=stochastic", "bnn.eightBitLayers=[last]"]])
  func theStageIsAFunctionOfTheEpoch(settings: [String]) throws {
    let expected = losses(start(settings))
    let binary = losses(start(settings + ["bnn.binaryWeightsFrom=0"]))
    #expect(expected.count == 100 && binary.count == 100 && expected[0] != binary[0])
    for stop in [10, 40, 55] {
      let first = start(settings)
      wait(first, step: stop)
      first.engine.send(.suspend)
      while first.engine.snapshot().phase == .training { Thread.sleep(forTimeInterval: 0.001) }
      first.engine.close()
      guard case .started(let run)? = first.events.first(where: { if case .started = $0 { true } else { false } })
      else {
        Issue.record("no start")
        return
      }
      let second = EngineProbe()
      second.engine.send(.reopen(directory: try #require(run.directory)))
      #expect(losses(second) == expected)
    }
  }

  @Test func theStageIsALiveKnobAndAFloatResultIsNamed() throws {
    let probe = start(["bnn.epochs=100000", "bnn.binaryWeightsFrom=100000"])
    wait(probe, step: 30)
    #expect(probe.engine.snapshot().lanes[0].flips.allSatisfy { $0.totalFlips == 0 })
    let entry = try probe.answer(to: probe.engine.send(.set(.binaryWeightsFrom, .number(0), .all))).get()
    wait(probe, step: entry.step + 30)
    #expect(probe.engine.snapshot().lanes[0].flips.contains { $0.totalFlips > 0 })
    probe.engine.send(.stop(.all))
    _ = probe.finish()
    probe.engine.close()
    probe.poll()
    #expect(probe.points("bnn", MetricKey(.flipRate)).first?.step == entry.step + 1)

    let float = start(["bnn.binaryWeightsFrom=9"])
    #expect((float.finish()["bnn"]?.testAccuracy ?? 0) > 0.9)
    #expect(
      float.events.contains {
        if case .health(let report) = $0 {
          report.message.contains("results are those of float weights")
        } else {
          false
        }
      })
    float.engine.close()
  }
}
