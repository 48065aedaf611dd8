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
    abstract: "Take a trained network home: as bits, as C code, or in another tool's format.",
    discussion: """
      The run may be finished, or still train. Before anything is written, the exported network is compared with the \
      trainer's on the test images of the run's data set, or on drawn images where that is gone. A difference that can't \
      be explained is an error, and no file is written.

      Formats: \(ExportFormat.all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")).
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's name, the beginning or end of it, its directory, “last”, or a checkpoint file.", valueName: "run"))
  var name: String

  @Argument(help: "The lane; not needed where the run has one.")
  var lane: String?

  @Option(help: "\(ExportFormat.all.map(\.name).joined(separator: ", ")).")
  var format = ExportFormat.packed

  @Option(help: "Which weights: best for those with the best validation, last for the newest, or a checkpoint's step.")
  var checkpoint = TrainedLane.Choice.best

  @Option(
    name: [.short, .customLong("output")],
    help: ArgumentHelp("The new file, or the folder of several. Else the lane's name, here.", valueName: "path"))
  var output: String?

  @Flag(help: "Replace files that are there already.")
  var force = false

  @Option(help: "Threads to compare with.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @OptionGroup var runs: RunsOption

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("expected --threads from 1 to 1024, found \(threads)")
    }
  }

  func run() throws {
    let lane = try trainedLane()
    let target = try ExportTarget(format, path: output, name: lane.checkpoint.lane, replaces: force)
    let compute = Compute(threads: threads)
    let trained = try lane.network(compute)
    var model = try lane.packed(trained, program: ProgramVersion.current)
    let progress = ShareLine()
    let images = CheckImages(lane)
    if let note = images.note { progress.note(note) }
    let check = try PackingCheck(model, trained, pixels: images.pixels, labels: images.labels, compute) {
      progress.show("comparing", $0)
    }
    progress.clear()
    try report(check, images)
    guard check.isSound else {
      throw TrainingError(
        "image \(check.unexplained[0]): the exported network gives other logits, and no tie explains it; nothing was written"
      )
    }
    model.addGolden(images.first(8), compute)
    let request = ExportRequest(model: model, name: target.symbol, trained: trained)
    let files = try format.files(request)
    let paths = try target.write(files)
    let bytes = files.reduce(0) { $0 + $1.bytes.count }
    let float = 4 * trained.network.parameterCount
    try StandardStream.output.print(
      "\(NumberFormat.grouped(float)) bytes as float, \(NumberFormat.grouped(bytes)) as exported: "
        + "\(NumberFormat.fixed(Double(float) / Double(max(1, bytes)), decimals: 1)) times fewer")
    try StandardStream.output.print(paths.joined(separator: "\n"))
  }

  private func trainedLane() throws -> TrainedLane {
    var isFolder: ObjCBool = false
    if name.hasSuffix(".safetensors"), FileManager.default.fileExists(atPath: name, isDirectory: &isFolder),
      !isFolder.boolValue
    {
      guard lane == nil else { throw TrainingError("\(name): expected no lane beside a checkpoint file, found one") }
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
        + "\(NumberFormat.significant(Double(check.largestShare), digits: 2)) of an image's greatest")
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
          + "\(tie.trained) as trained, \(tie.packed) added up exactly"
          + (tie.changesPrediction ? "; the prediction differs" : ""))
    }
    if check.ties.count > 10 { try output.print("and \(check.ties.count - 10) more ties") }
  }
}

extension ExportFormat: ExpressibleByArgument {
  /// The form of a name.
  public init?(argument: String) {
    guard let format = ExportFormat.all.first(where: { $0.name == argument }) else { return nil }
    self = format
  }

  /// The name.
  public var defaultValueDescription: String { name }
  /// The names of all.
  public static var allValueStrings: [String] { all.map(\.name) }
}

extension TrainedLane.Choice: ExpressibleByArgument {
  /// best, last, or a step.
  public init?(argument: String) {
    switch argument {
    case "best": self = .best
    case "last": self = .last
    default:
      guard let step = Int(argument), step >= 0 else { return nil }
      self = .step(step)
    }
  }

  /// As it is typed.
  public var defaultValueDescription: String {
    switch self {
    case .best: "best"
    case .last: "last"
    case .step(let step): "\(step)"
    }
  }
}

/// The images that a network is compared on.
private struct CheckImages {
  let pixels: ByteStorage
  let labels: [UInt8]
  /// What they are: “10,000 test images of fashion-mnist”.
  let words: String
  /// Why others were taken than the test images; nil where these were.
  let note: String?

  private let size: Int

  init(_ lane: TrainedLane) {
    size = lane.checkpoint.data.image.features
    do {
      let dataset = try lane.dataset(environment: ProcessInfo.processInfo.environment)
      (pixels, labels) = (dataset.test.pixels, dataset.test.labels)
      (words, note) = ("\(NumberFormat.grouped(dataset.test.count)) test images of \(dataset.name)", nil)
    } catch {
      // Strokes and noise: whatever an image shows, both networks must give the same.
      var draws = Philox(seed: 1)
      pixels = ByteStorage((0..<200 * size).map { _ in UInt8(draws.next() & 255) })
      (labels, words, note) = ([], "200 drawn images", "the test images can't be had: \(error)")
    }
  }

  /// The first images.
  func first(_ count: Int) -> [[UInt8]] {
    (0..<min(count, pixels.count / size)).map { image in (image * size..<(image + 1) * size).map { pixels[$0] } }
  }
}

/// Where an export goes: looked at before the work begins.
private struct ExportTarget {
  /// A name for files and symbols: letters, digits and underscores.
  let symbol: String
  private let path: String
  private let isFolder: Bool
  private let replaces: Bool

  init(_ format: ExportFormat, path: String?, name: String, replaces: Bool) throws {
    let base = path.map { URL(filePath: $0).deletingPathExtension().lastPathComponent } ?? name
    var letters = base.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    if letters.first?.isNumber ?? true { letters.insert("n", at: 0) }
    let symbol = String(letters)
    self.symbol = symbol
    isFolder = format.suffix == nil
    self.path = path ?? (format.suffix.map { "\(symbol).\($0)" } ?? symbol)
    self.replaces = replaces
    if !isFolder, !replaces, FileManager.default.fileExists(atPath: self.path) {
      throw TrainingError("\(self.path): expected a new file, found one that is there already; --force replaces it")
    }
  }

  func write(_ files: [ExportedFile]) throws -> [String] {
    guard isFolder else {
      try NewFile.write(files[0].bytes, to: path, replaces: replaces)
      return [path]
    }
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw TrainingError("\(path): the folder can't be made: \(error.localizedDescription)")
    }
    let paths = files.map { "\(path)/\($0.name)" }
    if !replaces, let there = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) {
      throw TrainingError("\(there): expected a new file, found one that is there already; --force replaces it")
    }
    for (path, file) in zip(paths, files) { try NewFile.write(file.bytes, to: path, replaces: replaces) }
    return paths
  }
}
