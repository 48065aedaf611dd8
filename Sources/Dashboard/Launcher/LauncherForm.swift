package import EngineProtocol

/// What was changed of an experiment before it starts; nil leaves it as the experiment says.
package struct LauncherForm: Hashable, Sendable {
  /// A data set by name, or a folder.
  package var dataset: String?
  /// How many epochs each lane trains.
  package var epochs: Int?
  /// The seed.
  package var seed: UInt64?
  /// Images a step, of every lane.
  package var batchSize: HyperparameterValue?
  /// Learning rates by lane.
  package var learningRates: [String: HyperparameterValue] = [:]
  /// The lanes left out.
  package var lanesLeftOut: Set<String> = []

  /// Nothing changed.
  package init() {}
}
