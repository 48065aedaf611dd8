import ArgumentParser
import NeuralNetworks
import Tensors
import Training
import TrainingMetrics

struct ListNetworks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the networks that an experiment can name.")

  func run() throws {
    var table = TextTable([.word("network"), .word("for"), .number("weights"), .number("products"), .word("layers")])
    for name in NetworkLibrary.names {
      let layout = try NetworkLayout(
        NetworkPlan(layers: NetworkLibrary.layers(named: name), batchNormalization: NetworkShape.normalization),
        input: NetworkLibrary.defaultInput(of: name), classes: 10)
      table.rows.append([
        name, "\(layout.input)", NumberFormat.grouped(layout.weightCount),
        NumberFormat.grouped(NetworkLayout.Arithmetic.allCases.reduce(0) { $0 + layout.products($1) }),
        layout.description,
      ])
    }
    try StandardStream.output.print(
      """
      \(table.text)

      products are multiply-accumulates for one image. signflip networks show NAME prints the layers.
      """)
  }
}
