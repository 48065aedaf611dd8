import Tensors

/// A layer as a person writes it, before anything is known of its input.
package indirect enum LayerPlan: Hashable, Codable, Sendable {
  /// What stands outside of an image under a convolution's kernel.
  package enum Border: String, Codable, Sendable, CaseIterable {
    /// Nothing: no window reaches beyond the image.
    case valid
    /// 0 around real numbers, +1 around signs; the output is as large as the input, or `stride` times smaller.
    case same
    /// 0, also around signs: these places take no part.
    case sameZero
    /// +1, also around real numbers.
    case sameOne

    /// The padding of images of real numbers, or of signs.
    func padding(ofSigns: Bool) -> Padding {
      switch self {
      case .valid: .valid
      case .same: ofSigns ? .sameOne : .same
      case .sameZero: .same
      case .sameOne: .sameOne
      }
    }
  }

  /// An activation.
  package enum Activation: String, Codable, Sendable, CaseIterable {
    /// max(0, x).
    case relu
    /// ±1.
    case sign
    /// x from 0 to 1, of few bits.
    case quantized
    /// ±1 around a learned threshold.
    case rsign
    /// The rectifier with a learned place and slope.
    case rprelu

    /// Whether it gives ±1.
    package var givesSigns: Bool { self == .sign || self == .rsign }
  }

  /// What stands beside the layers of a residual block.
  package indirect enum Shortcut: Hashable, Codable, Sendable {
    /// The block's input.
    case identity
    /// The input's pixels at a distance, and zeros in new channels, as the layers' output has the shape.
    case zeroPadding
    /// Other layers; their weights are float unless they say otherwise.
    case layers([LayerPlan])
  }

  /// A convolution with a square kernel.
  /// - isBinary: whether its weights are binary; nil as the method has it.
  case convolution(filters: Int, kernel: Int, stride: Int, border: Border, isBinary: Bool?)
  /// A linear layer.
  /// - outputs: nil for the number of classes.
  case linear(outputs: Int?, isBinary: Bool?)
  /// Batch normalization of every channel.
  case batchNormalization
  /// An activation; nil for the method's: the sign in a binary network, few bits in DoReFa-Net, else the rectifier.
  case activation(Activation?)
  /// The greatest or the mean value in square windows.
  case pooling(Pooling.Kind, size: Int, stride: Int, border: Border)
  /// The mean of every channel over the image.
  case globalAveragePooling
  /// An image as a row.
  case flatten
  /// Dropout: of the input where it is the first layer, else of hidden units.
  case dropout
  /// A residual block: the sum of layers and of a shortcut around them.
  case residual([LayerPlan], shortcut: Shortcut)

  /// The layer, or those of a residual block, whatever stands in what.
  /// - Parameter shortcuts: whether those of shortcuts are among them.
  package func leaves(withShortcuts shortcuts: Bool = true) -> [LayerPlan] {
    guard case .residual(let layers, let shortcut) = self else { return [self] }
    var all = layers
    if shortcuts, case .layers(let others) = shortcut { all += others }
    return all.flatMap { $0.leaves(withShortcuts: shortcuts) }
  }
}
