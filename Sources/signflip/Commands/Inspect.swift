import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import Tensors
import Training
import TrainingMetrics

struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show why a lane learns, layer by layer: its weights, signs, normalizations and gradients.",
    discussion: """
      Signs, normalizations and gradients are measured on the first \(LaneDiagnostics.batchSize) validation images of the \
      run's data set. Of a single checkpoint file only the weights are measured. The page Diagnostics of the \
      documentation explains every figure.
      """)

  @Argument(
    help: ArgumentHelp(
      "The run's name, its beginning or end, its directory, “last”, or a checkpoint file.", valueName: "run"))
  var name: String

  @Argument(help: "The lane; optional if the run has only one.")
  var lane: String?

  @Option(help: "The weights: best (best validation result), last (newest), or the step of a checkpoint.")
  var checkpoint = TrainedLane.Choice.last

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var runs: RunsOption

  func run() throws {
    let diagnostics = try measure()
    if json {
      return try StandardStream.output.print(String(decoding: EngineJSON.encoder().encode(diagnostics), as: UTF8.self))
    }
    try print(diagnostics)
  }

  private func measure() throws -> LaneDiagnostics {
    let compute = Compute(threads: ProcessInfo.processInfo.activeProcessorCount)
    var isFolder: ObjCBool = false
    if name.hasSuffix(".safetensors"), FileManager.default.fileExists(atPath: name, isDirectory: &isFolder),
      !isFolder.boolValue
    {
      guard lane == nil else { throw TrainingError("\(name): expected no lane with a checkpoint file, found one") }
      if case .step = checkpoint {
        throw TrainingError("\(name): expected --checkpoint best or last for a checkpoint file, found a step")
      }
      return try LaneDiagnostics(file: name, checkpoint, compute)
    }
    return try LaneDiagnostics(
      run: runs.folder.find(name), lane: lane, checkpoint, environment: ProcessInfo.processInfo.environment, compute)
  }

  private func print(_ diagnostics: LaneDiagnostics) throws {
    let output = StandardStream.output
    let (weights, layers) = (diagnostics.weights, diagnostics.layers)
    var heading =
      "lane \(weights.lane.printableLine), \(weights.choice.rawValue) weights: step \(weights.step), "
      + "epoch \(NumberFormat.fixed(weights.epoch, decimals: 2))"
    if let batch = diagnostics.batch {
      heading += "; \(batch.images.count) validation images, loss \(NumberFormat.loss(batch.loss))"
    }
    try output.print(heading)
    try output.print("")
    try output.print(weightTable(layers).text)
    if layers.contains(where: { $0.activations != nil || $0.lag != nil }) {
      try output.print("")
      try output.print(activationTable(layers).text)
    }
    for note in diagnostics.notes ?? [] { try output.print("note: \(note.printableLine)") }
  }

  private func weightTable(_ layers: [LayerDiagnostics]) -> TextTable {
    var table = TextTable([
      .word("weights of"), .number("shape"), .number("+1"), .number("0"), .number("entropy"), .number("cos θ"),
      .number("at clip"), .number("dead"), .number("never flipped"), .number("3×3 kernels"), .number("gradient"),
    ])
    for layer in layers {
      guard let shape = layer.weightShape else { continue }
      let weights = layer.weights
      table.rows.append([
        layer.name, shape.map(String.init).joined(separator: "×"), percent(weights?.plusShare),
        percent(weights?.zeroShare), number(weights?.meanEntropy), number(weights?.alignment),
        percent(weights?.clippedShare), percent(weights?.deadShare), percent(weights?.neverFlippedShare),
        weights?.kernels.map { "\($0.distinctUpToInversion) of \($0.count)" } ?? "–",
        layer.gradientNorm.map { NumberFormat.significant($0, digits: 3) } ?? "–",
      ])
    }
    return table
  }

  private func activationTable(_ layers: [LayerDiagnostics]) -> TextTable {
    var table = TextTable([
      .word("signs and normalization of"), .number("output"), .number("+1"), .number("dead units"),
      .number("closed gates"), .number("degeneration"), .number("saturation"), .number("mismatch"),
      .number("mean lag"), .number("largest lag"),
    ])
    for layer in layers {
      guard layer.activations != nil || layer.lag != nil else { continue }
      let signs = layer.activations
      table.rows.append([
        layer.name, layer.output.map(String.init).joined(separator: "×"), percent(signs?.plusShare),
        percent(signs?.deadShare), percent(signs?.closedShare), number(signs?.degeneration),
        number(signs?.saturation), number(signs?.mismatch), number(layer.lag?.mean), number(layer.lag?.maximum),
      ])
    }
    return table
  }

  private func percent(_ share: Double?) -> String { share.map { NumberFormat.percent($0, decimals: 1) } ?? "–" }

  private func number(_ value: Double?) -> String { value.map { NumberFormat.significant($0, digits: 3) } ?? "–" }
}
