/// The declared range, scale and unit of a hyperparameter.
package struct HyperparameterSpecification: Hashable, Codable, Sendable {
  /// What it is called on the screen.
  package var title: String
  /// Its unit, empty where it has none.
  package var unit: String
  /// The values allowed; meaningless for a choice.
  package var range: ClosedRange<Double>
  /// How it is stepped.
  package var scale: HyperparameterScale
  /// One line on what it does.
  package var summary: String
}
