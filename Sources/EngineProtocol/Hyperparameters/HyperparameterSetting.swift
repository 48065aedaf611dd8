/// A hyperparameter and its value.
package struct HyperparameterSetting: Hashable, Codable, Sendable {
  /// The hyperparameter.
  package var hyperparameter: Hyperparameter
  /// Its value.
  package var value: HyperparameterValue

  /// A hyperparameter with a value.
  package init(_ hyperparameter: Hyperparameter, _ value: HyperparameterValue) {
    self.hyperparameter = hyperparameter
    self.value = value
  }
}
