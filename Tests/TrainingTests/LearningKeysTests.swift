import EngineProtocol
import NeuralNetworks
import Tensors
import Testing
import Training

/// Keys of how a lane learns: read, written so that they read the same, refused where they would do nothing.
@Suite struct LearningKeysTests {
  @Test func adaMaxHasItsPapersRateAndAdamsBetas() throws {
    let experiment = try resolve(
      """
      lanes:
        - {name: a, method: bnn, optimizer: adaMax, beta2: 0.99}
        - {name: b, optimizer: adaMax, learningRate: 0.1}
      """)
    #expect(experiment.lanes.map { $0.value(of: .learningRate) } == [.number(0.002), .number(0.1)])
    #expect(experiment.lanes.map { $0.value(of: .beta2) } == [.number(0.99), .number(0.999)])
    try expectWrittenAsRead(experiment)
  }

  @Test(arguments: [
    ("lanes: [{name: a, optimizer: adaMax, momentum: 0.9}]", "lanes[0].momentum: expected no such key"),
    ("lanes: [{name: a, optimizer: adamax}]", "lanes[0].optimizer: expected sgd or adam or adaMax"),
  ])
  func whatWouldDoNothingIsRefused(yaml: String, expected: String) {
    var found = "no error"
    do { _ = try resolve(yaml) } catch { found = "\(error)" }
    #expect(found.contains(expected), "found: \(found)")
  }

  private func resolve(_ yaml: String, settings: [String] = []) throws -> Experiment {
    let request = ExperimentRequest(source: .text(yaml, name: "test"), dataset: "digits", settings: settings)
    return try ExperimentResolver(environment: [:]).resolve(request).experiment
  }

  private func expectWrittenAsRead(_ experiment: Experiment) throws {
    #expect(try resolve(ExperimentWriter().text(of: experiment)) == experiment)
  }
}
