import Datasets
import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

/// The packed network of an engine's lane, beside the trainer's.
struct PackedLane {
  /// The weights that were packed.
  let weights: DeployedWeights
  /// The trainer's network.
  let trained: TrainedNetwork
  /// The packed network.
  private(set) var model: PackedModel
  /// Remarks on the weights.
  let notes: [String]

  private let compute: Compute

  /// Packs a lane.
  /// - Parameter data: the images of the run.
  /// - Throws: `NetworkError` naming the layer that can't be packed; `SafetensorsError`, `ExperimentError`.
  init(
    _ lane: TrainedLane, _ choice: WeightsChoice, branch: Int, _ data: LaneData, _ compute: Compute, program: String
  ) throws {
    let state = try lane.state(LaneState.self)
    trained = try lane.network(compute)
    notes = try Self.notes(state, choice, trained.network, data, compute)
    model = try lane.packed(trained, program: program)
    self.compute = compute
    let place = state.map { Double($0.epoch) + Double($0.position) / Double(max(1, data.split.training.count)) }
    let best = state?.best.map { Double($0.epoch) }
    weights = DeployedWeights(
      lane: lane.checkpoint.lane, branch: branch, choice: choice, step: lane.checkpoint.step,
      epoch: (choice == .best ? best : place) ?? 0)
  }

  // Brings the network into the state in which the trainer validates it.
  private static func notes(
    _ state: LaneState?, _ choice: WeightsChoice, _ network: Network, _ data: LaneData, _ compute: Compute
  ) throws -> [String] {
    guard let state else { return [] }
    let plan = state.plan
    if choice == .best {
      return state.bestIsFloat == true
        ? ["the best validation so far is of float weights: nothing is packed as bits"] : []
    }
    var notes: [String] = []
    if plan.usesFloatWeights(atEpoch: Double(state.epoch)), let epoch = plan.binaryWeightsFrom {
      notes.append("the lane uses float weights until epoch \(epoch); packed are their signs")
    }
    if plan.binarization == .stochastic || plan.drawsActivations {
      let layout = plan.fittedLayout(for: data.dataset)
      let pass = PassContext(compute: compute, isTraining: false)
      network.estimateStatistics(
        BatchLoader(.training, data), of: data.split.training, batches: LaneModel.statisticsBatches,
        size: layout.evaluationBatch, pass)
      notes.append("the statistics of the deterministic network were estimated on training images")
    }
    return notes
  }

  /// Compares both networks.
  /// - Parameter progress: called with the share that is done; an error that it throws cancels the work.
  /// - Throws: `NetworkError`.
  func compare(_ images: CheckImages, _ progress: (Double) throws -> Void) throws -> PackingComparison {
    let check = try PackingCheck(
      model, trained, pixels: images.pixels, labels: images.labels, images.indices, compute, progress: progress)
    let (count, correct) = (Double(max(1, check.count)), check.correct ?? (0, 0))
    return PackingComparison(
      images: images.words, count: check.count, equalCount: check.equalCount,
      trainedAccuracy: Double(correct.trained) / count, packedAccuracy: Double(correct.packed) / count,
      largestDifference: Double(check.largestShare), tieCount: check.ties.count,
      unexplainedCount: check.unexplained.count)
  }

  /// The layers, with a comparison.
  func packing(_ comparison: PackingComparison) -> LanePacking {
    let kernels = PackedRuntime(model.network, compute, batch: 1).productKernels
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
      notes: notes.isEmpty ? nil : notes)
  }

  /// Makes the files of an export.
  /// - Parameters:
  ///   - images: the images whose logits a reader can check.
  ///   - symbol: the name for files and symbols.
  /// - Throws: `NetworkError`, naming the layer that the format can't have.
  mutating func files(_ format: ExportFormat, symbol: String, golden images: [[UInt8]]) throws -> [ExportedFile] {
    model.addGolden(images, compute)
    return try format.files(ExportRequest(model: model, name: symbol, trained: trained))
  }
}
