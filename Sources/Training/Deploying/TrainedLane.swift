package import Datasets
package import Deployment
package import EngineProtocol
import Foundation
package import NeuralNetworks
import RunStore
package import Tensors

/// A trained network to be exported: a checkpoint of a lane in a run's directory, or a single checkpoint file.
package struct TrainedLane: Sendable {
  /// The choice of a lane's checkpoint.
  package enum Choice: Hashable, Sendable {
    /// The weights with the best validation result.
    case best
    /// The newest weights.
    case last
    /// The weights after a number of updates.
    case step(Int)
  }

  /// The checkpoint.
  package let checkpoint: NetworkCheckpoint
  /// The run's name; empty for a single file.
  package let run: String
  /// The lane's result on the test images; nil if it is still training, or if other weights than the best were chosen.
  package let result: LaneResult?

  private let weights: NetworkCheckpoint.Weights
  private let directory: String?
  // The map of whitened images, of a lane in this process.
  private let whiteningFile: SafetensorsImage?

  /// Reads a checkpoint file.
  /// - Throws: `SafetensorsError`.
  package init(file path: String, _ choice: Choice = .best) throws {
    checkpoint = try NetworkCheckpoint(path: path)
    weights = choice == .best ? .best : .newest
    (run, result, directory, whiteningFile) = ("", nil, nil, nil)
  }

  /// A lane of this process.
  /// - Parameters:
  ///   - image: the lane's weights, as `LaneTrainer.weights()` gives them.
  ///   - whitening: the map of whitened images; nil if they are not whitened.
  /// - Throws: `SafetensorsError`.
  init(_ image: SafetensorsImage, run: String, whitening: Whitening?, _ choice: WeightsChoice) throws {
    checkpoint = try NetworkCheckpoint(image)
    weights = choice == .best ? .best : .newest
    self.run = run
    (result, directory, whiteningFile) = (nil, nil, try whitening?.file())
  }

  /// Finds the checkpoint of a lane in a run's directory, even while an engine is training it.
  /// - Parameter lane: nil for the run's only lane.
  /// - Throws: `StoreError`, `SafetensorsError`; `ExperimentError` if there is no such lane or checkpoint.
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
    // The lane's result was measured with the best weights at the end.
    result = choice == .best && chosen.reason == .end ? lane.result : nil
    (self.directory, whiteningFile) = (directory, nil)
  }

  /// The network with its weights, ready for inference.
  /// - Throws: `SafetensorsError`, `ExperimentError`.
  package func network(_ compute: Compute) throws -> TrainedNetwork {
    TrainedNetwork(
      checkpoint, try checkpoint.makeNetwork(compute, weights: weights), whitening: try whitening())
  }

  /// The packed network.
  /// - Parameter program: the version of signflip.
  /// - Throws: `NetworkError` with the layer that can't be packed.
  package func packed(_ trained: TrainedNetwork, program: String) throws -> PackedModel {
    var model = try PackedModel(
      packing: checkpoint, trained.network, run: run, whitening: trained.whitening,
      testAccuracy: result?.testAccuracy, program: program)
    struct State: Decodable { var pixels: PixelReading? }
    if let pixels = try state(State.self)?.pixels {
      model.stored = PackedModel.StoredValues(largestValue: pixels.largestValue, background: pixels.background)
    }
    return model
  }

  /// Reads a part of the lane's state; nil if the checkpoint has none.
  func state<State: Decodable>(_ type: State.Type) throws -> State? {
    try checkpoint.metadata("state").map { try EngineJSON.decoder().decode(State.self, from: Data($0.utf8)) }
  }

  /// The data set that the run was trained on.
  /// - Throws: `DatasetError`, `StoreError`; `ExperimentError` if the data set is missing or has changed.
  package func dataset(
    environment: [String: String], _ progress: @escaping (String) -> Void = { _ in }
  ) throws -> Dataset {
    guard let directory else {
      throw ExperimentError(
        code: .unfit,
        message: "expected a run's directory, found a single checkpoint file, which does not name its data set")
    }
    let history = try RunArchive.outline(of: directory, points: false)
    return try RecordedExperiment(history, environment: environment).load(progress)
  }

  // The run's whitening matrix and offset.
  private func whitening() throws -> (matrix: [Float], offset: [Float])? {
    guard checkpoint.data.preparation == .zca else { return nil }
    guard whiteningFile != nil || directory != nil else {
      throw ExperimentError(
        code: .unfit,
        message:
          "expected the run's directory, which contains the whitening matrix of its images, found a single checkpoint file"
      )
    }
    let size = checkpoint.data.image.features
    let image =
      try whiteningFile ?? SafetensorsImage.read((directory ?? "") + "/whitening.safetensors", sha256: nil)
    let (matrix, offset) = (Tensor(rows: size, columns: size), Tensor(rows: 1, columns: size))
    try image.copy("matrix", into: matrix)
    try image.copy("offset", into: offset)
    return (matrix.values, offset.values)
  }
}
