/// The description of a run: everything that does not change during training.
package struct RunDescription: Hashable, Codable, Sendable {
  /// The run's name, which is the name of its directory; empty if the run is not recorded.
  package var id: String
  /// The run's directory; nil if the run is not recorded.
  package var directory: String?
  /// When the run was started, in seconds since 1970.
  package var startedAt: Double
  /// The experiment's name.
  package var name: String
  /// The data set's name.
  package var dataset: String
  /// Where the data set was read from: its path, or “built in”. Runs recorded by version 0.1.0 may have the reason in
  /// brackets behind it.
  package var datasetOrigin: String
  /// Why this data set was chosen: “MNIST was not found”; nil if the user named it.
  package var datasetReason: String?
  /// What the data set's reader ignored, guessed or changed, one sentence each; nil if there is nothing to say.
  package var notes: [String]?
  /// How pixel values of image files were converted to bytes; nil if the files contain bytes.
  package var pixels: Pixels?
  /// Number of training images.
  package var trainingCount: Int
  /// Number of validation images, which are never trained on.
  package var validationCount: Int
  /// Number of test images, which are used once, at the end.
  package var testCount: Int
  /// The class names, in the order of the labels.
  package var classes: [String]
  /// The seed of all random numbers.
  package var seed: UInt64
  /// The lanes, in the order of their panels.
  package var lanes: [Lane]
  /// The specifications of hyperparameters that the lanes' methods define; nil if they define none.
  package var knobs: KnobSpecifications?

  /// The data set's location and the reason, for display: “/usr/share/datasets/fashion-mnist (MNIST was not found)”.
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

  /// The description of a lane: what does not change during training.
  package struct Lane: Hashable, Codable, Sendable {
    /// The lane's name.
    package var name: String
    /// The method for display: “BinaryConnect, deterministic”.
    package var method: String
    /// Whether the lane has binary weights, or weights of few bits.
    package var isBinary: Bool
    /// The network in short form: “784·2048·2048·2048·10”.
    package var network: String
    /// The precision of matrix products: “float32” or “bfloat16”.
    package var precision: String
    /// Number of parameters of the network.
    package var parameterCount: Int
    /// Bytes of all weights as float32.
    package var floatBytes: Int
    /// Bytes of the packed model: one bit per binary weight, k bits per k-bit weight, and float32 for the rest; equal
    /// to `floatBytes` without binary weights.
    package var packedBytes: Int
    /// The names of the layers whose weights can flip (binary and ternary), in order.
    package var binaryLayers: [String]
    /// Number of threads of the lane.
    package var threads: Int
    /// The checkpoint that the lane was forked from; nil for a lane of the experiment.
    package var fork: Fork?
    /// The file that the lane's first weights are from; nil if they were drawn.
    package var imported: Imported?

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

  /// How pixel values of image files were converted to bytes. Determined on the training images; other images must be
  /// read in the same way.
  package struct Pixels: Hashable, Codable, Sendable {
    /// Channels of a pixel: 1 for grey, 3 for red, green and blue.
    package var channels: Int
    /// The 16-bit value that became 255; nil if no image has 16 bits.
    package var largestValue: Int?
    /// The background that transparent pixels were blended with, 0 or 255; nil if no pixel is transparent.
    package var background: Int?

    /// A conversion of pixel values.
    package init(channels: Int, largestValue: Int? = nil, background: Int? = nil) {
      self.channels = channels
      self.largestValue = largestValue
      self.background = background
    }
  }

  /// A file with weights that were trained elsewhere.
  package struct Imported: Hashable, Codable, Sendable {
    /// Its path.
    package var file: String
    /// The SHA-256 of its bytes.
    package var sha256: String

    /// A file with this digest.
    package init(file: String, sha256: String) {
      self.file = file
      self.sha256 = sha256
    }
  }

  /// The checkpoint that a lane was forked from.
  package struct Fork: Hashable, Codable, Sendable {
    /// The parent's name.
    package var lane: String
    /// The parent's branch.
    package var branch: Int
    /// The checkpoint's step.
    package var step: Int
    /// How many hyperparameter changes the lane shares with its parent.
    package var changes: Int
    /// Hyperparameters that were changed at the first step.
    package var settings: [HyperparameterSetting]

    /// A fork from a checkpoint, with changed hyperparameters.
    package init(lane: String, branch: Int, step: Int, changes: Int = 0, settings: [HyperparameterSetting] = []) {
      self.lane = lane
      self.branch = branch
      self.step = step
      self.changes = changes
      self.settings = settings
    }
  }
}
