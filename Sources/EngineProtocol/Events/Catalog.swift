/// What can be trained here: the launcher's lists.
package struct Catalog: Hashable, Codable, Sendable {
  /// The presets, the default one first.
  package var presets: [Preset]
  /// The data sets known, found or not.
  package var datasets: [Dataset]
  /// Where data sets were looked for, in order.
  package var searchPath: [String]
  /// Why the default preset is the default one, in a line.
  package var defaultReason: String

  /// A catalog of presets and data sets.
  package init(presets: [Preset], datasets: [Dataset], searchPath: [String], defaultReason: String) {
    self.presets = presets
    self.datasets = datasets
    self.searchPath = searchPath
    self.defaultReason = defaultReason
  }

  /// An experiment that ships inside the program.
  package struct Preset: Hashable, Codable, Sendable {
    /// Its name on the command line.
    package var name: String
    /// What it shows, in one line.
    package var summary: String
    /// The result of a full run, as measured.
    package var expectedResult: String
    /// The cost of a full run: epochs, and time on the machine that it was measured on.
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
    /// Its method in words: “BinaryConnect, stochastic”.
    package var method: String
    /// Its hidden layers in short: “2048·2048·2048”; inputs and classes are the data set's.
    package var network: String
    /// The hyperparameters that can be set, with their first values.
    package var hyperparameters: [HyperparameterSetting]

    /// Describes a lane.
    package init(name: String, method: String, network: String, hyperparameters: [HyperparameterSetting]) {
      self.name = name
      self.method = method
      self.network = network
      self.hyperparameters = hyperparameters
    }
  }

  /// A data set by name.
  package struct Dataset: Hashable, Codable, Sendable {
    /// The name on the command line.
    package var name: String
    /// What it holds, in a line.
    package var summary: String
    /// The folder in which it was found, “built in”, or nil.
    package var location: String?
    /// How to get it where it was not found.
    package var howToGet: String
    /// How many bytes a download of it takes; nil where it cannot be downloaded.
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
