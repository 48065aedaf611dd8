import EngineProtocol

/// The built-in experiments.
package enum PresetLibrary {
  // In display order: quick ones, including the defaults, first.
  private static let presets = NamedTexts(
    "preset", or: "a YAML file", code: .unknownPreset,
    [
      ("mnist-quick", PackageResources.mnist_quick_yaml),
      ("fashion-quick", PackageResources.fashion_quick_yaml),
      ("digits-quick", PackageResources.digits_quick_yaml),
      ("mnist-reference", PackageResources.mnist_reference_yaml),
      ("mnist-reference-collapse", PackageResources.mnist_reference_collapse_yaml),
      ("mnist-binaryconnect", PackageResources.mnist_binaryconnect_yaml),
      ("mnist-bnn", PackageResources.mnist_bnn_yaml),
      ("fashion-bnn", PackageResources.fashion_bnn_yaml),
      ("stochastic-vs-deterministic", PackageResources.stochastic_vs_deterministic_yaml),
      ("ste-variants", PackageResources.ste_variants_yaml),
      ("bop-vs-latent", PackageResources.bop_vs_latent_yaml),
      ("mnist-lenet-xnor", PackageResources.mnist_lenet_xnor_yaml),
      ("cifar10-reference", PackageResources.cifar10_reference_yaml),
      ("cifar10-convnet", PackageResources.cifar10_convnet_yaml),
      ("cifar10-cnv", PackageResources.cifar10_cnv_yaml),
      ("cifar10-vgg-small", PackageResources.cifar10_vgg_small_yaml),
    ])

  /// The presets' names.
  package static var names: [String] { presets.names }

  /// Returns the quick preset of a data set.
  package static func quickPreset(dataset: String) -> String {
    switch dataset {
    case "mnist": "mnist-quick"
    case "fashion-mnist": "fashion-quick"
    default: "digits-quick"
    }
  }

  /// Returns the YAML of a preset as written.
  /// - Throws: `ExperimentError` if no preset has this name.
  package static func text(of name: String) throws -> String { try presets.text(of: name) }

  /// Returns a preset.
  package static func experiment(named name: String) throws -> Experiment {
    try ExperimentReader(source: "preset \(name)").read(try text(of: name))
  }
}
