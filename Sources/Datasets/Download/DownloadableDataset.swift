/// The data sets that can be downloaded: sources, files and checksums.
package enum DownloadableDataset: String, CaseIterable, Sendable {
  case mnist
  case fashionMNIST = "fashion-mnist"
  case kmnist
  case cifar10 = "cifar-10"
  case cifar100 = "cifar-100"

  /// The base URLs of the files, in order of preference.
  package var mirrors: [String] {
    switch self {
    case .mnist:
      ["https://ossci-datasets.s3.amazonaws.com/mnist", "https://storage.googleapis.com/cvdf-datasets/mnist"]
    // Neither supports HTTPS; the checksums ensure that the files are authentic.
    case .fashionMNIST: ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"]
    case .kmnist: ["http://codh.rois.ac.jp/kmnist/dataset/kmnist"]
    case .cifar10, .cifar100: ["https://www.cs.toronto.edu/~kriz"]
    }
  }

  /// The files to download: four files in the order of `IDXFolder.Part`, or an archive.
  ///
  /// Sizes and checksums are those of TensorFlow Datasets (tensorflow_datasets/url_checksums: mnist.txt,
  /// fashion_mnist.txt, kmnist.txt, cifar10.txt, cifar100.txt). Those of Fashion-MNIST were confirmed: Debian's
  /// dataset-fashion-mnist contains the same compressed data without name and time, and restoring these gives the same
  /// checksums.
  package var files: [RemoteFile] {
    switch self {
    case .mnist:
      Self.four(
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"))
    case .fashionMNIST:
      Self.four(
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"))
    case .kmnist:
      Self.four(
        (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
        (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
        (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
        (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"))
    case .cifar10:
      [
        RemoteFile(
          name: "cifar-10-binary.tar.gz", size: 170_052_171,
          sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd")
      ]
    case .cifar100:
      [
        RemoteFile(
          name: "cifar-100-binary.tar.gz", size: 168_513_733,
          sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec")
      ]
    }
  }

  /// Its directory within a directory of data sets, where readers find it; for an archive, also the directory inside
  /// it.
  package var folder: String {
    switch self {
    case .mnist, .fashionMNIST, .kmnist: rawValue
    case .cifar10: "cifar-10-batches-bin"
    case .cifar100: "cifar-100-binary"
    }
  }

  /// The files to extract from the archive; empty if the files are not archives.
  package var contents: [String] {
    switch self {
    case .mnist, .fashionMNIST, .kmnist: []
    case .cifar10: (1...5).map { "data_batch_\($0).bin" } + ["test_batch.bin", "batches.meta.txt"]
    case .cifar100: ["train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"]
    }
  }

  /// Whether it is an archive.
  package var isArchive: Bool { !contents.isEmpty }

  private static func four(_ files: (size: Int, sha256: String)...) -> [RemoteFile] {
    zip(IDXFolder.Part.allCases, files).map { RemoteFile(name: $0.compressedName, size: $1.size, sha256: $1.sha256) }
  }
}
