import Datasets
import Deployment
import EngineProtocol
import NeuralNetworks
import Tensors
import TrainingMetrics

/// A lane's network with its optimizer. It runs one training step, one evaluation or one change of a hyperparameter at
/// a time.
final class LaneModel {
  /// The plan, with all changes so far.
  private(set) var plan: LanePlan
  /// The network.
  let network: Network
  /// The network's layout.
  let layout: NetworkLayout
  /// Updates done.
  private(set) var step = 0
  /// The seconds of each phase of updates since the model was made.
  var phases = PhaseSeconds()

  // The fraction of the training that is done, for the annealed estimator.
  private var progress = 0.0
  private let compute: Compute
  private let data: LaneData
  private let seed: UInt64
  private let loader: BatchLoader
  private let logitsGradient: Tensor
  private let evaluationBatch: Int
  private let workspace = Workspace()
  private let teacher: Teacher?
  private var held = HeldOperands.signs
  // The fixed batch of `diagnostics`.
  private var diagnosisImages: Tensor?
  private var epochFlips = EpochFlipCounter()

  /// Builds the network of `plan` for the calling thread.
  init(_ plan: LanePlan, teacher: LanePlan? = nil, data: LaneData, seed: UInt64, threads: Int) {
    compute = Compute(threads: threads)
    self.plan = plan
    usesFloatWeights = plan.usesFloatWeights(atEpoch: 0)
    self.data = data
    // Equal networks start with equal weights in all lanes; later random numbers differ between lanes.
    self.seed = seed ^ LaneModel.hash(plan.drawName)
    let layout = plan.fittedLayout(for: data.dataset)
    evaluationBatch = layout.evaluationBatch
    self.layout = layout
    let network = layout.makeNetwork(
      plan.network, precision: plan.precision, seed: seed, compute)
    plan.optimizer.prepare(network.parameters, compute)
    self.network = network
    binaryLayers = network.layers.flatMap { layer in
      layer.parameters.filter(\.countsFlips).map { (layer.name, $0) }
    }
    self.teacher = teacher.map { [compute] in Teacher($0, data: data, compute) }
    loader = BatchLoader(.training, data)
    logitsGradient = Tensor(rows: 0, columns: data.dataset.classes.count)
    applyPlan()
  }

  /// Whether the newest update (before it: the first one) uses unquantized latent weights.
  private(set) var usesFloatWeights: Bool

  /// Whether binary weights are drawn for each batch.
  var drawsBinaryWeights: Bool { isStochastic && !usesFloatWeights }
  // Whether the plan's binarization is stochastic, which takes longer to look up than a small layer to compute.
  private var isStochastic = false

  // The form of latent weights in the current operands.
  private enum HeldOperands {
    case signs, values, draws
    // Made with settings of the method that have changed since.
    case outdated
  }

  /// The current distillation; nil if its weight is 0.
  var distillation: Distillation? { plan.distillation.flatMap { $0.weight > 0 ? $0 : nil } }

  /// The epoch of the teacher's weights that the lane has; 0 for none.
  var teacherEpoch: Int { teacher?.epoch ?? 0 }

  /// Replaces the teacher's weights by those after an epoch.
  /// - Throws: `SafetensorsError` if they are of another network.
  func takeTeacher(_ image: SafetensorsImage, epoch: Int) throws { try teacher?.take(image, epoch: epoch) }

  /// Whether running statistics are those of stochastic weights or activations, which the deterministic network does
  /// not have.
  var drawsInTraining: Bool { drawsBinaryWeights || plan.drawsActivations }

  /// The measurements of a training step.
  struct StepOutcome {
    var loss: Double
    var gradientNorm: Double
    var learningRate: Double
    var flips: Int
  }

  /// Why a step ended the training.
  enum StepFailure: Error {
    /// The loss is not finite. The weights are unchanged.
    case loss(Double)
    /// The gradient is not finite, and the weights were updated with it. The loss does not show this, because the sign
    /// of NaN is +1.
    case gradient
  }

