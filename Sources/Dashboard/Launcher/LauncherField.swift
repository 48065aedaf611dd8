/// A field of the launcher's form.
package enum LauncherField: Hashable, Sendable {
  /// The data set.
  case dataset
  /// How many epochs each lane trains.
  case epochs
  /// The seed of every random draw.
  case seed
  /// Images a step, of every lane.
  case batchSize
  /// A lane: whether it trains, and its learning rate.
  case lane(String)
}
