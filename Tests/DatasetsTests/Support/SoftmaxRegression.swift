import Datasets
import Foundation
import Tensors

/// A linear classifier of ten classes over 784 pixels, trained one image at a time.
///
/// Computes `softmax(W x + b)` with cross-entropy. Pixels below 0.1 count as 0 and are skipped, which takes a
/// seventh of the time in a debug build.
struct SoftmaxRegression {
  /// Shape `[784, 10]`, row-major.
  private var weights = [Float](repeating: 0, count: 784 * 10)
  private var bias = [Float](repeating: 0, count: 10)

  /// One pass of gradient descent over the images in their order.
  mutating func train(on images: ImageDataset, learningRate: Float) {
    for index in 0..<images.count {
      let pixels = inkedPixels(of: images, at: index)
      let logits = logits(pixels)
      let largest = logits.max() ?? 0
      let powers = logits.map { exp($0 - largest) }
      let sum = powers.reduce(0, +)
      var steps = powers.map { -learningRate * $0 / sum }
      steps[Int(images.labels[index])] += learningRate
      for (pixel, value) in pixels {
        for label in 0..<10 { weights[pixel * 10 + label] += steps[label] * value }
      }
      for label in 0..<10 { bias[label] += steps[label] }
    }
  }

  /// The fraction of images that are classified correctly.
  func accuracy(on images: ImageDataset) -> Double {
    let right = (0..<images.count).count { index in
      let logits = logits(inkedPixels(of: images, at: index))
      return logits.max() == logits[Int(images.labels[index])]
    }
    return Double(right) / Double(images.count)
  }

  private func logits(_ pixels: [(Int, Float)]) -> [Float] {
    var logits = bias
    for (pixel, value) in pixels {
      for label in 0..<10 { logits[label] += weights[pixel * 10 + label] * value }
    }
    return logits
  }

  private func inkedPixels(of images: ImageDataset, at index: Int) -> [(Int, Float)] {
    let image = [UInt8](images.pixels[index * 784..<(index + 1) * 784])
    var pixels: [(Int, Float)] = []
    for pixel in 0..<784 where image[pixel] > 25 { pixels.append((pixel, Float(image[pixel]) / 255)) }
    return pixels
  }
}
