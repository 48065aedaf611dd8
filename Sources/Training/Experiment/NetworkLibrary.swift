import EngineProtocol
package import NeuralNetworks
package import Tensors
import Yams

/// The built-in networks.
package enum NetworkLibrary {
  private static let digit = ImageShape(height: 28, width: 28, channels: 1)
  private static let picture = ImageShape(height: 32, width: 32, channels: 3)

  // The name, the YAML, and the image shape that the network is designed for.
  private static let files: [(name: String, bytes: [UInt8], input: ImageShape)] = [
    ("lenet-5", PackageResources.lenet_5_yaml, digit),
    ("convnet-50-100-200", PackageResources.convnet_50_100_200_yaml, picture),
    ("reference-convnet", PackageResources.reference_convnet_yaml, picture),
    ("cnv", PackageResources.cnv_yaml, picture),
    ("vgg-small", PackageResources.vgg_small_yaml, picture),
    ("resnet-20", PackageResources.resnet_20_yaml, picture),
  ]

  private static let texts = NamedTexts("network", code: .invalidValue, files.map { ($0.name, $0.bytes) })

  /// The networks' names.
  package static var names: [String] { texts.names }

  /// Returns the YAML list of a network's layers as written.
  /// - Throws: `ExperimentError` if no network has this name.
  package static func text(of name: String) throws -> String { try texts.text(of: name) }

  /// Returns the image shape that a network is designed for; CIFAR-10's for a network without a name.
  package static func defaultInput(of name: String) -> ImageShape {
    files.first { $0.name == name }?.input ?? picture
  }

  /// A network's layers.
  /// - Throws: `ExperimentError`.
  package static func layers(named name: String) throws -> [LayerPlan] {
    try layers(in: text(of: name), source: "network \(name)")
  }

  /// Returns the YAML list of layers of a network, given by name or file.
  /// - Throws: `ExperimentError`.
  package static func text(nameOrPath name: String) throws -> String {
    names.contains(name) || !name.contains(where: { $0 == "/" || $0 == "." })
      ? try text(of: name) : try ExperimentResolver.read(name, as: "a list of layers")
  }

  /// Returns the layers of a network, given by name or file.
  /// - Throws: `ExperimentError`.
  package static func layers(nameOrPath name: String) throws -> [LayerPlan] {
    try layers(in: text(nameOrPath: name), source: name)
  }

  /// Reads a YAML list of layers.
  /// - Throws: `ExperimentError`.
  static func layers(in text: String, source: String) throws -> [LayerPlan] {
    let root: Node?
    do { root = try compose(yaml: text) } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let nodes = root?.sequence else {
      throw ExperimentError(code: .malformed, message: "\(source): expected a list of layers")
    }
    return try LayerListReader(source: .lines(source)).read(nodes, path: "layers")
  }
}
