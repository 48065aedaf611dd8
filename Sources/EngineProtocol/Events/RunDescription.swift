/// What is being trained: everything about a run that does not change while it trains.
package struct RunDescription: Hashable, Codable, Sendable {
  /// The run's name: that of its directory; empty where the run is not recorded.
  package var id: String
  /// The run's directory; nil where the run is not recorded.
  package var directory: String?
  /// When the run was started, in seconds since 1970.
  package var startedAt: Double
  /// The experiment's name.
  package var name: String
  /// The data set's name.
  package var dataset: String
  /// Where the data set was read from: its path, or “built in”. In runs recorded by version 0.1.0 the reason may follow it
  /// in brackets.
  package var datasetOrigin: String
  /// Why this data set was chosen: “MNIST was not found”; nil where somebody has named it.
  package var datasetReason: String?
  /// What the reader of the data set ignored, guessed or changed, a sentence each; nil where it took everything as it is.
  package var notes: [String]?
  /// How stored values of image files became bytes; nil where the files hold the bytes themselves.
  package var pixels: Pixels?
  /// Images to train on.
  package var trainingCount: Int
  /// Images to validate on, never trained on.
  package var validationCount: Int
  /// Images of the test set, used once, at the end.
  package var testCount: Int
  /// The class names, in the order of the labels.
  package var classes: [String]
  /// The seed of every random draw.
  package var seed: UInt64
  /// The lanes, in the order of their panels.
  package var lanes: [Lane]
  /// The knobs that the lanes' methods bring; nil where they bring none.
  package var knobs: KnobSpecifications?

  /// Where the data set was read from and why, for people: “/usr/share/datasets/fashion-mnist (MNIST was not found)”.
  package var datasetPlace: String { datasetOrigin + (datasetReason.map { " (\($0))" } ?? "") }

  /// Describes a run.
  package init(
    id: String = "", directory: String? = nil, startedAt: Double = 0, name: String, dataset: String,
    datasetOrigin: String, datasetReason: String? = nil, notes: [String]? = nil, pixels: Pixels? = nil,
    trainingCount: Int, validationCount: Int, testCount: Int, classes: [String], seed: UInt64, lanes: [Lane],
    knobs: KnobSpecifications? = nil
  ) {
    self.id = id
    self.directory = directory
    self.startedAt = startedAt
    self.name = name
    self.dataset = dataset
    self.datasetOrigin = datasetOrigin
    self.datasetReason = datasetReason
    self.notes = notes
    self.pixels = pixels
    self.trainingCount = trainingCount
    self.validationCount = validationCount
    self.testCount = testCount
    self.classes = classes
    self.seed = seed
    self.lanes = lanes
    self.knobs = knobs
  }

  /// What does not change in a lane.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var name: String
    /// The method in words: “BinaryConnect, deterministic”.
    package var method: String
    /// Whether the lane has binary weights, or such of few bits.
    package var isBinary: Bool
    /// The network in short: “784·2048·2048·2048·10”.
    package var network: String
    /// How the matrix products are computed: “float32” or “bfloat16”.
    package var precision: String
    /// How many numbers the network learns.
    package var parameterCount: Int
    /// Bytes of all weights as float32.
    package var floatBytes: Int
    /// Bytes with one bit a binary weight, as many as it has for one of few bits, and float32 for the rest; equal to `floatBytes` without binary weights.
    package var packedBytes: Int
    /// The names of the layers whose weights can flip, binary and ternary ones, in order.
    package var binaryLayers: [String]
    /// Threads the lane computes with.
    package var threads: Int
    /// Where the lane was forked off; nil for a lane of the experiment.
    package var fork: Fork?

    /// Describes a lane.
    package init(
      name: String, method: String, isBinary: Bool, network: String, precision: String, parameterCount: Int,
      floatBytes: Int, packedBytes: Int, binaryLayers: [String], threads: Int, fork: Fork? = nil
    ) {
      self.name = name
      self.method = method
      self.isBinary = isBinary
      self.network = network
      self.precision = precision
      self.parameterCount = parameterCount
      self.floatBytes = floatBytes
      self.packedBytes = packedBytes
      self.binaryLayers = binaryLayers
      self.threads = threads
      self.fork = fork
    }
  }

  /// How stored values of image files became bytes, found on the training images: what later images must be read by.
  package struct Pixels: Hashable, Codable, Sendable {
    /// The values of a pixel: 1 for grey, 3 for red, green and blue.
    package var channels: Int
    /// The stored value of 16 bits that became 255; nil where no image has 16 bits.
    package var largestValue: Int?
    /// What transparent pixels were laid on, 0 or 255; nil where there are none.
    package var background: Int?

    /// A way of reading.
    package init(channels: Int, largestValue: Int? = nil, background: Int? = nil) {
      self.channels = channels
      self.largestValue = largestValue
      self.background = background
    }
  }

  /// The checkpoint that a lane was forked off.
  package struct Fork: Hashable, Codable, Sendable {
    /// The parent's name.
    package var lane: String
    /// The parent's branch.
    package var branch: Int
    /// The checkpoint's step.
    package var step: Int
    /// How many changes of hyperparameters the lane shares with its parent.
    package var changes: Int
    /// What was changed at the first step.
    package var settings: [HyperparameterSetting]

    /// A checkpoint of a lane, and what was changed there.
    package init(lane: String, branch: Int, step: Int, changes: Int = 0, settings: [HyperparameterSetting] = []) {
      self.lane = lane
      self.branch = branch
      self.step = step
      self.changes = changes
      self.settings = settings
    }
  }
}
