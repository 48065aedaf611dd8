package import Datasets
import EngineProtocol
import Foundation

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
