import Datasets
import NeuralNetworks
import Tensors

/// A student's own copy of its teacher's network, for inference.
final class Teacher {
  /// The epochs after which the weights are the teacher's; 0 for none yet.
  private(set) var epoch = 0

  private let network: Network
  private let compute: Compute
  private let input: Tensor
  private let workspace = Workspace()

  /// The network of `plan`.
  init(_ plan: LanePlan, data: LaneData, _ compute: Compute) {
    self.compute = compute
    network = plan.fittedLayout(for: data.dataset).makeNetwork(
      plan.network, precision: plan.precision, seed: 0, compute)
    input = Tensor(rows: 0, columns: data.dataset.training.featureCount)
  }

  /// What a lane shows its students: parameters and running statistics, and whether its weights are float still.
  static func image(of network: Network, usesFloatWeights: Bool) throws -> SafetensorsImage {
    try SafetensorsImage(
      network.namedState.map { ($0.name, .tensor($0.tensor)) },
      metadata: [weightsPart: usesFloatWeights ? floatWord : "binary", "format": "signflip teacher 1"])
  }

  private static let weightsPart = "latent weights are used as"
  private static let floatWord = "float"

  /// Takes the weights over that the teacher had after an epoch.
  /// - Throws: `SafetensorsError` where they are of another network.
  func take(_ image: SafetensorsImage, epoch: Int) throws {
    for (name, tensor) in network.namedState { try image.copy(name, into: tensor) }
    network.prepareOperands(image.metadata[Teacher.weightsPart] == Teacher.floatWord ? .values : .signs, compute)
    self.epoch = epoch
  }

  /// The teacher's logits of a batch, shape `[batch, classes]`; they hold until the next call.
  func logits(of images: Tensor) -> Tensor {
    // A copy: a layer may take the place of its input, which the student reads too.
    input.copy(from: images)
    return network.forward(input, PassContext(compute: compute, isTraining: false, workspace: workspace))
  }
}