  /// Runs one update on the images at `indices`.
  /// - Parameter upcoming: the images of the next update, if nothing changes.
  /// - Throws: `StepFailure`.
  func train(
    on indices: ArraySlice<Int32>, upcoming: ArraySlice<Int32>, epoch: Double
  ) throws(StepFailure) -> StepOutcome {
    var watch = PhaseWatch()
    let pass = PassContext(compute: compute, isTraining: true, seed: seed, step: step, workspace: workspace)
    let progress = epoch / Double(max(1, plan.epochs))
    anneal(progress: progress)
    network.setQuantizers(of: plan.network, progress: progress)
    usesFloatWeights = plan.usesFloatWeights(atEpoch: epoch)
    prepareTrainingOperands(pass)
    watch.end(.forward, &phases)
    let number = Int(epoch)
    let input = loader.batch(
      .init(indices: indices, epoch: number), upcoming: .init(indices: upcoming, epoch: number))
    watch.end(.data, &phases)
    let teacherLogits = distillation.flatMap { _ in teacher?.logits(of: input) }
    let logits = network.forward(input, pass)
    let labels = indices.map { data.dataset.training.labels[Int($0)] }
    var loss = plan.loss.value(
      logits, labels: labels, smoothing: plan.labelSmoothing ?? 0, gradient: logitsGradient, compute)
    if let distillation, let teacherLogits {
      loss = compute.distill(
        loss, logits: logits, teacher: teacherLogits, weight: distillation.weight,
        temperature: distillation.temperature, gradient: logitsGradient)
    }
    watch.end(.forward, &phases)
    guard loss.isFinite else { throw .loss(loss) }
    network.backward(logitsGradient, pass)
    network.regularize(plan.network, progress: progress, compute)
    watch.end(.backward, &phases)
    let rate = plan.schedule.rate(atEpoch: epoch, of: plan.epochs)
    let sums = plan.optimizer.update(
      network.parameters, learningRate: Float(rate), pass)
    watch.end(.update, &phases)
    guard sums.gradientSquareSum.isFinite else { throw .gradient }
    step += 1
    phases.steps += 1
    phases.images += indices.count
    return StepOutcome(
      loss: loss, gradientNorm: sums.gradientSquareSum.squareRoot(), learningRate: rate, flips: sums.flips)
  }

  /// Computes the running statistics of the deterministic network after training with stochastic weights or
  /// activations.
  func estimateStatistics() {
    guard drawsInTraining else { return }
    estimateStatistics(batches: Self.statisticsBatches, usesLatentWeights: usesFloatWeights)
  }

  /// Number of batches of training images from which the statistics of the deterministic network are estimated.
  static let statisticsBatches = 20

  /// Whether the network has running statistics.
  var hasStatistics: Bool { !network.buffers.isEmpty }

  /// Runs a measurement with running statistics of a few batches of training images, then restores the original ones
  /// exactly. Before the first update the original ones are of no batch at all, and an untrained network's loss with
  /// them is in the thousands.
  func withEstimatedStatistics<Outcome>(usesLatentWeights: Bool = false, _ measure: () -> Outcome) -> Outcome {
    let buffers = network.buffers.map(\.tensor)
    let copies = buffers.map { buffer in
      let copy = Tensor(rows: buffer.rows, columns: buffer.columns)
      copy.copy(from: buffer)
      return copy
    }
    estimateStatistics(batches: 5, usesLatentWeights: usesLatentWeights)
    let outcome = measure()
    for (buffer, copy) in zip(buffers, copies) { buffer.copy(from: copy) }
    return outcome
  }

  private func estimateStatistics(batches: Int, usesLatentWeights: Bool) {
    network.prepareOperands(usesLatentWeights ? .values : .signs, compute)
    held = usesLatentWeights ? .values : .signs
    let pass = PassContext(compute: compute, isTraining: false, workspace: workspace)
    network.estimateStatistics(loader, of: data.split.training, batches: batches, size: evaluationBatch, pass)
  }

  /// Computes the mean loss and the accuracy of the deterministic network, without label smoothing.
  /// - Parameter usesLatentWeights: whether to use latent weights instead of their signs.
  func evaluate(_ part: LaneData.Part, _ indices: [Int32], usesLatentWeights: Bool = false) -> Evaluation {
    network.prepareOperands(usesLatentWeights ? .values : .signs, compute)
    held = usesLatentWeights ? .values : .signs
    let pass = PassContext(compute: compute, isTraining: false, workspace: workspace)
    var lossSum = 0.0
    var correct = 0
    let (loader, images) = (BatchLoader(part, data), data.images(of: part))
    var batch = indices.prefix(evaluationBatch)
    while !batch.isEmpty {
      let upcoming = indices[batch.endIndex...].prefix(evaluationBatch)
      let logits = network.forward(
        loader.batch(.init(indices: batch), upcoming: .init(indices: upcoming)), pass)
      let labels = batch.map { images.labels[Int($0)] }
      lossSum += plan.loss.value(logits, labels: labels, gradient: nil, compute) * Double(batch.count)
      correct += compute.countCorrect(logits, labels: labels)
      batch = upcoming
    }
    let count = Double(max(1, indices.count))
    return Evaluation(loss: lossSum / count, accuracy: Double(correct) / count)
  }

  /// A mean loss and an accuracy, 0...1.
  struct Evaluation {
    var loss: Double
    var accuracy: Double
  }

  /// Continues with a plan whose hyperparameters were changed. Weights and optimizer state stay unchanged.
  func follow(_ changed: LanePlan) {
    let options = plan.network.options
    plan = changed
    applyPlan()
    if plan.network.options != options { held = .outdated }
  }

