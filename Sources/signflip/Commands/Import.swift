import ArgumentParser
import Deployment
import EngineProtocol
import Foundation
import NeuralNetworks
import Training
import TrainingMetrics

struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Import weights that were trained elsewhere, as a run.",
    discussion: """
      Reads a safetensors file, such as a PyTorch state dict, and makes a run of one lane whose first checkpoint has these \
      weights. The run can be exported, or trained further with `signflip resume`.

      Tensors are paired by name. The rest is paired by kind and shape, equal shapes in the order of their names; all \
      pairs are printed. A map decides otherwise: a YAML file with lines such as `hidden1.weights: net.0.weight`. A number \
      instead of a name fills the tensor with it, and `ignore: [NAME, ...]` leaves out tensors of the file. Tensors that are \
      missing or not used are an error.
      """)

  @Argument(help: "The safetensors file.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "A network: \(NetworkLibrary.names.joined(separator: ", ")); the units of hidden layers, such as 256,256; or a YAML file with a list of layers or an experiment.",
      valueName: "name|yaml"))
  var network: String

  @Option(
    help: "The method: \(Method.all.map(\.name).joined(separator: ", ")). Not for an experiment, which has its own.")
  var method: Method?

  @Option(help: ArgumentHelp("A YAML file that says which tensor is which.", valueName: "file"))
  var map: String?

  @Option(
    help: ArgumentHelp(
      "The order in which the other program flattens images. (default: channelsFirst, as PyTorch; of a file from signflip, channelsLast)",
      valueName: WeightImport.FlattenOrder.allCases.map(\.rawValue).joined(separator: "|")))
  var flatten: WeightImport.FlattenOrder?

  @Option(help: "The experiment's lane; not needed if it has one.")
  var lane: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Set a key of the lane, key=value, such as hidden=[256,256].", valueName: "change"))
  var changes: [String] = []

  @Option(help: ArgumentHelp("The data set that the weights are for: a name, or a folder.", valueName: "name|dir"))
  var dataset: String?

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"))
  var data: String?

  @OptionGroup var runs: RunsOption

  func run() throws {
    let tensors = try ForeignTensors(path: file)
    let map = try map.map { try ImportMap(yaml: ExperimentResolver.read($0, as: "a map"), source: $0) }
    let lane = ImportedLane(tensors, map: map, order: flatten) { Self.show($0) }
    let engine = LocalEngine(program: Signflip.version)
    var output = ImportOutput()
    engine.start(try request(), importing: lane)
    var cursor = EventCursor.withoutPoints
    func takeEvents() {
      let batch = engine.events(after: cursor)
      cursor = batch.cursor
      for event in batch.events { output.take(event, engine) }
    }
    while !output.hasFailed, !engine.isSuspended {
      takeEvents()
      Thread.sleep(forTimeInterval: 0.02)
    }
    let problem = engine.close()
    // The last ones tell of the checkpoint.
    takeEvents()
    try output.finish(problem)
  }

  private func request() throws -> ExperimentRequest {
    let name = URL(filePath: file).deletingPathExtension().lastPathComponent
    return ExperimentRequest(
      source: .text(
        try ImportedLane.experiment(network: network, method: method, name: name), name: "--network \(network)"),
      dataset: dataset, dataDirectory: data, settings: changes, lanes: lane.map { [$0] }, runsDirectory: runs.path)
  }

  private static func show(_ weights: WeightImport) {
    var table = TextTable([.word("tensor"), .word("shape"), .word("from"), .word("")])
    for row in weights.rows {
      table.rows.append([row.name, row.shape.map(String.init).joined(separator: "×"), row.source, row.note])
    }
    try? StandardStream.output.print(table.text)
    if !weights.ignored.isEmpty {
      try? StandardStream.output.print("not used: \(weights.ignored.map(\.printableLine).joined(separator: ", "))")
    }
    for remark in weights.remarks { try? StandardStream.output.print(remark.printableLine) }
  }
}

extension WeightImport.FlattenOrder: ExpressibleByArgument {}

/// The result of an import: the run and its first checkpoint.
private struct ImportOutput {
  private var run: RunDescription?
  private var accuracy: Double?
  private var failure: String?
  private var hasCheckpoint = false

  /// Whether nothing was started.
  var hasFailed: Bool { failure != nil }

  mutating func take(_ event: EngineEvent, _ engine: LocalEngine) {
    switch event {
    case .started(let description):
      run = description
      // The lane suspends itself; this tells the engine.
      engine.send(.suspend)
    case .epoch(let report): accuracy = report.validationAccuracy
    case .checkpointed: hasCheckpoint = true
    case .failed(let reason, _): failure = reason
    case .health(let report): try? StandardStream.error.print(report.message.printableLine)
    default: break
    }
  }

  func finish(_ problem: String?) throws {
    if let failure { throw TrainingError(failure) }
    if let problem { throw TrainingError("the run was not written: \(problem)") }
    guard let run, run.directory != nil, hasCheckpoint else { throw TrainingError("the run was not written") }
    let output = StandardStream.output
    if let accuracy {
      try output.print(
        "accuracy \(NumberFormat.percent(accuracy)) on \(NumberFormat.grouped(run.validationCount)) validation images of "
          + run.dataset)
    }
    try output.print("run \(run.id): signflip export \(run.id) packs it, signflip resume \(run.id) trains it further")
  }
}
