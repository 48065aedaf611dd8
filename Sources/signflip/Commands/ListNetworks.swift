import ArgumentParser
import NeuralNetworks
import Tensors
import Training
import TrainingMetrics

struct Networks: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the built-in networks, or show the layers and costs of a network.",
    subcommands: [ListNetworks.self, ShowNetwork.self], defaultSubcommand: ListNetworks.self)
}

struct ListNetworks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the built-in networks, which experiments can use by name.")

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

      products are multiply-accumulates per image. signflip networks show NAME prints the layers.
      """)
  }
}

/// The input shape to which a network is fitted without a data set.
enum NetworkShape {
  /// Settings of batch normalization, which do not affect a network's costs.
  static let normalization = BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9)

  /// Parses “32x32x3”; nil if the option is missing.
  static func parse(_ text: String?) throws -> ImageShape? {
    guard let text else { return nil }
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard numbers.count == 3, numbers.allSatisfy({ (1...4096).contains($0) }) else {
      throw ValidationError("expected --input HEIGHTxWIDTHxCHANNELS, such as 32x32x3, found \(text)")
    }
    return ImageShape(height: numbers[0], width: numbers[1], channels: numbers[2])
  }
}
