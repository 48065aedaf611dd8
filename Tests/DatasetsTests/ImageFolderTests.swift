import Datasets
import Foundation
import Tensors
import Testing

@Suite("Folders of images by class")
struct ImageFolderTests {
  private let temporary: TemporaryFolder
  private let library: DatasetLibrary

  init() throws {
    temporary = try TemporaryFolder()
    library = DatasetLibrary(searchPath: [temporary.path])
  }

  /// Two classes of 3 × 2 grey images: two and one for training, one each for testing.
  static let corpus: [String: [UInt8]] = [
    "train/cat/2.png": PNG.image(3, 2, [1, 2, 3, 4, 5, 6]),
    "train/cat/1.png": PNG.image(3, 2, [0, 51, 102, 153, 204, 255]),
    "train/dog/a.PNG": PNG.image(3, 2, [7, 8, 9, 10, 11, 12]),
    "test/dog/x.png": PNG.image(3, 2, [13, 14, 15, 16, 17, 18]),
    "test/cat/y.png": PNG.image(3, 2, [19, 20, 21, 22, 23, 24]),
  ]

  /// Writes a corpus and returns its folder.
  @discardableResult
  private func write(_ files: [String: [UInt8]] = corpus) throws -> String {
    for (name, bytes) in files { try temporary.write(bytes, to: "pets/\(name)") }
    return "\(temporary.path)/pets"
  }

  private func load(_ files: [String: [UInt8]] = corpus) throws -> Dataset {
    try library.load(write(files), progress: nil)
  }

  @Test("classes and images are taken in the order of their names")
  func order() throws {
    let dataset = try load()
    #expect(dataset.name == "pets")
    #expect(dataset.origin == "\(temporary.path)/pets")
    #expect(dataset.classes == ["cat", "dog"])
    #expect(dataset.training.width == 3)
    #expect(dataset.training.height == 2)
    #expect(dataset.training.channels == 1)
    #expect(dataset.training.pixels == [0, 51, 102, 153, 204, 255] + [1, 2, 3, 4, 5, 6] + [7, 8, 9, 10, 11, 12])
    #expect(dataset.training.labels == [0, 0, 1])
    #expect(dataset.test.pixels == [UInt8](19...24) + [UInt8](13...18))
    #expect(dataset.test.labels == [0, 1])
  }

  @Test(
    "the parts by the names that people give them",
    arguments: [("train", "val"), ("Train", "Test"), ("training", "testing"), ("train", "validation")])
  func parts(training: String, test: String) throws {
    let files = Self.corpus.map { name, bytes in
      (name.replacing("train/", with: training + "/").replacing("test/", with: test + "/"), bytes)
    }
    #expect(try load(Dictionary(uniqueKeysWithValues: files)).test.pixels == [UInt8](19...24) + [UInt8](13...18))
  }

  @Test("a validation part beside a test part is left alone")
  func validation() throws {
    let dataset = try load(Self.corpus.merging(["val/cat/1.png": [1]]) { $1 })
    #expect(dataset.training.count == 3)
    #expect(dataset.test.count == 2)
  }

  @Test("hidden files, and files that are no images, are skipped")
  func otherFiles() throws {
    let others = [
      "train/cat/.1.png", "train/cat/Thumbs.db", "train/.hidden/1.png", "train/readme.txt", "test/cat/note",
    ]
    let dataset = try load(Self.corpus.merging(others.map { ($0, [1]) }) { $1 })
    #expect(dataset.classes == ["cat", "dog"])
    #expect(dataset.training.count == 3)
    #expect(dataset.test.count == 2)
  }

