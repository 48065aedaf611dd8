package import EngineProtocol
import RunStore
import Tensors

/// Answers what can be asked of the lanes of a recorded run, from their checkpoints and the run's data set.
///
/// The data set is read once, with the first question that needs it.
package final class RecordedLanes: @unchecked Sendable {
  // Questions are answered one after the other, so nothing is shared between threads.
  private let directory: String
  private let environment: [String: String]
  private let compute: Compute
  private let program: String
  private var data: LaneData?
  private var predictors: [String: LanePredictor] = [:]

  /// The lanes of the run in `directory`.
  /// - Parameters:
  ///   - environment: where to look for the data set.
  ///   - program: the version of signflip, for packed networks.
  package init(directory: String, environment: [String: String], threads: Int, program: String) {
    (self.directory, self.environment, self.program) = (directory, environment, program)
    compute = Compute(threads: threads)
  }

  /// Answers a command; nil if it asks for something else. Not for concurrent use.
  package func answer(_ command: EngineCommand, _ id: CommandID) -> EngineEvent? {
    switch command {
    case .inspectLane(let lane, let choice):
      answer(lane, .inspecting, id) {
        let choice = choice ?? .best
        let (source, branch) = try source(of: lane, choice)
        var (read, missing): (LaneData?, String?)
        do { read = try images() } catch { missing = "the images can't be read: \(error)" }
        var diagnostics = try LaneDiagnostics(source, choice, branch: branch, read, compute)
        if let missing { diagnostics.notes = [missing] + (diagnostics.notes ?? []) }
        return .laneInspected(id, diagnostics)
      }
    case .packLane(let lane, let choice):
      answer(lane, .packing, id) {
        let (source, network) = try network(of: lane, choice ?? .best)
        let packed = try PackedLane(source, network, program: program)
        let comparison = try packed.compare(CheckImages(validationOf: try images())) { _ in }
        return .lanePacked(id, packed.packing(comparison))
      }
    case .classifyLane(let lane, let choice):
      answer(lane, .classifying, id) {
        let predictor = LanePredictor(try network(of: lane, choice ?? .best).network, try images())
        if choice != .newest { predictors[lane] = predictor }
        return .laneClassified(id, try predictor.predictions { _ in })
      }
    case .findRate(let search):
      answer(search.lane, .searching, id) {
        let history = try RunArchive.outline(of: directory, points: false)
        guard let lane = history.lineage.lane(search.lane),
          let checkpoint = history.lineage.checkpoints(of: lane, among: history.checkpoints).first
        else { throw ExperimentError(code: .unfit, message: "lane \(search.lane) has no checkpoint") }
        let file = try RunArchive.file(of: checkpoint, in: directory)
        let sweep = try RateSweep(
          SafetensorsImage.read(file.path, sha256: nil), branch: checkpoint.branch, data: try images(),
          seed: history.description.seed, threads: compute.threads)
        return .rateFound(id, try sweep.run(search) { _ in })
      }
    case .compareMoments(let request):
      answer(request.lane, .comparing, id) {
        let history = try RunArchive.outline(of: directory, points: false)
        let known = history.checkpoints.filter { $0.lane == request.lane }
        let paths = try [request.first, request.second].map { place in
          try RunArchive.file(of: try place.find(in: known), in: directory).path
        }
        return .momentsCompared(
          id, try MomentsComparison(request, paths: (paths[0], paths[1]), data: try? images(), compute))
      }
    case .answerImage(let question): answer(question, id)
    case .readWeights(let request):
      answer(request.lane, .reading, id) {
        let checkpoints = try LaneCheckpoints(of: request.lane, in: directory)
        let tensors = try checkpoints.open(step: request.step, branch: request.branch).layer(request.layer)
        let weights = try LayerWeights(
          tensors, request, branch: checkpoints.branch, images: try trainingCount(), compute
        ) { item, isMoving in
          try checkpoints.course(of: request, item, isMoving: isMoving, upTo: tensors.state.step)
        }
        return .weightsRead(id, weights)
      }
    default: nil
    }
  }

  private func answer(
    _ lane: String, _ work: DeploymentFailure.Work, _ id: CommandID, _ body: () throws -> EngineEvent
  ) -> EngineEvent {
    do {
      return try body()
    } catch {
      return .deploymentFailed(id, DeploymentFailure(lane: lane, work: work, reason: "\(error)"))
    }
  }

  // With the weights of the best validation. Lanes without a checkpoint are left out.
  private func answer(_ question: ImageQuestion, _ id: CommandID) -> EngineEvent {
    do {
      let reading = try ImageReading(question, try images())
      let history = try RunArchive.outline(of: directory, points: false)
      let lanes = history.lineage.lanes.map(\.description.name)
      let known = try lanes.filter { lane in
        history.checkpoints.contains { $0.lane == lane }
      }.map { lane in try predictor(of: lane).answer(reading.pixels) }
      return .imageAnswered(id, reading.answers(known))
    } catch {
      return .refused(id, "the image can't be classified: \(error)")
    }
  }

  private func predictor(of lane: String) throws -> LanePredictor {
    if let known = predictors[lane] { return known }
    let predictor = LanePredictor(try network(of: lane, .best).network, try images())
    predictors[lane] = predictor
    return predictor
  }

  private func network(of lane: String, _ choice: WeightsChoice) throws -> (source: TrainedLane, network: LaneNetwork) {
    let (source, branch) = try source(of: lane, choice)
    return (source, try LaneNetwork(source, choice, branch: branch, try images(), compute))
  }

  private func source(of lane: String, _ choice: WeightsChoice) throws -> (TrainedLane, branch: Int) {
    let source = try TrainedLane(run: directory, lane: lane, choice == .best ? .best : .last)
    return (source, try RunArchive.outline(of: directory, points: false).lineage.lane(lane)?.branch ?? 1)
  }

  private func trainingCount() throws -> Int {
    try RunArchive.outline(of: directory, points: false).description.trainingCount
  }

  private func images() throws -> LaneData {
    if let data { return data }
    let history = try RunArchive.outline(of: directory, points: false)
    let recorded = try RecordedExperiment(history, environment: environment)
    let read = try LaneData(
      try recorded.load { _ in }, experiment: recorded.experiment, threads: compute.threads, progress: { _ in })
    data = read
    return read
  }
}
