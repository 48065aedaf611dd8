/// The data sets that have a name, in the order in which they are preferred.
enum KnownDataset: String, CaseIterable, Sendable {
  case mnist
  case fashionMNIST = "fashion-mnist"
  case digits

  /// What people call it.
  var title: String {
    switch self {
    case .mnist: "MNIST"
    case .fashionMNIST: "Fashion-MNIST"
    case .digits: "digits"
    }
  }

  /// What it holds, in a line.
  var summary: String {
    switch self {
    case .mnist: "handwritten digits, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .fashionMNIST: "articles of clothing, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .digits: "digits drawn by the program itself, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    }
  }

  /// The folders it may lie in below a folder of data sets, as Debian, by hand and PyTorch's torchvision put it.
  var folders: [String] {
    switch self {
    case .mnist: ["mnist", "MNIST/raw", "MNIST"]
    case .fashionMNIST: ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST"]
    case .digits: []
    }
  }

  /// The names of the classes.
  var classes: [String] {
    switch self {
    case .mnist, .digits: (0...9).map(String.init)
    case .fashionMNIST:
      ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
    }
  }

  /// How to get it.
  /// - Parameter folder: the first folder of data sets that is looked into.
  func howToGet(into folder: String) -> String {
    switch self {
    case .mnist:
      "put train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz and "
        + "t10k-labels-idx1-ubyte.gz into \(folder)/mnist"
    case .fashionMNIST: "sudo apt-get install dataset-fashion-mnist"
    case .digits: "nothing to get: it is built in"
    }
  }
}