  /// Restores a checkpoint's state.
  /// - Returns: the weights of the best validation.
  /// - Throws: `SafetensorsError` if the file is not of this network.
  func restore(_ image: SafetensorsImage, _ state: LaneState) throws -> BestWeights {
    let best = try LaneStateFile.restore(image, state, to: network)
    epochFlips = EpochFlipCounter()
    plan = state.plan
    step = state.step
    applyPlan()
    // As in the newest update, which may have been the last one of an epoch.
    usesFloatWeights = plan.usesFloatWeights(
      atEpoch: Double(state.position > 0 ? state.epoch : max(0, state.epoch - 1)))
    network.prepareOperands(.signs, compute)
    held = .signs
    // At the end of an epoch, these are the signs with which those at the end of the next one are compared.
    if state.position == 0, !usesFloatWeights { _ = epochFlips.count(binaryLayers, step: step) }
    return best
  }

  /// Begins with weights from elsewhere.
  func take(_ weights: WeightImport) {
    weights.load(into: network)
    network.prepareOperands(.signs, compute)
    held = .signs
  }

  /// The figures of all layers but gradients, in the form in which the network was validated last. Nothing that training
  /// reads is changed.
  func diagnostics() -> [LayerDiagnostics] {
    if diagnosisImages == nil {
      let indices = data.split.validation.prefix(LaneDiagnostics.batchSize)
      guard !indices.isEmpty else { return [] }
      diagnosisImages = BatchLoader(.training, data).batch(.init(indices: indices))
    }
    guard let images = diagnosisImages else { return [] }
    let (activations, lags) = network.activationFigures(
      images, PassContext(compute: compute, isTraining: false, workspace: workspace))
    // While latent weights are used unquantized, there are no signs of them.
    guard held != .values else {
      epochFlips = EpochFlipCounter()
      return network.diagnostics(layout, activations: activations, lags: lags)
    }
    var weights = network.weightFigures(clipValue: plan.hasLatentWeights ? plan.optimizer.clipValue : nil) {
      $0.weightsByFlips.first
    }
    for (layer, flips) in epochFlips.count(binaryLayers, step: step) { weights[layer]?.epochFlips = flips }
    return network.diagnostics(layout, weights: weights, activations: activations, lags: lags)
  }

  private func anneal(progress: Double) {
    guard plan.network.ste == .annealed else { return }
    self.progress = progress
    applySettings()
  }

  private func applyPlan() {
    isStochastic = plan.binarization == .stochastic
    applySettings()
  }

  // Passes settings that may change during training to the layers that use them.
  private func applySettings() {
    network.apply(LayerSettings(plan.network, progress: progress, drawsSigns: plan.drawsActivations))
  }

  /// The weights whose flips are counted (binary and ternary), with their layers' names, in order.
  let binaryLayers: [(name: String, weights: Parameter)]

  /// Sign flips of each binary layer.
  var flips: [FlipStatistics] {
    binaryLayers.map { layer, parameter in
      FlipStatistics(
        layer: layer, weights: parameter.count,
        flipRate: Double(parameter.newestFlips) / Double(max(1, parameter.count)), totalFlips: parameter.totalFlips,
        weightsByFlips: parameter.weightsByFlips)
    }
  }

  /// Returns histograms of the latent weights of each binary layer, using every `stride`-th weight of large layers; for Bop
  /// of the margins b·m/τ over ±2: a weight flips at 1.
  func latentHistograms(stride: Int) -> [Histogram] {
    let bound = plan.readsLatentWeightsAsTheyAre ? plan.optimizer.clipValue : 1
    return binaryLayers.map { _, parameter in
      if !plan.optimizer.kind.hasLatentWeights, parameter.isBinary {
        return Histogram(
          lowerBound: -2, upperBound: 2,
          counts: compute.marginHistogram(
            of: parameter, threshold: plan.optimizer.flipThreshold ?? Optimizer.defaultThreshold, bound: 2, bins: 40,
            stride: stride))
      }
      return Histogram(
        lowerBound: -bound, upperBound: bound,
        counts: compute.histogram(of: parameter.value, bound: bound, bins: 40, stride: stride))
    }
  }

  private func prepareTrainingOperands(_ pass: PassContext) {
    if drawsBinaryWeights {
      // Quantized weights are never stochastic.
      if held == .values { network.prepareOperands(.signs, compute) }
      network.drawBinaryWeights(
        clipValue: plan.optimizer.clipValue, firstStream: NetworkLayout.Streams.binaryWeights, pass)
      held = .draws
      return
    }
    let wanted = usesFloatWeights ? HeldOperands.values : .signs
    guard held != wanted else { return }
    network.prepareOperands(usesFloatWeights ? .values : .signs, compute)
    held = wanted
  }

  // FNV-1a: the hash of a name must be the same in every run, unlike Swift's own.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension Network {
  /// Re-estimates the running statistics from the first training images.
  /// - Parameters:
  ///   - images: the training images.
  ///   - size: number of images per batch.
  func estimateStatistics(
    _ loader: BatchLoader, of images: [Int32], batches: Int, size: Int, _ pass: PassContext
  ) {
    estimateStatistics(batchCount: min(batches, max(1, images.count / size)), pass) { index in
      let begin = index * size
      return loader.batch(.init(indices: images[begin..<min(images.count, begin + size)]))
    }
  }
}