  @Test(
    "one image in colour makes the set one in colour, wherever it stands",
    arguments: ["train/dog/a.PNG", "test/cat/y.png"])
  func oneInColor(place: String) throws {
    let colors: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 10, 10, 0, 0, 0]
    let dataset = try load(Self.corpus.merging([place: PNG.image(3, 2, colors, kind: .color)]) { $1 })
    #expect(dataset.training.channels == 3)
    #expect(dataset.training.pixels[..<6] == [0, 0, 0, 51, 51, 51])
    #expect(place.hasPrefix("test") ? dataset.test.pixels[..<18] == colors : dataset.training.pixels[36...] == colors)
    #expect(dataset.notes == ["4 images of 5 in grey, converted to colour like the others"])
    #expect(dataset.reading == PixelReading(channels: 3))
  }

  @Test("grey images become colour in a set of colour images")
  func colorFirst() throws {
    var files = Self.corpus
    files["train/cat/1.png"] = PNG.image(3, 2, [UInt8](100..<118), kind: .color)
    let dataset = try load(files)
    #expect(dataset.training.channels == 3)
    #expect(dataset.training.pixels[..<18] == [UInt8](100..<118))
    #expect(dataset.training.pixels[18..<36] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6])
    #expect(dataset.test.channels == 3)
    #expect(dataset.test.pixels[..<6] == [19, 19, 19, 20, 20, 20])
  }

  /// Images of 3 × 2 pixels in all PNG formats, and their expected values.
  static let ways: [(name: String, file: [UInt8], pixels: [UInt8])] = [
    (
      "16 bits",
      PNG.image(3, 2, [0, 0, 1, 1, 127, 127, 128, 128, 200, 200, 255, 255], depth: 16), [0, 1, 127, 128, 200, 255]
    ),
    (
      "palette", PNG.image(3, 2, [0, 1, 2, 2, 1, 0], kind: .palette, palette: [1, 2, 3, 40, 50, 60, 255, 0, 128]),
      [1, 2, 3, 40, 50, 60, 255, 0, 128, 255, 0, 128, 40, 50, 60, 1, 2, 3]
    ),
    (
      "palette with transparency",
      PNG.image(
        3, 2, [0, 1, 2, 2, 1, 0], kind: .palette, palette: [100, 200, 250, 40, 50, 60, 9, 9, 9],
        transparency: [128, 255, 0]),
      [177, 227, 252, 40, 50, 60, 255, 255, 255, 255, 255, 255, 40, 50, 60, 177, 227, 252]
    ),
    (
      "grey with alpha",
      PNG.image(3, 2, [255, 0, 255, 51, 255, 255, 100, 128, 7, 255, 0, 255], kind: .greyAlpha),
      [255, 255, 255, 177, 7, 0]
    ),
    (
      "light grey with alpha",
      PNG.image(3, 2, [255, 51, 255, 255, 250, 128, 200, 0, 255, 255, 255, 10], kind: .greyAlpha),
      [51, 255, 125, 0, 255, 10]
    ),
    (
      "colour with alpha",
      PNG.image(
        3, 2,
        [255, 100, 50, 128, 1, 2, 3, 255, 9, 9, 9, 0, 255, 255, 255, 1, 0, 0, 0, 9, 8, 8, 8, 255], kind: .colorAlpha),
      [255, 177, 152, 1, 2, 3, 255, 255, 255, 255, 255, 255, 246, 246, 246, 8, 8, 8]
    ),
  ]

  @Test("16 bits become 8, palettes colours; dark ink lies on white, light ink on black", arguments: ways.indices)
  func way(index: Int) throws {
    let way = Self.ways[index]
    let dataset = try load(Self.corpus.merging(["train/cat/1.png": way.file]) { $1 })
    #expect(dataset.training.channels == way.pixels.count / 6, "\(way.name)")
    #expect([UInt8](dataset.training.pixels[..<way.pixels.count]) == way.pixels, "\(way.name)")
  }

  @Test("JPEG, grey and in colour, also where the name says PNG", arguments: [1, 3])
  func jpeg(channels: Int) throws {
    let color: [UInt8] = channels == 1 ? [200] : [200, 100, 50]
    let image = JPEG.image(3, 2, (0..<6).flatMap { _ in color }, channels: channels)
    var files = ["train/cat/1.jpg": image, "train/dog/1.png": image, "test/cat/1.jpeg": image]
    files["test/dog/1.png"] = PNG.image(3, 2, [1, 2, 3, 4, 5, 6])
    let dataset = try load(files)
    #expect(dataset.training.channels == channels)
    #expect(dataset.training.pixels.count == 2 * 6 * channels)
    for (index, value) in dataset.training.pixels.enumerated() {
      #expect(abs(Int(value) - Int(color[index % channels])) <= 2)
    }
  }

  @Test("many images are read in order, with progress")
  func many() throws {
    var files = Self.corpus
    for index in 0..<2_100 {
      let number = String(10_000 + index)
      files["train/cat/\(number).png"] = PNG.image(3, 2, [UInt8](repeating: UInt8(index % 251), count: 6))
    }
    var messages: [String] = []
    let path = try write(files)
    let dataset = try library.load(path) { messages.append($0) }
    let firsts = stride(from: 6, to: 6 + 2_100 * 6, by: 6).map { dataset.training.pixels[$0] }
    #expect(firsts == (0..<2_100).map { UInt8($0 % 251) })
    #expect(
      messages == ["reading \(path)/train: 97 %", "reading \(path)/train: 100 %", "reading \(path)/test: 100 %"])
  }

  @Test("names are bytes: two normalizations are two classes, what is not UTF-8 is one too")
  func names() throws {
    // The names are equal as keys of a dictionary.
    for name in ["\u{F4}", "o\u{302}"] {
      try temporary.write(PNG.image(3, 2, [6, 5, 4, 3, 2, 1]), to: "pets/train/\(name)/1.png")
    }
    let dataset = try load()
    #expect(dataset.classes.count == 4)
    #expect(dataset.training.labels.count == 5)
    #expect(dataset.notes.contains { $0.hasPrefix("train has two class folders whose names look the same") })
  }
}
