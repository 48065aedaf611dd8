import Datasets
import Foundation
import Testing

@Suite("Fashion-MNIST as Debian packages it")
struct FashionMNISTTests {
  static let folder = "/usr/share/datasets/fashion-mnist"

  @Test(
    "is read whole",
    .enabled(
      if: FileManager.default.fileExists(atPath: folder),
      "the package dataset-fashion-mnist is not installed: sudo apt-get install dataset-fashion-mnist"))
  func whole() throws {
    let dataset = try DatasetLibrary(dataDirectory: nil, environment: [:]).load("fashion-mnist", progress: nil)
    #expect(dataset.origin == Self.folder)
    #expect(dataset.training.count == 60_000)
    #expect(dataset.test.count == 10_000)
    #expect(dataset.training.featureCount == 784)
    #expect(dataset.training.labels.prefix(10) == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5])
    for label in UInt8(0)..<10 {
      #expect(dataset.test.labels.count { $0 == label } == 1_000)
    }
  }
}
