package import Datasets
package import Deployment
package import EngineProtocol
import Foundation
package import NeuralNetworks
import RunStore
package import Tensors

/// A lane's network as a run's directory, or a checkpoint file alone, has it: what an export is made of.
package struct TrainedLane: Sendable {
  /// Which of a lane's checkpoints.
  package enum Choice: Hashable, Sendable {
    /// The weights with the best validation.
    case best
    /// The newest weights.
    case last
    /// The weights at a step.
    case step(Int)
  }

  /// The network's file.
  package let checkpoint: NetworkCheckpoint
  /// The run's name; empty for a file alone.
  package let run: String
  /// What the lane came to; nil where it goes on, or was not asked for.
  package let result: LaneResult?

  private let weights: NetworkCheckpoint.Weights
  private let directory: String?

  /// Reads a checkpoint file.
  /// - Throws: `SafetensorsError`.
  package init(file path: String, _ choice: Choice = .best) throws {
    checkpoint = try NetworkCheckpoint(path: path)
    weights = choice == .best ? .best : .newest
    (run, result, directory) = ("", nil, nil)
  }

  /// Finds the checkpoint of a lane in a run's directory, also while an engine trains it.
  /// - Parameter lane: nil for the run's only lane.
  /// - Throws: `StoreError`, `SafetensorsError`; `ExperimentError` where there is no such lane or checkpoint.
  package init(run directory: String, lane name: String?, _ choice: Choice = .best) throws {
    let history = try RunArchive.outline(of: directory, points: false)
    let lineage = history.lineage
    let names = lineage.lanes.map(\.description.name)
    let found = name ?? (names.count == 1 ? names[0] : nil)
    guard let found, let lane = lineage.lane(found) else {
      throw ExperimentError(
        code: .unknownLane,
        message: "\(history.description.id): expected one of the lanes \(names.joined(separator: ", ")), found "
          + (name.map { "“\($0)”\(NearestName.question($0, among: names))" } ?? "none"))
    }
    let checkpoints = lineage.checkpoints(of: lane, among: history.checkpoints)
    let chosen: Checkpoint? =
      if case .step(let step) = choice { checkpoints.first { $0.step == step } } else { checkpoints.first }
    guard let chosen else {
      let steps = checkpoints.map { "\($0.step)" }.joined(separator: ", ")
      throw ExperimentError(
        code: .unfit,
        message: "\(history.description.id): expected a checkpoint of lane \(found)"
          + (steps.isEmpty ? ", found none" : " at one of the steps \(steps), found another"))
    }
    checkpoint = try NetworkCheckpoint(path: try RunArchive.file(of: chosen, in: directory).path)
    weights = choice == .best ? .best : .newest
    run = history.description.id
    // What the lane came to is of its best weights at the end.
    result = choice == .best && chosen.reason == .end ? lane.result : nil
    self.directory = directory
  }

  /// The network with its weights, ready for inference.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  package func network(_ compute: Compute) throws -> TrainedNetwork {
    TrainedNetwork(
      checkpoint, try checkpoint.makeNetwork(compute, weights: weights), whitening: try whitening())
  }

  /// The packed network.
  /// - Parameter program: the version of signflip.
  /// - Throws: `NetworkError`, naming the layer that can't be packed.
  package func packed(_ trained: TrainedNetwork, program: String) throws -> PackedModel {
    var model = try PackedModel(
      packing: checkpoint, trained.network, run: run, whitening: trained.whitening,
      testAccuracy: result?.testAccuracy, program: program)
    struct State: Decodable { var pixels: PixelReading? }
    let state = try checkpoint.metadata("state").map {
      try EngineJSON.decoder().decode(State.self, from: Data($0.utf8))
    }
    if let pixels = state?.pixels {
      model.stored = PackedModel.StoredValues(largestValue: pixels.largestValue, background: pixels.background)
    }
    return model
  }

  /// The data set that the run was trained on.
  /// - Throws: `DatasetError`, `ExperimentError` where it is gone or another one; `StoreError`.
  package func dataset(
    environment: [String: String], _ progress: @escaping (String) -> Void = { _ in }
  ) throws -> Dataset {
    guard let directory else {
      throw ExperimentError(code: .unfit, message: "a checkpoint file alone does not say where its images are")
    }
    let history = try RunArchive.outline(of: directory, points: false)
    return try RecordedExperiment(history, environment: environment).load(progress)
  }

  // The run's map of whitened images.
  private func whitening() throws -> (matrix: [Float], offset: [Float])? {
    guard checkpoint.data.preparation == .zca else { return nil }
    guard let directory else {
      throw ExperimentError(
        code: .unfit,
        message: "expected the run's directory, with the whitening of its images, found a checkpoint file alone")
    }
    let size = checkpoint.data.image.features
    let image = try SafetensorsImage.read(directory + "/whitening.safetensors", sha256: nil)
    let (matrix, offset) = (Tensor(rows: size, columns: size), Tensor(rows: 1, columns: size))
    try image.copy("matrix", into: matrix)
    try image.copy("offset", into: offset)
    return (matrix.values, offset.values)
  }
}
