import Datasets
import EngineProtocol
import Foundation
import RunStore
import Tensors

/// The experiment of a recorded run, read back from its directory.
struct RecordedExperiment {
  /// The experiment, as it was resolved.
  let experiment: Experiment
  /// The steering script; nil where there was none.
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

  /// The experiment of a run, as it was resolved.
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

  // The folder that the data set was read from; nil where it is gone, is a file, or the data set is built in.
  private var datasetFolder: String? {
    let description = history.description
    let origin = description.datasetOrigin
    var paths = [origin]
    // Earlier runs have the reason for choosing the data set behind its path, in brackets; both may have brackets too.
    if description.datasetReason == nil {
      paths += origin.ranges(of: " (").reversed().map { String(origin[..<$0.lowerBound]) }
    }
    return paths.first { path in
      var isFolder: ObjCBool = false
      return path.hasPrefix("/") && FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        && isFolder.boolValue
    }
  }

  /// Reads the data set, which must be the one that the run began with.
  /// - Throws: `DatasetError`; `ExperimentError` where the images are others.
  func load(_ progress: @escaping (String) -> Void) throws -> Dataset {
    // The folder itself, not the one around it: a set by name may lie two folders below that of `--data`.
    let library = DatasetLibrary(dataDirectory: datasetFolder, environment: environment)
    let dataset = try library.load(
      datasetName, skippingUnreadable: experiment.skipsUnreadable, progress: progress)
    guard let expected = history.environment["dataset"], expected != dataset.digest else { return dataset }
    // An older run has an output for every label up to the largest.
    if let former = dataset.withGaps, former.digest == expected { return former }
    throw ExperimentError(
      code: .unfit,
      message: """
        \(dataset.origin): expected the images that the run began with (SHA-256 \(expected.prefix(12))…), \
        found others (\(dataset.digest.prefix(12))…)
        """)
  }

  /// The plan that a lane begins with: that of the experiment, or of the checkpoint that it was forked off.
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
  /// SHA-256 of all images and labels: tells whether a resumed run finds the data that it began with.
  var digest: String {
    let parts = [training, test].flatMap { images in
      [TensorDigest.sha256(images.pixels), TensorDigest.sha256(images.labels)]
    }
    return TensorDigest.sha256(Array(parts.joined().utf8))
  }
}

extension RunDescription.Pixels {
  /// The way in which a data set was read.
  init(_ reading: PixelReading) {
    self.init(channels: reading.channels, largestValue: reading.largestValue, background: reading.background)
  }
}

/// The machine that a run is trained on, for its record.
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
