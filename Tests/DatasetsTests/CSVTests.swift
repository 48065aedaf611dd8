import Datasets
import Tensors
import Testing

@Suite("Comma-separated values")
struct CSVTests {
  private let temporary: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    temporary = try TemporaryFolder()
    library = DatasetLibrary(searchPath: [temporary.path])
  }

  private static let training = "0,1,2,3,4\n2,0,255,30,99\n1,5,6,7,8\n"
  private static let test = "2,9,8,7,6\n"

  @discardableResult
  private func write(_ training: String?, _ test: String?, _ names: (String, String) = ("train.csv", "test.csv")) throws
    -> String
  {
    if let training { try temporary.write([UInt8](training.utf8), to: "data/\(names.0)") }
    if let test { try temporary.write([UInt8](test.utf8), to: "data/\(names.1)") }
    return "\(temporary.path)/data"
  }

  private func expectCorpus(_ dataset: Dataset) {
    #expect(dataset.classes == ["0", "1", "2"])
    #expect(dataset.training.width == 2)
    #expect(dataset.training.height == 2)
    #expect(dataset.training.channels == 1)
    #expect(dataset.training.pixels == [1, 2, 3, 4, 0, 255, 30, 99, 5, 6, 7, 8])
    #expect(dataset.training.labels == [0, 2, 1])
    #expect(dataset.test.pixels == [9, 8, 7, 6])
    #expect(dataset.test.labels == [2])
  }

  /// Different ways to write the same rows.
  static let ways: [(name: String, change: @Sendable (String) -> String)] = [
    ("plain", { $0 }),
    ("with a header", { "label,1x1,1x2,2x1,2x2\n" + $0 }),
    ("with a quoted header", { "\"label\",\"a\",\"b\",\"c\",\"d\"\n" + $0 }),
    ("with Windows' line ends", { "Label,a,b,c,d\r\n" + $0.replacing("\n", with: "\r\n") }),
    ("with a byte order mark", { "\u{FEFF}" + $0 }),
    ("with blanks", { $0.replacing(",", with: ",  ") }),
    ("without the last line break", { String($0.dropLast()) }),
    ("with empty rows at the end", { $0 + "\n \r\n\n" }),
    ("with zeros in front", { $0.replacing(",7", with: ",0007") }),
  ]

  @Test("files of every form are read", arguments: ways.indices)
  func way(index: Int) throws {
    let change = Self.ways[index].change
    expectCorpus(try library.load(write(change(Self.training), change(Self.test)), progress: nil))
  }

  @Test(
    "goes by the names that people give it",
    arguments: [
      ("mnist_train.csv", "mnist_test.csv"), ("fashion-mnist_train.csv", "fashion-mnist_test.csv"),
      ("my-train.csv", "my-test.csv"),
    ])
  func names(training: String, test: String) throws {
    let path = try write(Self.training, Self.test, (training, test))
    var messages: [String] = []
    expectCorpus(try library.load(path) { messages.append($0) })
    #expect(messages == ["reading \(path)/\(training)", "reading \(path)/\(test)"])
  }

  @Test("plain names take precedence over others")
  func plainNames() throws {
    try write("0,1\n", "0,1\n", ("a_train.csv", "a_test.csv"))
    expectCorpus(try library.load(write(Self.training, Self.test), progress: nil))
  }

  @Test("three times a square is colour, the values of a pixel together")
  func color() throws {
    let dataset = try library.load(
      write("0,1,2,3,4,5,6,7,8,9,10,11,12\n1,0,0,0,0,0,0,0,0,0,0,0,0\n", "1,1,1,1,1,1,1,1,1,1,1,1,1\n"), progress: nil)
    #expect(dataset.training.width == 2)
    #expect(dataset.training.height == 2)
    #expect(dataset.training.channels == 3)
    #expect(dataset.training.pixels[..<12] == [UInt8](1...12))
  }

  /// The contents of a training and a test file, and the expected message.
  static let faults: [(training: String, test: String, code: DatasetError.Code, says: String)] = [
    ("", test, .empty, "train.csv: expected rows of a label and pixels, found nothing"),
    ("\u{FEFF}", test, .empty, "train.csv: expected rows of a label and pixels, found nothing"),
    ("\n\n", test, .empty, "train.csv: expected rows of a label and pixels, found none"),
    ("label,a,b,c,d", test, .empty, "train.csv: expected rows of a label and pixels, found a header alone"),
    (training, "label,a\n", .empty, "test.csv: expected rows of a label and pixels, found a header alone"),
    (training + "1,5,6,7\n", test, .mismatch, "train.csv: expected 5 values in row 4, found 4"),
    ("label,a,b,c,d\n" + training + "1,5,6,7,8,9", test, .mismatch, "train.csv: expected 5 values in row 5, found 6"),
    // Like Kaggle's test file without labels.
    (training, "a,b,c,d\n1,2,3,4\n", .mismatch, "test.csv: expected 5 values in row 2, found 4"),
    (
      "0,1,2,3,256\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found “256” in row 1, column 5"
    ),
    (
      training + "1,18446744073709551617,0,0,0\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found “18446744073709551617” in row 4, column 2"
    ),
    (
      training, "2,9,x,7,6\n", .wrongFormat,
      "test.csv: expected whole numbers from 0 to 255, found “x” in row 1, column 3"
    ),
    (
      "l,a,b,c,d\n-1,1,2,3,4\r\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found “-1” in row 2, column 1"
    ),
    (
      "0,0.5,2,3,4\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found “0.5” in row 1, column 2"
    ),
    (
      "0,1 2,2,3,4\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found “1 2” in row 1, column 2"
    ),
    (
      "0,1,,3,4\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found nothing in row 1, column 3"
    ),
    (
      "0,1,2,3,4,\r\n", test, .wrongFormat,
      "train.csv: expected whole numbers from 0 to 255, found nothing in row 1, column 6"
    ),
    ("0,1,2,3,4\n\n1,1,2,3,4\n", test, .wrongFormat, "train.csv: expected 5 values, found an empty row 2"),
    (
      "0,1,2,3,4,5\n", test, .wrongFormat,
      "train.csv: expected a label and the pixels of a square image in each row, grey or of three values, found rows of 6"
    ),
    (
      "0\n", test, .wrongFormat,
      "train.csv: expected a label and the pixels of a square image in each row, grey or of three values, found rows of 1"
    ),
    ("0,1,2,3,4\n0,1,2,3,4\n", test, .empty, "train.csv: expected at least two classes, found only label 0"),
    (
      training, "h,a,b,c,d\n2,9,8,7,6\n3,9,8,7,6\n", .invalidLabel,
      "test.csv: expected labels from 0 to 2, found 3 in row 3"
    ),
  ]

  @Test("a bad file is refused with path, expected, found and row", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    let path = try write(fault.training, fault.test)
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.code == fault.code)
    #expect(error.message == "\(path)/\(fault.says)")
  }

  @Test("one of two files is missing", arguments: [(true, "no test file"), (false, "no training file")])
  func missing(hasTraining: Bool, says: String) throws {
    let path = try write(hasTraining ? Self.training : nil, hasTraining ? nil : Self.test)
    let error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.code == .notFound)
    #expect(error.message.hasPrefix("\(path): expected train.csv and test.csv"))
    #expect(error.message.hasSuffix("found \(says)"))
  }
}
