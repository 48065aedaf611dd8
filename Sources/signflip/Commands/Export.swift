import ArgumentParser
import Datasets
import Deployment
import EngineProtocol
import Foundation
import NeuralNetworks
import RunStore
import Tensors
import Training
import TrainingMetrics

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Export a trained network: as packed bits, as C code, or in another tool's format.",
    discussion: """
      The run may be finished or still training. Before a file is written, the results of the exported network are \
      compared with those of the trained network, on the test images of the run's data set, or on random images if it \
      is missing. If a difference can't be explained by rounding, the command fails and writes no file.

      Formats: \(ExportFormat.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")).
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's name, its beginning or end, its directory, “last”, or a checkpoint file.", valueName: "run"))
  var name: String

  @Argument(help: "The lane; optional if the run has only one.")
  var lane: String?

  @Option(help: "\(ExportFormat.all.map(\.name).joined(separator: ", ")).")
  var format = ExportFormat.packed

  @Option(help: "The weights: best (best validation result), last (newest), or the step of a checkpoint.")
  var checkpoint = TrainedLane.Choice.best

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp(
      "The file to write, or the folder for several files. By default, the lane's name in the current folder.",
      valueName: "path"))
  var output: String?

  @Flag(help: "Replace existing files.")
  var force = false

  @Option(help: "Threads for the comparison.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("expected --threads from 1 to 1024, found \(threads)")
    }
  }

  func run() throws {
    let lane = try trainedLane()
    let target = try hinting { try ExportTarget(format, path: output, lane: lane.checkpoint.lane, replaces: force) }
    let compute = Compute(threads: threads)
    let trained = try lane.network(compute)
    var model = try lane.packed(trained, program: ProgramVersion.current)
    let progress = ShareLine()
    let images = CheckImages(lane, environment: ProcessInfo.processInfo.environment)
    if let note = images.note { progress.note(note) }
    let check = try PackingCheck(
      model, trained, pixels: images.pixels, labels: images.labels, images.indices, compute
    ) { progress.show("comparing", $0) }
    progress.clear()
    try report(check, images)
    guard check.isSound else {
      throw TrainingError(
        "image \(check.unexplained[0]): the exported network gives other logits, and rounding does not explain it; no file was written"
      )
    }
    model.addGolden(images.first(8), compute)
    let request = ExportRequest(model: model, name: target.symbol, trained: trained)
    let files = try format.files(request)
    let paths = try hinting { try target.write(files) }
    let bytes = files.reduce(0) { $0 + $1.bytes.count }
    let float = 4 * trained.network.parameterCount
    try StandardStream.output.print(
      "\(NumberFormat.grouped(float)) bytes as float, \(NumberFormat.grouped(bytes)) as exported: "
        + "\(NumberFormat.fixed(Double(float) / Double(max(1, bytes)), decimals: 1)) times fewer")
    try StandardStream.output.print(paths.joined(separator: "\n"))
  }

  // Adds how to replace an existing file.
  private func hinting<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as NewFileError where error.code == .exists {
      throw TrainingError("\(error.message); --force replaces it")
    }
  }

  private func trainedLane() throws -> TrainedLane {
    var isFolder: ObjCBool = false
    if name.hasSuffix(".safetensors"), FileManager.default.fileExists(atPath: name, isDirectory: &isFolder),
      !isFolder.boolValue
    {
      guard lane == nil else { throw TrainingError("\(name): expected no lane with a checkpoint file, found one") }
      if case .step = checkpoint {
        throw TrainingError("\(name): expected --checkpoint best or last for a checkpoint file, found a step")
      }
      return try TrainedLane(file: name, checkpoint)
    }
    return try TrainedLane(run: runs.folder.find(name), lane: lane, checkpoint)
  }

  private func report(_ check: PackingCheck, _ images: CheckImages) throws {
    let output = StandardStream.output
    try output.print(
      "\(NumberFormat.grouped(check.equalCount)) of \(NumberFormat.grouped(check.count)) predictions equal on "
        + "\(images.words); logits differ by at most \(NumberFormat.significant(Double(check.largestDifference), digits: 2)), "
        + "\(NumberFormat.significant(Double(check.largestShare), digits: 2)) of an image's largest logit")
    if let correct = check.correct, check.count > 0 {
      let (trained, packed) = (
        Double(correct.trained) / Double(check.count), Double(correct.packed) / Double(check.count)
      )
      try output.print(
        "accuracy \(NumberFormat.percent(trained)) as trained, \(NumberFormat.percent(packed)) as exported")
    }
    for tie in check.ties.prefix(10) {
      try output.print(
        "image \(tie.image): a tie at unit \(tie.unit)\(tie.pixel > 0 ? ", pixel \(tie.pixel)" : "") of \(tie.layer): "
          + "\(tie.trained) as trained, \(tie.packed) exactly"
          + (tie.changesPrediction ? "; the prediction differs" : ""))
    }
    if check.ties.count > 10 { try output.print("and \(check.ties.count - 10) more ties") }
  }
}

extension ExportFormat: ExpressibleByArgument {
  /// The format with this name.
  public init?(argument: String) {
    guard let format = ExportFormat.all.first(where: { $0.name == argument }) else { return nil }
    self = format
  }

  /// The format's name.
  public var defaultValueDescription: String { name }
  /// The names of all formats.
  public static var allValueStrings: [String] { all.map(\.name) }
}

extension TrainedLane.Choice: ExpressibleByArgument {
  /// “best”, “last” or a step.
  public init?(argument: String) {
    switch argument {
    case "best": self = .best
    case "last": self = .last
    default:
      guard let step = Int(argument), step >= 0 else { return nil }
      self = .step(step)
    }
  }

  /// The argument that gives this choice.
  public var defaultValueDescription: String {
    switch self {
    case .best: "best"
    case .last: "last"
    case .step(let step): "\(step)"
    }
  }
}
