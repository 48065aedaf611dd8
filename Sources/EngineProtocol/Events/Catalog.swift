/// The presets and data sets that can be trained on this machine.
package struct Catalog: Hashable, Codable, Sendable {
  /// The presets, the default one first.
  package var presets: [Preset]
  /// The known data sets, whether found or not.
  package var datasets: [Dataset]
  /// The directories searched for data sets, in order.
  package var searchPath: [String]
  /// Why the default preset was chosen, in one line.
  package var defaultReason: String

  /// A catalog of presets and data sets.
  package init(presets: [Preset], datasets: [Dataset], searchPath: [String], defaultReason: String) {
    self.presets = presets
    self.datasets = datasets
    self.searchPath = searchPath
    self.defaultReason = defaultReason
  }

  /// An experiment that is built into the program.
  package struct Preset: Hashable, Codable, Sendable {
    /// Its name on the command line.
    package var name: String
    /// What it shows, in one line.
    package var summary: String
    /// The measured result of a full run.
    package var expectedResult: String
    /// The cost of a full run: epochs, and the time it took on the machine where it was measured.
    package var cost: String
    /// The data set it names.
    package var dataset: String
    /// Its lanes.
    package var lanes: [Lane]
    /// How many epochs it trains.
    package var epochs: Int
    /// Its seed.
    package var seed: UInt64

    /// Describes a preset.
    package init(
      name: String, summary: String, expectedResult: String, cost: String, dataset: String, lanes: [Lane], epochs: Int,
      seed: UInt64
    ) {
      self.name = name
      self.summary = summary
      self.expectedResult = expectedResult
      self.cost = cost
      self.dataset = dataset
      self.lanes = lanes
      self.epochs = epochs
      self.seed = seed
    }
  }

  /// A lane of a preset, before it trains.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var name: String
    /// Its method for display: “BinaryConnect, stochastic”.
    package var method: String
    /// Its hidden layers in short form: “2048·2048·2048”; inputs and classes depend on the data set.
    package var network: String
    /// The hyperparameters that can be set, with their initial values.
    package var hyperparameters: [HyperparameterSetting]

    /// Describes a lane.
    package init(name: String, method: String, network: String, hyperparameters: [HyperparameterSetting]) {
      self.name = name
      self.method = method
      self.network = network
      self.hyperparameters = hyperparameters
    }
  }

  /// A data set that the program knows.
  package struct Dataset: Hashable, Codable, Sendable {
    /// The name on the command line.
    package var name: String
    /// What it contains, in one line.
    package var summary: String
    /// The directory where it was found, “built in”, or nil.
    package var location: String?
    /// How to get it, if it was not found.
    package var howToGet: String
    /// The size of its download in bytes; nil if it cannot be downloaded.
    package var downloadBytes: Int?

    /// Describes a data set.
    package init(name: String, summary: String, location: String?, howToGet: String, downloadBytes: Int? = nil) {
      self.name = name
      self.summary = summary
      self.location = location
      self.howToGet = howToGet
      self.downloadBytes = downloadBytes
    }
  }
}
