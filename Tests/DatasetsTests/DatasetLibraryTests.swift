import Datasets
import Testing

@Suite("Finding data sets")
struct DatasetLibraryTests {
  private let temporary: TemporaryFolder

  init() throws {
    temporary = try TemporaryFolder()
  }

  @Test("the search path in its order")
  func order() {
    let environment = ["SIGNFLIP_DATA": "/b", "XDG_DATA_HOME": "/c", "HOME": "/home/ada"]
    #expect(
      DatasetLibrary(dataDirectory: "/a", environment: environment).searchPath
        == ["/a", "/b", "/c/signflip/datasets", "/usr/share/datasets"])
    #expect(
      DatasetLibrary(dataDirectory: "~/d/", environment: ["HOME": "/home/ada"]).searchPath
        == ["/home/ada/d", "/home/ada/.local/share/signflip/datasets", "/usr/share/datasets"])
    #expect(DatasetLibrary(dataDirectory: nil, environment: [:]).searchPath == ["/usr/share/datasets"])
  }

  @Test("empty variables and a relative XDG_DATA_HOME count as none")
  func emptyVariables() {
    let environment = ["SIGNFLIP_DATA": "", "XDG_DATA_HOME": "share", "HOME": "/home/ada"]
    #expect(
      DatasetLibrary(dataDirectory: nil, environment: environment).searchPath
        == ["/home/ada/.local/share/signflip/datasets", "/usr/share/datasets"])
  }

  @Test("the first folder with all four files wins; one with some of them does not")
  func precedence() throws {
    var partial = IDXCorpus()
    partial.files["train-labels-idx1-ubyte"] = nil
    try partial.write(into: temporary, folder: "a/mnist")
    let second = try IDXCorpus().write(into: temporary, folder: "b/mnist")
    try IDXCorpus().write(into: temporary, folder: "c/mnist")
    let library = DatasetLibrary(searchPath: ["a", "b", "c"].map { "\(temporary.path)/\($0)" })
    #expect(library.entries().first { $0.name == "mnist" }?.location == second)
    let dataset = try library.load("mnist", progress: nil)
    #expect(dataset.origin == second)
    #expect(dataset.name == "mnist")
    #expect(dataset.classes.count == 10)
  }

  @Test(
    "the layouts of Debian and of torchvision",
    arguments: [
      ("mnist", "mnist"), ("mnist", "MNIST/raw"), ("fashion-mnist", "fashion-mnist"),
      ("fashion-mnist", "FashionMNIST/raw"), ("kmnist", "kmnist"), ("kmnist", "KMNIST/raw"),
    ])
  func layouts(name: String, folder: String) throws {
    let path = try IDXCorpus().write(into: temporary, folder: folder, compressed: true)
    #expect(try DatasetLibrary(searchPath: [temporary.path]).load(name, progress: nil).origin == path)
  }

  @Test("a folder of the search path may be the data set itself")
  func itself() throws {
    let path = try IDXCorpus().write(into: temporary, folder: "mnist")
    #expect(DatasetLibrary(searchPath: [path]).defaultName().name == "mnist")
  }

  @Test("the classes of Fashion-MNIST have names")
  func fashionClasses() throws {
    try IDXCorpus().write(into: temporary, folder: "fashion-mnist")
    let dataset = try DatasetLibrary(searchPath: [temporary.path]).load("fashion-mnist", progress: nil)
    #expect(dataset.classes.count == 10)
    #expect(dataset.classes.first == "T-shirt")
    #expect(dataset.classes.last == "ankle boot")
  }

  @Test("the default is the first of mnist, fashion-mnist and digits that is there, and says why")
  func defaults() throws {
    let library = DatasetLibrary(searchPath: [temporary.path])
    #expect(library.defaultName() == ("digits", "built in; neither MNIST nor Fashion-MNIST was found"))
    let fashion = try IDXCorpus().write(into: temporary, folder: "fashion-mnist")
    #expect(library.defaultName() == ("fashion-mnist", "Fashion-MNIST is in \(fashion); MNIST was not found"))
    let mnist = try IDXCorpus().write(into: temporary, folder: "mnist")
    #expect(library.defaultName() == ("mnist", "MNIST is in \(mnist)"))
  }

  @Test("the list says what is there and how to get the rest")
  func entries() throws {
    let entries = DatasetLibrary(searchPath: [temporary.path]).entries()
    #expect(entries.map(\.name) == ["mnist", "fashion-mnist", "kmnist", "digits", "cifar-10", "cifar-100"])
    #expect(entries.map(\.location) == [nil, nil, nil, "built in", nil, nil])
    #expect(entries[0].howToGet == "signflip data get mnist")
    #expect(entries[2].howToGet == "signflip data get kmnist")
    #expect(entries.allSatisfy { !$0.summary.isEmpty && !$0.howToGet.isEmpty })
  }

  @Test("a known data set that is nowhere: where it was looked for, and how to get it")
  func missing() throws {
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: ["/nowhere", temporary.path]).load("fashion-mnist", progress: nil)
    }
    #expect(error.code == .notFound)
    #expect(error.message.contains("/nowhere/fashion-mnist, \(temporary.path)/fashion-mnist"))
    #expect(error.message.hasSuffix("to get it: signflip data get fashion-mnist"))
  }

  @Test("a known data set that is incomplete: the file that is missing")
  func incomplete() throws {
    var corpus = IDXCorpus()
    corpus.files["t10k-images-idx3-ubyte"] = nil
    let path = try corpus.write(into: temporary, folder: "mnist")
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: [temporary.path]).load("mnist", progress: nil)
    }
    #expect(error.code == .notFound)
    #expect(error.message.hasPrefix("\(path): t10k-images is missing"))
  }

  @Test("a text that is neither a name nor a folder", arguments: ["mnits", "/nowhere/at/all"])
  func unknown(name: String) throws {
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: [temporary.path]).load(name, progress: nil)
    }
    #expect(error.code == .unknownDataset)
    #expect(
      error.message.hasPrefix(
        "\(name): expected one of mnist, fashion-mnist, kmnist, digits, cifar-10, cifar-100, or a folder"))
    #expect(error.message.hasSuffix("found no such folder"))
  }

  @Test("an unrecognized folder: every possible content is listed")
  func unrecognized() throws {
    let path = try temporary.folder("notes")
    try temporary.write([1], to: "notes/todo.txt")
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: [temporary.path]).load(path, progress: nil)
    }
    #expect(error.code == .wrongFormat)
    #expect(error.message.hasPrefix("\(path): expected the four IDX files (train-images-idx3-ubyte, "))
    for words in ["data_batch_1.bin", "train.bin", "folders train and test", "mnist_train.csv"] {
      #expect(error.message.contains(words))
    }
    #expect(error.message.hasSuffix(", found none of these"))
  }

  @Test("a file is no folder")
  func fileAsFolder() throws {
    let path = try temporary.write([1], to: "file")
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(searchPath: [temporary.path]).load(path, progress: nil)
    }
    #expect(error.message.hasSuffix("found a file"))
  }

  @Test("a folder named on the command line must exist")
  func wrongDataDirectory() throws {
    let error = try #require(throws: DatasetError.self) {
      try DatasetLibrary(dataDirectory: "/nowhere", environment: [:]).load("digits", progress: nil)
    }
    #expect(error.message == "/nowhere: expected a folder of data sets, found no folder")
  }
}
