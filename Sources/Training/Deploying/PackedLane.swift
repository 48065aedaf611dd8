import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

/// The packed network of an engine's lane, beside the trainer's.
struct PackedLane {
  /// The trainer's network.
  let lane: LaneNetwork
  /// The packed network.
  private(set) var model: PackedModel

  /// The weights that were packed.
  var weights: DeployedWeights { lane.weights }

  /// Packs a lane.
  /// - Throws: `NetworkError` naming the layer that can't be packed; `SafetensorsError`, `ExperimentError`.
  init(_ source: TrainedLane, _ lane: LaneNetwork, program: String) throws {
    self.lane = lane
    model = try source.packed(lane.trained, program: program)
  }

  /// Compares both networks.
  /// - Parameter progress: called with the share that is done; an error that it throws cancels the work.
  /// - Throws: `NetworkError`.
  func compare(_ images: CheckImages, _ progress: (Double) throws -> Void) throws -> PackingComparison {
    let check = try PackingCheck(
      model, lane.trained, pixels: images.pixels, labels: images.labels, images.indices, lane.compute,
      progress: progress)
    let (count, correct) = (Double(max(1, check.count)), check.correct ?? (0, 0))
    return PackingComparison(
      images: images.words, count: check.count, equalCount: check.equalCount,
      trainedAccuracy: Double(correct.trained) / count, packedAccuracy: Double(correct.packed) / count,
      largestDifference: Double(check.largestShare), tieCount: check.ties.count,
      unexplainedCount: check.unexplained.count)
  }

  /// The layers, with a comparison.
  func packing(_ comparison: PackingComparison) -> LanePacking {
    let kernels = PackedRuntime(model.network, lane.compute, batch: 1).productKernels
    let layers = zip(ModelSummary(model.network).layers, kernels).map { layer, kernel in
      LanePacking.Layer(
        name: layer.name, output: layer.output, weights: layer.weights, input: layer.input, gives: layer.gives,
        bytes: layer.bytes, floatBytes: layer.floatBytes, floats: layer.floats, kernel: kernel)
    }
    let formats = ExportFormat.all.map { format in
      LanePacking.Format(
        name: format.name, summary: format.summary, file: ExportTarget.name(format, lane: weights.lane))
    }
    return LanePacking(
      weights: weights, layers: layers, comparison: comparison, kernels: BitKernels.best.name, formats: formats,
      notes: lane.notes.isEmpty ? nil : lane.notes)
  }

  /// Makes the files of an export.
  /// - Parameters:
  ///   - images: the images whose logits a reader can check.
  ///   - symbol: the name for files and symbols.
  /// - Throws: `NetworkError`, naming the layer that the format can't have.
  mutating func files(_ format: ExportFormat, symbol: String, golden images: [[UInt8]]) throws -> [ExportedFile] {
    model.addGolden(images, lane.compute)
    return try format.files(ExportRequest(model: model, name: symbol, trained: lane.trained))
  }
}
