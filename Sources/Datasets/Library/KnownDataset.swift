/// The known data sets, in order of preference.
enum KnownDataset: String, CaseIterable, Sendable {
  case mnist
  case fashionMNIST = "fashion-mnist"
  case kmnist
  case digits
  case cifar10 = "cifar-10"
  case cifar100 = "cifar-100"

  /// Its common name.
  var title: String {
    switch self {
    case .mnist: "MNIST"
    case .fashionMNIST: "Fashion-MNIST"
    case .kmnist: "KMNIST"
    case .digits: "digits"
    case .cifar10: "CIFAR-10"
    case .cifar100: "CIFAR-100"
    }
  }

  /// What it contains, in one line.
  var summary: String {
    switch self {
    case .mnist: "handwritten digits, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .fashionMNIST: "articles of clothing, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .kmnist: "handwritten hiragana, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .digits: "digits drawn by the program itself, 60,000 + 10,000 images, 28 × 28 grey, 10 classes"
    case .cifar10: "animals and vehicles, 50,000 + 10,000 images, 32 × 32 colour, 10 classes"
    case .cifar100: "animals, plants and things, 50,000 + 10,000 images, 32 × 32 colour, 100 classes"
    }
  }

  /// Its possible directories within a directory of data sets, as installed by Debian, by hand, or by PyTorch's
  /// torchvision.
  var folders: [String] {
    switch self {
    case .mnist: ["mnist", "MNIST/raw", "MNIST"]
    case .fashionMNIST: ["fashion-mnist", "FashionMNIST/raw", "FashionMNIST"]
    case .kmnist: ["kmnist", "KMNIST/raw", "KMNIST"]
    case .digits: []
    case .cifar10:
      [
        "cifar-10", "cifar-10-batches-bin", "cifar10", "CIFAR-10", "CIFAR10", "cifar-10-binary/cifar-10-batches-bin",
        "cifar-10/cifar-10-batches-bin", "cifar10/cifar-10-batches-bin", "CIFAR10/cifar-10-batches-bin",
      ]
    case .cifar100:
      [
        "cifar-100", "cifar-100-binary", "cifar100", "CIFAR-100", "CIFAR100", "cifar-100/cifar-100-binary",
        "cifar100/cifar-100-binary", "CIFAR100/cifar-100-binary",
      ]
    }
  }

  /// The format of these directories; nil if it is built in.
  var format: DatasetFormat? {
    switch self {
    case .mnist, .fashionMNIST, .kmnist: .idx
    case .cifar10: .cifar10
    case .cifar100: .cifar100
    case .digits: nil
    }
  }

  /// The class names; nil if the directory contains them.
  var classes: [String]? {
    switch self {
    case .mnist, .digits: (0...9).map(String.init)
    case .fashionMNIST:
      ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
    // お き す つ な は ま や れ を, which not every terminal can display.
    case .kmnist: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]
    case .cifar10, .cifar100: nil
    }
  }

  /// How to get it.
  var howToGet: String { self == .digits ? "nothing to get: it is built in" : "signflip data get \(rawValue)" }
}
