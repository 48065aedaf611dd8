import Datasets
import Testing

@Suite("What is downloaded, and from where")
struct DownloadPlanTests {
  @Test("every data set has its files by SHA-256 and size", arguments: DownloadableDataset.allCases)
  func files(dataset: DownloadableDataset) {
    for file in dataset.files {
      #expect(file.sha256.count == 64)
      #expect(file.sha256.allSatisfy { $0.isHexDigit && !$0.isUppercase })
      #expect((file.size ?? 0) > 4000)
    }
    #expect(Set(dataset.files.map(\.sha256)).count == (dataset.isArchive ? 1 : 4))
    #expect(!dataset.mirrors.isEmpty)
  }

  @Test("every mirror is asked for every file, in order")
  func mirrors() throws {
    let plan = try DownloadPlan(.mnist, from: nil, sha256: [])
    #expect(
      plan.items.map(\.file.name) == [
        "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
      ])
    #expect(
      plan.items[3].addresses == [
        "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
        "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
      ])
    let archive = try DownloadPlan(.cifar100, from: nil, sha256: []).items
    #expect(archive.map(\.addresses) == [["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"]])
  }

  @Test(
    "an address is a folder or one of the files; an archive is the address itself",
    arguments: [
      (DownloadableDataset.mnist, "http://h/a", 4, "http://h/a/train-images-idx3-ubyte.gz"),
      (.mnist, "https://h/a/", 4, "https://h/a/train-images-idx3-ubyte.gz"),
      (.mnist, "HTTP://h/t10k-images-idx3-ubyte.gz?v=2", 1, "HTTP://h/t10k-images-idx3-ubyte.gz?v=2"),
      (.cifar10, "http://h/a/", 1, "http://h/a/cifar-10-binary.tar.gz"),
      (.cifar10, "http://h/download?id=3", 1, "http://h/download?id=3"),
      (.cifar10, "file:///a/b.tgz", 1, "file:///a/b.tgz"),
    ])
  func sources(dataset: DownloadableDataset, text: String, count: Int, first: String) throws {
    let items = try DownloadPlan(dataset, from: DownloadSource(text, home: nil), sha256: []).items
    #expect(items.count == count)
    #expect(items.first?.addresses == [first])
    #expect(items.allSatisfy { dataset.files.contains($0.file) })
  }

  @Test("a path is recognized by its contents")
  func paths() throws {
    let temporary = try TemporaryFolder()
    let folder = try temporary.folder("with space")
    let file = try temporary.write([1], to: "with space/other.tgz")
    let fromFolder = try DownloadPlan(.cifar10, from: DownloadSource(folder, home: nil), sha256: []).items
    #expect(fromFolder[0].addresses[0].hasSuffix("/with%20space/cifar-10-binary.tar.gz"))
    let fromFile = try DownloadPlan(.cifar10, from: DownloadSource("~/other.tgz", home: folder), sha256: []).items
    #expect(fromFile[0].addresses[0].hasSuffix("/with%20space/other.tgz"))
    let source = try DownloadSource(file, home: nil)
    #expect(throws: DatasetError.self) { try DownloadPlan(.mnist, from: source, sha256: []) }
  }

  @Test("given checksums replace the known ones and the size")
  func checksums() throws {
    let source = try DownloadSource("http://h/a/", home: nil)
    let known = DownloadableDataset.mnist.files
    let other = String(repeating: "0A", count: 32)
    let sums = [other] + known.dropFirst().map(\.sha256)
    let files = try DownloadPlan(.mnist, from: source, sha256: sums).items.map(\.file)
    #expect(files[0] == RemoteFile(name: known[0].name, size: nil, sha256: other.lowercased()))
    #expect(files.dropFirst() == known.dropFirst())
  }

  @Test(
    "checksums that don't match", arguments: [[String(repeating: "0", count: 64)], Array(repeating: "zz", count: 4)])
  func wrongChecksums(sums: [String]) throws {
    let source = try DownloadSource("http://h/a/", home: nil)
    let error = try #require(throws: DatasetError.self) { try DownloadPlan(.mnist, from: source, sha256: sums) }
    #expect(error.message.hasPrefix("--sha256: expected "))
  }

  @Test("other URL schemes are refused", arguments: ["ftp://h/a", "scp://h/a", "://"])
  func schemes(text: String) throws {
    let error = try #require(throws: DatasetError.self) { try DownloadSource(text, home: nil) }
    #expect(error.message.contains("expected a URL (http, https or file)"))
  }
}
