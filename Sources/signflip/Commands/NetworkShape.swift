import ArgumentParser
import NeuralNetworks
import Tensors

/// What a network is fitted to where no data set is there.
enum NetworkShape {
  /// A normalization's numbers, which a network's costs do not depend on.
  static let normalization = BatchNormalizationNumbers(epsilon: 1e-4, momentum: 0.9)

  /// “32x32x3”; nil where nothing is said.
  static func parse(_ text: String?) throws -> ImageShape? {
    guard let text else { return nil }
    let numbers = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard numbers.count == 3, numbers.allSatisfy({ (1...4096).contains($0) }) else {
      throw ValidationError("expected --input HEIGHTxWIDTHxCHANNELS, as 32x32x3, found \(text)")
    }
    return ImageShape(height: numbers[0], width: numbers[1], channels: numbers[2])
  }
}
