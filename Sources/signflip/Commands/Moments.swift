import ArgumentParser
import EngineProtocol
import Foundation
import RunStore
import Training
import TrainingMetrics

struct Moments: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "moments", abstract: "Compare two checkpoints of a recorded lane.",
    discussion: """
      Loss and accuracy, changed hyperparameters, and by layer how many weights have another sign, with the figures of \
      signflip inspect. signflip runs show lists the checkpoints.
      """)

  @Argument(help: ArgumentHelp("The run's name, its beginning or end, its directory, or “last”.", valueName: "run"))
  var name: String

  @Argument(help: "The lane.")
  var lane: String

  @Argument(help: "The step of one checkpoint.")
  var first: Int

  @Argument(help: "The step of the other one.")
  var second: Int

  @Option(help: "The branch of the first checkpoint.")
  var firstBranch = 1

  @Option(help: "The branch of the second checkpoint.")
  var secondBranch = 1

  @Flag(help: "Print one JSON object.")
  var json = false

  @OptionGroup var runs: RunsOption

  func run() throws {
    let (lanes, name) = try RecordedLanes.opened(runs.folder.find(name), lane: lane)
    let request = MomentsRequest(
      lane: name, first: .init(branch: firstBranch, step: first), second: .init(branch: secondBranch, step: second))
    guard case .momentsCompared(_, let comparison) = try lanes.result(of: .compareMoments(request)) else { return }
    if json {
      return try StandardStream.output.print(String(decoding: EngineJSON.encoder().encode(comparison), as: UTF8.self))
    }
    let (a, b) = (comparison.first, comparison.second)
    var table = TextTable([.word("lane \(name)"), .number("step \(first)"), .number("step \(second)")])
    func number(_ value: Double?) -> String { value.map(NumberFormat.loss) ?? "–" }
    table.rows.append(["epoch", NumberFormat.fixed(a.epoch, decimals: 2), NumberFormat.fixed(b.epoch, decimals: 2)])
    table.rows.append(["training loss", number(a.trainLoss), number(b.trainLoss)])
    table.rows.append([
      "validation accuracy", ResultTable.percent(a.validationAccuracy), ResultTable.percent(b.validationAccuracy),
    ])
    for setting in a.hyperparameters {
      let other = b.hyperparameters.first { $0.hyperparameter == setting.hyperparameter }?.value
      if other != setting.value {
        table.rows.append([setting.hyperparameter.rawValue, "\(setting.value)", other.map { "\($0)" } ?? "–"])
      }
    }
    var layers = TextTable([
      .word("layer"), .number("weights"), .number("other signs"), .number("share"), .number("cos θ"),
      .number("cos θ then"),
    ])
    for layer in comparison.layers {
      func alignment(_ moment: MomentsComparison.Moment) -> String {
        number(moment.diagnostics.layers.first { $0.name == layer.name }?.weights?.alignment)
      }
      layers.rows.append([
        layer.name, String(layer.weights), String(layer.differing),
        NumberFormat.percent(Double(layer.differing) / Double(max(1, layer.weights))), alignment(a), alignment(b),
      ])
    }
    try StandardStream.output.print([table.text, layers.text].joined(separator: "\n\n"))
  }
}
