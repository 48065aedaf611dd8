package import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors

/// An experiment: a data set and lanes, each with its network, method, optimizer and schedule.
package struct Experiment: Hashable, Sendable {
  /// The name.
  package var name: String
  /// One line on what it shows.
  package var summary: String
  /// The result of a full run.
  package var expectedResult: String
  /// The cost of a full run.
  package var cost: String
  /// The data set's name or directory; nil for the first one found.
  package var dataset: String?
  /// Whether to skip image files that can't be read.
  package var skipsUnreadable = false
  /// Number of training images set aside for validation; nil for 10,000, or a sixth if that is fewer.
  package var validationCount: Int?
  /// The range to which pixel values 0...255 are mapped linearly.
  package var inputRange: ClosedRange<Float>
  /// How bytes are converted to the network's input.
  package var normalization: Normalization = .range
  /// Random changes of training images.
  package var augmentation = Augmentation()
  /// The seed of all random numbers.
  package var seed: UInt64
  /// The lanes in display order.
  package var lanes: [LanePlan]

  /// Detects a misspelt name of a data set before it is treated as a directory.
  /// - Throws: `ExperimentError` if there is neither a data set nor a directory of this name, and a known name is
  ///   similar.
  func checkDataset() throws {
    let names = DatasetLibrary.names
    guard let dataset, !names.contains(dataset), !dataset.contains("/"),
      !FileManager.default.fileExists(atPath: dataset), let near = NearestName.of(dataset, among: names)
    else { return }
    throw ExperimentError(
      code: .unfit,
      message: """
        \(dataset): expected one of \(names.joined(separator: ", ")), or a folder with images, found no such folder; \
        did you mean “\(near)”?
        """)
  }

  /// How bytes are converted to the network's input.
  package enum Normalization: String, Sendable, CaseIterable {
    /// Mapped linearly to the input range.
    case range
    /// Each channel is standardized to mean 0 and standard deviation 1 over the training images.
    case channels
    /// Each image is normalized separately to mean 0 and norm 55: see `ContrastNormalization`.
    case gcn
    /// As `gcn`, then whitened by a map fitted to the training images without those for validation: see `Whitening`.
    case zca
  }
}

extension Experiment {
  /// Checks that there is enough memory to train the lanes' networks.
  ///
  /// A weight takes 4 bytes each as value, gradient, both moments (2 in bfloat16) and best weight, 2 for its flip count, and
  /// at most 1 for its signs in the layouts of all products, or 6 if it is quantized.
  /// - Parameter images: bytes of prepared images.
  /// - Throws: `ExperimentError` with the required and the available memory.
  func checkMemory(_ layouts: [NetworkLayout], images: Int = 0, available: UInt64) throws {
    let weights = layouts.reduce(0.0) { $0 + Double($1.weightCount) }
    // A student also has its teacher's network: values and signs.
    let teachers = lanes.reduce(0.0) { sum, lane in
      let teacher = lane.distillation.flatMap { learned in lanes.firstIndex { $0.name == learned.teacher } }
      return sum + (teacher.map { Double(layouts[$0].weightCount) } ?? 0)
    }
    let activations = zip(lanes, layouts).reduce(0.0) { sum, pair in
      let teacher = pair.0.distillation.flatMap { learned in lanes.firstIndex { $0.name == learned.teacher } }
      return sum + pair.1.activationBytes(images: max(pair.0.batchSize, pair.1.evaluationBatch))
        + (teacher.map { layouts[$0].activationBytes(images: pair.0.batchSize) } ?? 0)
    }
    let fewBits = layouts.flatMap(\.items).reduce(0.0) { $0 + ($1.quantized == nil ? 0 : Double($1.weightCount)) }
    let halves = zip(lanes, layouts).reduce(0.0) { sum, pair in
      sum + (pair.0.optimizer.state == .bfloat16 ? Double(pair.1.weightCount) : 0)
    }
    let needed = weights * 23 - halves * 4 + fewBits * 6 + teachers * 9 + activations + Double(images)
    guard needed < Double(available) * 0.9 else {
      throw ExperimentError(
        code: .unfit,
        message: """
          the networks have \(Int(weights / 1e6)) million weights: expected training to fit into \(available >> 30) GiB of memory, \
          found that it needs about \(Int(needed / 0x1p30)) GiB, \(Int(activations / 0x1p30)) of them for activations
          """)
    }
  }
}

/// An error in an experiment.
package struct ExperimentError: Error, Sendable, CustomStringConvertible {
  /// The kind of error.
  package enum Code: Sendable, Hashable {
    /// There is no preset of this name.
    case unknownPreset
    /// The file can't be read.
    case unreadable
    /// The text is not valid YAML, or has the wrong structure.
    case malformed
    /// An unknown key.
    case unknownKey
    /// A value of the wrong type or out of range.
    case invalidValue
    /// An unknown lane.
    case unknownLane
    /// The experiment does not fit the data set.
    case unfit
  }

  /// The kind of error.
  package let code: Code
  /// Where the error is, what was expected, and what was found.
  package let message: String

  /// An error of this kind.
  package init(code: Code, message: String) { (self.code, self.message) = (code, message) }

  package var description: String { message }
}
