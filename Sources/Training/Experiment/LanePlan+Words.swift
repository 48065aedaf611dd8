import NeuralNetworks
import Tensors

extension LanePlan {
  /// What to tell where a batch is larger than the training set; nil where it is not.
  func batchNote(images: Int) -> String? {
    guard batchSize > images else { return nil }
    return """
      lane \(name): a batch of \(batchSize) images is more than the training set has: each step takes all \
      \(images), one step an epoch
      """
  }

  /// The method in words: “BinaryConnect, stochastic”.
  package var methodDescription: String {
    weightDescription + (drawsActivations ? ", stochastic activations" : "")
  }

  private var weightDescription: String {
    guard !optimizer.kind.hasLatentWeights, let words = method.wordsWithoutLatentWeights else {
      return network.form.words
    }
    return words + ", Bop"
  }
}
