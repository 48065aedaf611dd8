/// A folder with CIFAR-10 in its binary format.
struct CIFAR10Folder: CIFARFolder {
  static let contents = "the files of CIFAR-10's binary version (data_batch_1.bin to data_batch_5.bin, test_batch.bin)"
  static let trainingFiles = (1...5).map { "data_batch_\($0).bin" }
  static let testFile = "test_batch.bin"
  static let namesFile = "batches.meta.txt"
  static let knownClasses = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]
  static let labelBytes = 1

  let path: String
}
