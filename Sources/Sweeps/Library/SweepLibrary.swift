import Training

/// The built-in sweeps: claims of the field, each tried over seeds.
package enum SweepLibrary {
  // In display order.
  private static let sweeps = NamedTexts(
    "sweep", or: "a YAML file", code: .unknownPreset,
    [
      ("stochastic-digits", PackageResources.stochastic_digits_yaml),
      ("sign-gradients", PackageResources.sign_gradients_yaml),
      ("clip-window", PackageResources.clip_window_yaml),
      ("bop-gamma-threshold", PackageResources.bop_gamma_threshold_yaml),
      ("width-bits", PackageResources.width_bits_yaml),
      ("dropout-binary", PackageResources.dropout_binary_yaml),
    ])

  /// The sweeps' names.
  package static var names: [String] { sweeps.names }

  /// Returns the YAML of a built-in sweep as written.
  /// - Throws: `ExperimentError` if no sweep has this name.
  package static func text(of name: String) throws -> String { try sweeps.text(of: name) }

  /// Whether a word is a file rather than a sweep's name: it has a slash or the ending of a YAML file.
  package static func isFile(_ word: String) -> Bool {
    word.contains("/") || word.hasSuffix(".yaml") || word.hasSuffix(".yml")
  }

  /// Returns the text of a sweep's file, or of the built-in sweep of this name.
  /// - Throws: `ExperimentError`.
  package static func text(ofFileOrName word: String) throws -> String {
    isFile(word) ? try ExperimentResolver.read(word, as: "a sweep") : try text(of: word)
  }
}
