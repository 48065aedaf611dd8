private import Foundation
private import Tensors

/// The result of a model for an image.
package struct Prediction: Hashable, Sendable {
  /// The output of the last layer, one number per class.
  package let logits: [Float]

  /// A prediction of these logits.
  package init(logits: [Float]) { self.logits = logits }

  /// Runs a model on images.
  /// - Parameter images: the bytes of each image.
  package static func all(_ runtime: PackedRuntime, _ images: [[UInt8]]) -> [Prediction] {
    var predictions: [Prediction] = []
    runtime.run(ByteStorage(images.flatMap(\.self)), ArraySlice(0..<Int32(images.count))) { _, logits in
      let (values, columns) = (logits.values, logits.columns)
      for row in 0..<logits.rows {
        predictions.append(Prediction(logits: Array(values[row * columns..<(row + 1) * columns])))
      }
    }
    return predictions
  }

  /// The softmax of the logits: `exp(z[k] - m) / Σ exp(z[j] - m)`, where `m` is the largest logit.
  ///
  /// It is what the cross-entropy loss was computed with. It is not calibrated, and for a network that was trained with
  /// another loss it is only a monotonic scale.
  package var probabilities: [Double] {
    let largest = logits.reduce(-Float.infinity, max)
    let powers = logits.map { exp(Double($0 - largest)) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// The classes from the most to the least probable; of equal logits the first class comes first.
  package var ranking: [Int] {
    logits.indices.sorted { logits[$0] == logits[$1] ? $0 < $1 : logits[$0] > logits[$1] }
  }
}
