package import EngineProtocol
import NeuralNetworks

extension Catalog.Preset {
  /// Describes an experiment as a preset.
  package init(_ experiment: Experiment) {
    self.init(
      name: experiment.name, summary: experiment.summary, expectedResult: experiment.expectedResult,
      cost: experiment.cost, dataset: experiment.dataset ?? "",
      lanes: experiment.lanes.map { lane in
        Catalog.Lane(
          name: lane.name, method: lane.methodDescription,
          network: lane.network.shortDescription, hyperparameters: lane.settings())
      },
      epochs: experiment.lanes.map(\.epochs).max() ?? 0, seed: experiment.seed)
  }
}
