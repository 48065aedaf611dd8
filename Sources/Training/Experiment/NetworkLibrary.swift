package import NeuralNetworks
import Yams

/// The networks that have a name.
package enum NetworkLibrary {
  private static let files: [(name: String, bytes: [UInt8])] = [
    ("lenet-5", PackageResources.lenet_5_yaml),
    ("convnet-50-100-200", PackageResources.convnet_50_100_200_yaml),
    ("reference-convnet", PackageResources.reference_convnet_yaml),
    ("cnv", PackageResources.cnv_yaml),
    ("vgg-small", PackageResources.vgg_small_yaml),
  ]

  /// The networks' names.
  package static var names: [String] { files.map(\.name) }

  /// The YAML list of a network's layers, as it is written.
  /// - Throws: `ExperimentError` where no network has the name.
  package static func text(of name: String) throws -> String {
    guard let file = files.first(where: { $0.name == name }) else {
      throw ExperimentError(
        code: .invalidValue,
        message: "unknown network “\(name)”; expected one of \(names.joined(separator: ", "))")
    }
    return String(decoding: file.bytes, as: UTF8.self)
  }

  /// A network's layers.
  package static func layers(named name: String) throws -> [LayerPlan] {
    let text = try text(of: name)
    guard let nodes = try compose(yaml: text)?.sequence else {
      throw ExperimentError(code: .malformed, message: "network \(name): expected a list of layers")
    }
    return try LayerListReader(source: "network \(name)").read(nodes, path: "layers")
  }
}
