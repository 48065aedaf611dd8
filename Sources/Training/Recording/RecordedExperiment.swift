import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

/// The experiment of a recorded run, read from its directory.
struct RecordedExperiment {
  /// The resolved experiment.
  let experiment: Experiment
  /// The steering script; nil if there was none.
  let steering: SteeringScript?

  private let history: RunHistory
  private let environment: [String: String]

  /// Reads `experiment.yaml` and `steering.yaml` of a run's directory.
  /// - Throws: `ExperimentError`.
  init(_ history: RunHistory, environment: [String: String]) throws {
    self.history = history
    self.environment = environment
    let experiment = try Self.experiment(of: history)
    self.experiment = experiment
    let script = (history.description.directory ?? "") + "/steering.yaml"
    steering = try RegularFile.text(at: script).map {
      try SteeringScript($0, source: script, lanes: experiment.lanes)
    }
  }

  /// Returns the resolved experiment of a run.
  /// - Throws: `ExperimentError`, `StoreError`.
  static func experiment(of history: RunHistory) throws -> Experiment {
    let path = (history.description.directory ?? "") + "/experiment.yaml"
    guard let text = try RegularFile.text(at: path) else {
      throw ExperimentError(code: .unreadable, message: "\(path): expected the run's experiment, found no file")
    }
    return try ExperimentReader(source: path, isRecorded: true).read(text)
  }

  /// The name of the data set, or its path.
  var datasetName: String { experiment.dataset ?? history.description.dataset }

  // The directory that the data set was read from; nil if it no longer exists, is a file, or the data set is built in.
  private var datasetFolder: String? {
    let description = history.description
    let origin = description.datasetOrigin
    var paths = [origin]
    // Older runs have the reason for choosing the data set in brackets behind its path; the path itself may contain
    // brackets.
    if description.datasetReason == nil {
      paths += origin.ranges(of: " (").reversed().map { String(origin[..<$0.lowerBound]) }
    }
    return paths.first { path in
      var isFolder: ObjCBool = false
      return path.hasPrefix("/") && FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }

  /// Reads the data set, which must be the one that the run started with.
  /// - Throws: `DatasetError`; `ExperimentError` if the images differ.
  func load(_ progress: @escaping (String) -> Void) throws -> Dataset {
    // Searches the directory itself, because a data set found by name may be two levels below that of `--data`.
    let library = DatasetLibrary(dataDirectory: datasetFolder, environment: environment)
    let dataset = try library.load(
      datasetName, skippingUnreadable: experiment.skipsUnreadable, progress: progress)
    guard let expected = history.environment["dataset"], expected != dataset.digest else { return dataset }
    // Older runs have an output for every label up to the largest.
    if let former = dataset.withGaps, former.digest == expected { return former }
    throw ExperimentError(
      code: .unfit,
      message: """
        \(dataset.origin): expected the images that the run started with (SHA-256 \(expected.prefix(12))…), \
        found others (\(dataset.digest.prefix(12))…)
        """)
  }

  /// Returns a lane's initial plan: that of the experiment, or of the checkpoint that it was forked from.
  /// - Throws: `ExperimentError`; `SafetensorsError`.
  func plan(of lane: RunLineage.Lane, _ lineage: RunLineage, _ image: SafetensorsImage?) throws -> LanePlan {
    let root = lineage.root(of: lane)
    guard var plan = experiment.lanes.first(where: { $0.name == root }) else {
      throw ExperimentError(code: .unknownLane, message: "expected a lane \(root) in the run's experiment, found none")
    }
    if let image { plan = try LaneStateFile.state(in: image).plan }
    plan.name = lane.description.name
    return plan
  }
}

extension Dataset {
  /// SHA-256 of all images and labels, to check that a resumed run uses the same data.
  var digest: String {
    let parts = [training, test].flatMap { images in
      [TensorDigest.sha256(images.pixels), TensorDigest.sha256(images.labels)]
    }
    return TensorDigest.sha256(Array(parts.joined().utf8))
  }
}

extension RunDescription.Pixels {
  /// How a data set was read.
  init(_ reading: PixelReading) {
    self.init(channels: reading.channels, largestValue: reading.largestValue, background: reading.background)
  }
}

/// Facts about the machine for a run's record.
enum MachineFacts {
  /// “program”, “processor”, “cores”, “memory”, “system”, “oneDNN”.
  static func all(program: String) -> [String: String] {
    let information = ProcessInfo.processInfo
    return [
      "program": "signflip \(program)",
      "processor": Processor.name ?? "unknown",
      "cores": "\(information.activeProcessorCount)",
      "memory": "\(information.physicalMemory >> 30) GiB",
      "system": information.operatingSystemVersionString,
      "oneDNN": Compute.libraryVersion,
    ]
  }
}
