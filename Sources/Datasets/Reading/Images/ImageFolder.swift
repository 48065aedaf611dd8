private import FoundationEssentials
private import Tensors

/// A folder of PNG or JPEG images: `train/CLASS/*.png` to learn from, `test/CLASS/*.png` to test on.
///
/// A class is a folder; classes and images are taken in the order of their names. Size and colours are those of the
/// first image. Where there is no test part, the validation part is taken; where there are both, it is left alone.
struct ImageFolder: DatasetFolder {
  static let contents = "folders train and test, in each a folder of PNG or JPEG images for every class"
  private static let trainingNames = ["train", "training"]
  private static let testNames = ["test", "testing", "val", "valid", "validation"]

  let path: String

  private var training: String? { part(Self.trainingNames) }
  private var test: String? { part(Self.testNames) }

  var isComplete: Bool { training.map(hasClasses) == true && test.map(hasClasses) == true }

  // Also where the classes lie in the folder itself: a person then learns what is missing.
  var isBegun: Bool {
    training.map(hasClasses) == true || Folder(path).folders.contains { !Folder("\(path)/\($0)").images.isEmpty }
  }

  func dataset(name: String, classes: [String]?, progress: ((String) -> Void)?) throws -> Dataset {
    guard let training else {
      throw DatasetError(
        .notFound, path: path, expected: Self.contents,
        found: "class folders alone; to make both parts, move them into \(path)/train, then some images of each, "
          + "a sixth or so, into \(path)/test/CLASS")
    }
    guard let test else {
      throw DatasetError(
        .notFound, path: path, expected: "a folder test beside \(training)",
        found: "none; to make one, move some images of each class, a sixth or so, into \(path)/test/CLASS")
    }
    let classes = Folder(training).folders
    guard classes.count > 1, classes.count <= 256 else {
      throw DatasetError(
        classes.count > 1 ? .tooLarge : .empty, path: training, expected: "from 2 to 256 class folders",
        found: "\(classes.count)")
    }
    let testClasses = Folder(test).folders
    if let stranger = testClasses.first(where: { !classes.contains($0) }) {
      throw DatasetError(
        .invalidLabel, path: "\(test)/\(stranger)", expected: "a class of \(training)", found: "another")
    }
    let files = try images(of: classes, in: training)
    let header = try ImageFile(path: files[0].path).header
    let testFiles = try images(of: testClasses, in: test)
    return Dataset(
      name: name, origin: path, training: try dataset(files, classes, training, header, progress),
      test: try dataset(testFiles, classes, test, header, progress), classes: classes)
  }

  private func dataset(
    _ files: [(path: String, name: String)], _ classes: [String], _ folder: String, _ header: ImageHeader,
    _ progress: ((String) -> Void)?
  ) throws -> ImageDataset {
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, UInt8($0)) })
    let batch = ImageBatch(header: header)
    let pixels = try batch.pixels(of: files.map(\.path)) { progress?("reading \(folder): \($0) %") }
    return ImageDataset(
      width: header.width, height: header.height, channels: header.channels, pixels: ByteStorage(pixels),
      labels: files.compactMap { numbers[$0.name] })
  }

  /// The images of all classes, each with the name of its class.
  private func images(of classes: [String], in folder: String) throws -> [(path: String, name: String)] {
    try classes.flatMap { name in
      let path = "\(folder)/\(name)"
      let images = Folder(path).images
      guard !images.isEmpty else {
        throw DatasetError(
          .empty, path: path, expected: "at least one image (.png, .jpg, .jpeg)", found: "none")
      }
      return images.map { ("\(path)/\($0)", name) }
    }
  }

  private func hasClasses(_ folder: String) -> Bool { !Folder(folder).folders.isEmpty }

  /// The folder of a part under the first of its names that is there, in capitals or not.
  private func part(_ names: [String]) -> String? {
    let folders = Folder(path).folders
    return names.lazy.compactMap { name in folders.first { $0.lowercased() == name } }.first.map { "\(path)/\($0)" }
  }

  /// What lies in a folder, sorted, without what is hidden.
  private struct Folder {
    private let path: String
    private let names: [String]

    init(_ path: String) {
      self.path = path
      names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
        .filter { !$0.hasPrefix(".") }.sorted()
    }

    var folders: [String] { names.filter { FileManager.default.isFolder("\(path)/\($0)") } }

    var images: [String] {
      names.filter { name in
        guard let dot = name.lastIndex(of: ".") else { return false }
        return ImageFile.extensions.contains(name[name.index(after: dot)...].lowercased())
      }
    }
  }
}
