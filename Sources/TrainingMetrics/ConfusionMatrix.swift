/// The number of images of each class by predicted class, and what follows from it.
package struct ConfusionMatrix: Hashable, Codable, Sendable {
  /// The number of images by label and prediction: `counts[label][prediction]`.
  package private(set) var counts: [[Int]]

  /// A matrix of no images.
  package init(classes: Int) {
    counts = Array(repeating: Array(repeating: 0, count: classes), count: classes)
  }

  /// Counts an image.
  package mutating func add(label: Int, prediction: Int) { counts[label][prediction] += 1 }

  /// The number of images.
  package var count: Int { counts.joined().reduce(0, +) }
  /// The number of correct predictions.
  package var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }
  /// The fraction of correct predictions, 0...1.
  package var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
  /// The number of images of a class.
  package func images(_ label: Int) -> Int { counts[label].reduce(0, +) }
  /// The fraction of the predictions of a class that are correct; nil if the class was never predicted.
  package func precision(_ label: Int) -> Double? {
    let predicted = counts.reduce(0) { $0 + $1[label] }
    return predicted == 0 ? nil : Double(counts[label][label]) / Double(predicted)
  }
  /// The fraction of the images of a class that are predicted as it; nil if there are no such images.
  package func recall(_ label: Int) -> Double? {
    let all = images(label)
    return all == 0 ? nil : Double(counts[label][label]) / Double(all)
  }
}
