import Datasets
import Testing

@Suite("NumPy's archives of arrays")
struct NPZTests {
  private let temporary: TemporaryFolder
  private let library = DatasetLibrary(searchPath: ["/nowhere"])

  init() throws {
    temporary = try TemporaryFolder()
  }

  private typealias File = (name: String, bytes: [UInt8])

  private static let keras: [File] = [
    ("x_train.npy", Zip.array("|u1", [3, 2, 2], [UInt8](0..<12))), ("y_train.npy", Zip.array("|u1", [3], [0, 2, 1])),
    ("x_test.npy", Zip.array("|u1", [1, 2, 2], [9, 8, 7, 6])), ("y_test.npy", Zip.array("<i8", [1], [2] + zeros(7))),
  ]

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  private func load(_ files: [File], name: String = "set.npz") throws -> Dataset {
    try library.load(temporary.write(Zip.stored(files), to: "set/\(name)"), progress: nil)
  }

  @Test("Keras' four arrays, by the file's path or the folder's")
  func keras() throws {
    let dataset = try load(Self.keras)
    for set in [dataset, try library.load("\(temporary.path)/set", progress: nil)] {
      #expect((set.training.width, set.training.height, set.training.channels) == (2, 2, 1))
      #expect(set.training.pixels == [UInt8](0..<12))
      #expect(set.training.labels == [0, 2, 1])
      #expect(set.test.pixels == [9, 8, 7, 6])
      #expect(set.test.labels == [2])
      #expect(set.classes == ["0", "1", "2"])
      #expect(set.origin == "\(temporary.path)/set/set.npz")
    }
  }

  @Test("MedMNIST's six arrays: colour, labels in a column, the validation images join the training images")
  func medMNIST() throws {
    let dataset = try load([
      ("train_images.npy", Zip.array("|u1", [2, 1, 2, 3], [UInt8](0..<12))),
      ("train_labels.npy", Zip.array("|u1", [2, 1], [0, 1])),
      ("val_images.npy", Zip.array("|u1", [1, 1, 2, 3], [UInt8](100..<106))),
      ("val_labels.npy", Zip.array("|u1", [1, 1], [1])),
      ("test_images.npy", Zip.array("|u1", [1, 1, 2, 3], [UInt8](200..<206))),
      ("test_labels.npy", Zip.array("|u1", [1, 1], [0])), ("more.npy", [1, 2, 3]),
    ])
    #expect(dataset.training.channels == 3)
    #expect(dataset.training.pixels == [UInt8](0..<12) + [UInt8](100..<106))
    #expect(dataset.training.labels == [0, 1, 1])
    #expect(dataset.notes.contains("ignored 1 arrays: more"))
    #expect(dataset.notes.contains { $0.hasPrefix("added the 1 images of val_images to the training images") })
  }

  /// The index of one of Keras' arrays, its replacement, and the expected message.
  static let faults: [(index: Int, array: [UInt8], says: String)] = [
    (0, Zip.array("<f4", [3, 1, 1], zeros(12)), "an array of the type <f4"),
    (0, Zip.array("<i4", [3, 1, 1], zeros(12)), "expected x_train as bytes (uint8)"),
    (0, Zip.array("|u1", [3, 4], zeros(12)), "found |u1 of the shape [3, 4]"),
    (0, Zip.array("|u1", [3, 2, 2], zeros(12), order: "True"), "an array in Fortran order"),
    (0, Zip.array("|u1", [3, 2, 2], zeros(11)), "11 bytes of data where the shape says 12"),
    (0, Zip.array("|u1", [1 << 40, 1 << 40, 2], []), "an array of impossible size"),
    (0, [1, 2, 3], "not a NumPy array"),
    (1, Zip.array("|u1", [2], [0, 1]), "expected y_train with one label for each of 3 images, found the shape [2]"),
    (1, Zip.array("|u1", [3], [7, 7, 7]), "at least two classes, found only label 7"),
    (2, Zip.array("|u1", [1, 1, 4], zeros(4)), "images of one size, found 2 × 2 and 1 × 4"),
    (3, Zip.array("<i8", [1], zeros(7) + [128]), "y_test: expected labels from 0 to 2, found -9223372036854775808"),
  ]

  @Test("arrays of wrong shapes are refused", arguments: faults.indices)
  func fault(index: Int) throws {
    let fault = Self.faults[index]
    var files = Self.keras
    files[fault.index].bytes = fault.array
    let error = try #require(throws: DatasetError.self) { try load(files) }
    #expect(error.message.contains(fault.says), "\(error.message)")
    #expect(error.message.contains("set.npz"))
  }

  @Test("arrays of other names are listed; a cut archive is damaged")
  func others() throws {
    var error = try #require(throws: DatasetError.self) { try load([("images.npy", []), ("labels.npy", [])]) }
    #expect(error.message.contains("found images, labels"))
    let path = try temporary.write(Zip.stored(Self.keras).dropLast(400), to: "cut.npz")
    error = try #require(throws: DatasetError.self) { try library.load(path, progress: nil) }
    #expect(error.message.contains("cut.npz"))
  }
}
