import Datasets
import Testing

@Suite("Splitting off a validation part")
struct DataSplitTests {
  @Test(
    "both parts together contain every index once", arguments: [(10, 0), (10, 3), (10, 9), (1, 0), (60_000, 10_000)])
  func covers(count: Int, validationCount: Int) throws {
    let split = try DataSplit(count: count, validationCount: validationCount, seed: 7)
    #expect(split.validation.count == validationCount)
    #expect((split.training + split.validation).sorted() == [Int32](0..<Int32(count)))
  }

  @Test("the seed decides")
  func seeds() throws {
    let split = try DataSplit(count: 1_000, validationCount: 100, seed: 1)
    #expect(try split == DataSplit(count: 1_000, validationCount: 100, seed: 1))
    #expect(try split != DataSplit(count: 1_000, validationCount: 100, seed: 2))
  }

  @Test("the split of a seed never changes")
  func pinned() throws {
    #expect(try DataSplit(count: 1_000, validationCount: 6, seed: 1).validation == [43, 203, 258, 485, 935, 967])
  }

  @Test("more than all, all, and negative numbers of images are refused", arguments: [-1, 10, 11])
  func outOfRange(validationCount: Int) throws {
    let error = try #require(throws: DatasetError.self) {
      try DataSplit(count: 10, validationCount: validationCount, seed: 1)
    }
    #expect(error.code == .outOfRange)
    #expect(error.message == "expected from 0 to 9 validation images out of 10, found \(validationCount)")
  }

  @Test("an empty set cannot be split")
  func empty() {
    #expect(throws: DatasetError.self) { try DataSplit(count: 0, validationCount: 0, seed: 1) }
  }

  @Test("a small set gives one image of each class to validation", arguments: 0..<20)
  func oneOfEach(seed: UInt64) throws {
    let split = try DataSplit(labels: [1, 0, 1, 1, 0], classes: ["a", "b"], seed: seed)
    #expect(split.validation.map { [1, 0, 1, 1, 0][Int($0)] }.sorted() == [0, 1])
    #expect((split.training + split.validation).sorted() == [0, 1, 2, 3, 4])
    #expect(split == (try DataSplit(labels: [1, 0, 1, 1, 0], classes: ["a", "b"], seed: seed)))
  }

  @Test("a class of a single image can't be both learned and validated on")
  func lonely() throws {
    let error = try #require(throws: DatasetError.self) {
      try DataSplit(labels: [0, 1, 0], classes: ["a", "b"], seed: 1)
    }
    #expect(error.message.hasSuffix("found 1 of class b"))
  }
}
