import ArgumentParser
import Deployment
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

struct ModelFiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Show and check exported models.",
    subcommands: [ShowModel.self, VerifyModel.self])
}

struct ShowModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print a packed model's layers: types of weights and values, float operations, bytes.")

  @Argument(help: ArgumentHelp("The model's file.", valueName: "file"))
  var file: String

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let model = try PackedModel(path: file)
    let summary = ModelSummary(model.network)
    if json { return try StandardStream.output.print(JSONLines.text(ModelLine(model, summary))) }
    let output = StandardStream.output
    var table = TextTable([
      .word("layer"), .word("output"), .word("in"), .word("weights"), .word("out"), .number("bytes"),
      .number("as float"),
      .number("products"), .number("constant"), .word("stays float"),
    ])
    for layer in summary.layers {
      table.rows.append([
        layer.name, layer.output, layer.input, layer.weights, layer.gives, NumberFormat.grouped(layer.bytes),
        NumberFormat.grouped(layer.floatBytes), NumberFormat.grouped(layer.products),
        layer.constants == 0 ? "-" : "\(layer.constants)", layer.floats.joined(separator: ", "),
      ])
    }
    table.rows.append([
      "all", "", "", "", "", NumberFormat.grouped(summary.bytes), NumberFormat.grouped(summary.floatBytes), "", "", "",
    ])
    try output.print(table.text)
    let (data, provenance) = (model.data, model.provenance)
    try output.print("images: \(data.image) of \(data.dataset), \(preparation(of: model))")
    try output.print("classes: \(data.classes.map(\.printableLine).joined(separator: ", "))")
    let accuracy = provenance.testAccuracy.map { ", test accuracy \(NumberFormat.percent($0))" } ?? ""
    try output.print(
      "trained as: \(provenance.network.printableLine), lane \(provenance.lane.printableLine)"
        + (provenance.run.isEmpty ? "" : " of \(provenance.run.printableLine)")
        + " at step \(provenance.step)\(accuracy)")
    try output.print(
      "weights: SHA-256 \(provenance.weightsSHA256); packed by signflip \(provenance.program.printableLine)")
  }

  private func preparation(of model: PackedModel) -> String {
    guard let pixels = model.data.pixelScale else { return "prepared by \(model.data.preparation.rawValue)" }
    let pairs = zip(pixels.lower, pixels.scale).map { "\($0) + \($1)·byte" }
    return Set(pairs).count == 1 ? pairs[0] : pairs.joined(separator: ", ")
  }
}

/// A packed model in JSON.
private struct ModelLine: Encodable {
  var layers: [ModelSummary.Layer]
  var bytes, floatBytes: Int
  var provenance: PackedModel.Provenance
  var dataset: String
  var image: ImageShape
  var classes: [String]

  init(_ model: PackedModel, _ summary: ModelSummary) {
    (layers, bytes, floatBytes) = (summary.layers, summary.bytes, summary.floatBytes)
    provenance = model.provenance
    (dataset, image, classes) = (model.data.dataset, model.data.image, model.data.classes)
  }
}

struct VerifyModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a packed model: its digests, its structure, and the logits of its golden samples.")

  @Argument(help: ArgumentHelp("The model's file.", valueName: "file"))
  var file: String

  func run() throws {
    let model = try PackedModel(path: file)
    let check = GoldenCheck(model, Compute(threads: 1))
    guard check.wrong.isEmpty else {
      throw TrainingError(
        "\(file): expected the stored logits of golden sample \(check.wrong[0]), found others")
    }
    try StandardStream.output.print(
      "\(file.printableLine): digests correct, \(check.count) golden samples give their stored logits (\(BitKernels.best.name) kernels)"
    )
  }
}
