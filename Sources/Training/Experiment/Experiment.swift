package import Datasets
import EngineProtocol
import Foundation
import NeuralNetworks

/// What is to be trained: a data set and lanes, each with its network, method, optimizer and schedule.
package struct Experiment: Hashable, Sendable {
  /// The name.
  package var name: String
  /// One line on what it shows.
  package var summary: String
  /// What a full run gives.
  package var expectedResult: String
  /// What a full run costs.
  package var cost: String
  /// The data set's name or folder; nil for the first one found.
  package var dataset: String?
  /// Whether image files that can't be read are left out.
  package var skipsUnreadable = false
  /// How many training images are set apart for validation; nil for 10,000, or a sixth where that is less.
  package var validationCount: Int?
  /// Pixels 0...255 are mapped linearly to this range.
  package var inputRange: ClosedRange<Float>
  /// How bytes become numbers.
  package var normalization: Normalization = .range
  /// How training images are changed at random.
  package var augmentation = Augmentation()
  /// The seed of every random draw.
  package var seed: UInt64
  /// The lanes, in the order of their panels.
  package var lanes: [LanePlan]

  /// Finds a misspelt name of a data set before it is taken for a folder.
  /// - Throws: `ExperimentError` where there is no such set or folder, and a set's name is near.
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

  /// How bytes become numbers.
  package enum Normalization: String, Sendable, CaseIterable {
    /// Linearly, to the input range.
    case range
    /// Each channel gets mean 0 and deviation 1 over the training images.
    case channels
    /// Each image gets mean 0 and norm 55 by itself: see `ContrastNormalization`.
    case gcn
    /// As `gcn`, then whitened by a map fitted on the training images that are not for validation: see `Whitening`.
    case zca
  }
}

extension Experiment {
  /// Checks that the training of the lanes' networks fits into the machine.
  ///
  /// A weight takes 4 bytes each as value, gradient, both moments and best weight, 2 for its flips, and at most 1 for its
  /// signs in the layouts of all products, or 6 as one of few bits.
  /// - Parameter images: bytes of prepared images.
  /// - Throws: `ExperimentError` with the memory needed and there.
  func checkMemory(_ layouts: [NetworkLayout], images: Int = 0, available: UInt64) throws {
    let weights = layouts.reduce(0.0) { $0 + Double($1.weightCount) }
    // A student has its teacher's network too: values and signs.
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
    let needed = weights * 23 + fewBits * 6 + teachers * 9 + activations + Double(images)
    guard needed < Double(available) * 0.9 else {
      throw ExperimentError(
        code: .unfit,
        message: """
          the networks have \(Int(weights / 1e6)) million weights: expected to fit into the \(available >> 30) GiB of memory, \
          found that training needs about \(Int(needed / 0x1p30)) GiB, \(Int(activations / 0x1p30)) of them for activations
          """)
    }
  }
}

/// An experiment that can't be trained as it is written.
package struct ExperimentError: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Code: Sendable, Hashable {
    /// No preset has this name.
    case unknownPreset
    /// The file can't be read.
    case unreadable
    /// The text is no YAML, or has the wrong form.
    case malformed
    /// A key that an experiment does not have.
    case unknownKey
    /// A value of the wrong kind or out of its range.
    case invalidValue
    /// A lane that the experiment does not have.
    case unknownLane
    /// The experiment does not fit the data set.
    case unfit
  }

  /// What is wrong.
  package let code: Code
  /// Where, what was expected, and what was found.
  package let message: String

  package var description: String { message }
}
