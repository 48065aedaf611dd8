import ArgumentParser
import EngineProtocol
import NeuralNetworks
import Tensors
import Training

struct ShowNetwork: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Print a network's layers: shapes, parameters, bytes and products.")

  @Argument(help: "The name of a network, or a YAML file with a list of layers.")
  var name: String

  @Option(help: "The method: \(Method.all.map(\.name).joined(separator: ", ")).")
  var method = Method.bnn

  @Option(help: "Layers with float weights: first, last, or first,last.")
  var float: String?

  @Option(help: "Layers with 8-bit weights: first, last, or first,last.")
  var eightBit: String?

  @Option(help: "Bits per weight with --method doReFa, 1 to 8. (default: 1)")
  var weightBits: Int?

  @Option(help: "The shape of an image: HEIGHTxWIDTHxCHANNELS. (default: 28x28x1 for lenet-5, otherwise 32x32x3)")
  var input: String?

  @Option(help: "Number of classes.")
  var classes = 10

  @Flag(help: "Print the YAML list of layers, as a template for your own network.")
  var yaml = false

  func validate() throws {
    guard (2...256).contains(classes) else {
      throw ValidationError("expected --classes from 2 to 256, found \(classes)")
    }
    let hasBits = method.keys.contains { $0.name == MethodKey.weightBits.name }
    guard weightBits == nil || hasBits else {
      throw ValidationError("expected --weight-bits with --method doReFa only, found --method \(method.name)")
    }
    guard (1...8).contains(weightBits ?? 1) else {
      throw ValidationError("expected --weight-bits from 1 to 8, found \(weightBits ?? 1)")
    }
    _ = try NetworkShape.parse(input)
    guard method.isBinary || float == nil && eightBit == nil else {
      throw ValidationError("expected --float and --eight-bit for a binary method, found --method baseline")
    }
    guard try ends("--float", float).isDisjoint(with: ends("--eight-bit", eightBit)) else {
      throw ValidationError("expected --eight-bit for layers without --float, found \(eightBit ?? "")")
    }
  }

  func run() throws {
    if yaml { return try StandardStream.output.write(NetworkLibrary.text(nameOrPath: name)) }
    let (floats, eightBits) = (try ends("--float", float), try ends("--eight-bit", eightBit))
    let plan = NetworkPlan(
      layers: try NetworkLibrary.layers(nameOrPath: name), method: method,
      options: weightBits.map { ["weightBits": .number(Double($0))] } ?? [:], keepsFirstFloat: floats.contains("first"),
      keepsLastFloat: floats.contains("last"), firstHasEightBits: eightBits.contains("first"),
      lastHasEightBits: eightBits.contains("last"), batchNormalization: NetworkShape.normalization)
    let layout = try NetworkLayout(
      plan, input: NetworkShape.parse(input) ?? NetworkLibrary.defaultInput(of: name), classes: classes)
    try StandardStream.output.print(NetworkTable(layout).text)
  }

  // Which of the first and the last layer an option names.
  private func ends(_ option: String, _ value: String?) throws -> Set<String> {
    let words = (value ?? "").split(separator: ",").map(String.init)
    guard words.allSatisfy({ ["first", "last"].contains($0) }) else {
      throw ValidationError("expected \(option) first, last or first,last, found \(value ?? "")")
    }
    return Set(words)
  }
}

extension Method: ExpressibleByArgument {
  /// The method of this name.
  public init?(argument: String) {
    guard let method = Method.named(argument) else { return nil }
    self = method
  }

  /// The method's name.
  public var defaultValueDescription: String { name }
  /// The names of all methods.
  public static var allValueStrings: [String] { all.map(\.name) }
}
