import ArgumentParser
import Datasets
import Deployment
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Measure a packed model's accuracy on the test images of a data set.")

  @Argument(help: ArgumentHelp("The model's file.", valueName: "file"))
  var file: String

  @Option(help: "The name of a data set, or a folder with its files; by default the data set of the training.")
  var dataset: String?

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"))
  var data: String?

  @Option(help: "Number of threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("expected --threads from 1 to 1024, found \(threads)")
    }
  }

  func run() throws {
    let model = try PackedModel(path: file)
    let library = DatasetLibrary(dataDirectory: data, environment: ProcessInfo.processInfo.environment)
    let set = try library.load(dataset ?? model.data.dataset, skippingUnreadable: false, progress: nil)
    guard set.test.shape == model.data.image else {
      throw TrainingError("\(set.origin): expected images of \(model.data.image), found \(set.test.shape)")
    }
    guard set.classes == model.data.classes else {
      throw TrainingError(
        "\(set.origin): expected the classes \(model.data.classes.joined(separator: ", ").printableLine), "
          + "found \(set.classes.joined(separator: ", ").printableLine)")
    }
    let progress = ShareLine()
    let evaluation = ConfusionMatrix(
      model, pixels: set.test.pixels, labels: set.test.labels, Compute(threads: threads)
    ) { progress.show("evaluating", $0) }
    progress.clear()
    if json {
      return try StandardStream.output.print(JSONLines.text(EvaluationLine(set.name, set.classes, evaluation)))
    }
    try print(evaluation, set.classes)
  }

  private func print(_ evaluation: ConfusionMatrix, _ classes: [String]) throws {
    let output = StandardStream.output
    var table = TextTable(
      [.word("class"), .number("images"), .number("precision"), .number("recall")]
        + classes.indices.map { .number("\($0)") })
    for label in classes.indices {
      func percent(_ share: Double?) -> String { share.map { NumberFormat.percent($0, decimals: 1) } ?? "-" }
      table.rows.append(
        [
          "\(label) \(classes[label])", NumberFormat.grouped(evaluation.images(label)),
          percent(evaluation.precision(label)), percent(evaluation.recall(label)),
        ] + evaluation.counts[label].map { $0 == 0 ? "·" : "\($0)" })
    }
    try output.print(table.text)
    try output.print("(one row per class, one column per prediction)")
    try output.print(
      "accuracy \(NumberFormat.percent(evaluation.accuracy)): \(NumberFormat.grouped(evaluation.correct)) of "
        + "\(NumberFormat.grouped(evaluation.count)) images")
  }
}

/// An evaluation in JSON.
private struct EvaluationLine: Encodable {
  var dataset: String
  var images, correct: Int
  var accuracy: Double
  var classes: [String]
  var confusion: [[Int]]

  init(_ dataset: String, _ classes: [String], _ evaluation: ConfusionMatrix) {
    self.dataset = dataset
    self.classes = classes
    (images, correct, accuracy, confusion) = (
      evaluation.count, evaluation.correct, evaluation.accuracy, evaluation.counts
    )
  }
}
