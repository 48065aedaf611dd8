/// The keys that the lanes of a run were given, in order, each with its value in few characters.
package struct GivenKeys: Hashable, Sendable {
  /// A key with its value.
  package struct Key: Hashable, Sendable {
    /// The key, as in an experiment's YAML.
    package var name: String
    /// The value with which the lane began.
    package var value: String
    /// The value that it was changed to last; nil where it never was.
    package var last: String?

    /// A key with its value.
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }

    /// “1e-3”, or “1e-3 → 3e-4”.
    var text: String {
      guard let last, last != value else { return value }
      return "\(value) → \(last)"
    }
  }

  /// The keys of each lane, by its name.
  package var lanes: [String: [Key]]

  /// The keys of lanes.
  package init(lanes: [String: [Key]] = [:]) { self.lanes = lanes }
}
