package import Tensors

/// A network as its checkpoints describe it: all that somebody needs, beside the tensors, to compute its logits.
///
/// It is written as JSON into the metadata of each checkpoint; the page *Checkpoint format* has every formula. Dropout is
/// left out, as it does nothing in inference.
package struct NetworkDescription: Hashable, Encodable, Sendable {
  /// Rows, columns and channels of an image; of a network that begins with a flat layer, one row and one column.
  package let input: ImageShape
  /// The layers, in the order of the forward pass.
  package let layers: [Layer]

  /// A layer, with the fields that its kind has.
  package struct Layer: Hashable, Encodable, Sendable {
    /// The kind: `convolution`, `linear`, `batchNormalization`, `relu`, `sign`, `rsign`, `rprelu`, `quantized`,
    /// `maxPool`, `averagePool`, `flatten`, `residual`.
    package var layer: String
    /// The name, from which its tensors have theirs.
    package var name: String
    /// Outputs of a linear layer, filters of a convolution.
    package var outputs: Int?
    /// The values that a weight can have, where they are not any float.
    package var weights: Weights?
    /// Whether a bias is added.
    package var bias: Bool?
    /// The windows of a convolution or a pooling.
    package var windows: Windows?
    /// The number that a batch normalization adds to the variance.
    package var epsilon: Float?
    /// Whether a batch normalization multiplies by powers of two only.
    package var shiftBased: Bool?
    /// Bits of a quantized activation.
    package var bits: Int?
    /// Whether the products behind a sign are multiplied by the mean magnitude of what the sign got: XNOR-Net's K.
    package var scalesInput: Bool?
    /// The layers of a residual block.
    package var layers: [Layer]?
    /// What a residual block adds to their output: `identity`, `zeroPad`, `layers`.
    package var shortcut: String?
    /// The step from pixel to pixel of a shortcut `zeroPad`.
    package var shortcutStride: Int?
    /// The layers of a shortcut `layers`.
    package var shortcutLayers: [Layer]?
  }

  /// What becomes of latent weights W.
  package struct Weights: Hashable, Encodable, Sendable {
    /// `float`, `sign`, `ternary`, `doReFa`, `integer`.
    package var kind: String
    /// Whether each row is multiplied by the mean magnitude of its latent weights.
    package var scaled: Bool?
    /// The threshold of ternary weights; absent for 0.7 times the mean magnitude of the layer.
    package var threshold: Float?
    /// Bits of `doReFa` and `integer` weights.
    package var bits: Int?
  }

  /// The windows that move over an image.
  package struct Windows: Hashable, Encodable, Sendable {
    /// Rows and columns of a window.
    package var kernel: [Int]
    /// Steps from window to window, down and to the right.
    package var stride: [Int]
    /// Rows above and columns left of the image where the first window begins.
    package var before: [Int]
    /// Rows and columns of windows.
    package var output: [Int]
    /// What stands outside of the image: 0 or +1.
    package var border: Int
  }
}

extension NetworkDescription {
  /// Describes a network of `plan` fitted to a data set.
  package init(_ layout: NetworkLayout, _ plan: NetworkPlan) {
    input = layout.input
    // Blocks that have begun: what stands before them, and the kinds of list that are open.
    var open: [[Layer]] = []
    var layers: [Layer] = []
    for item in layout.items {
      switch item.kind {
      case .dropout: continue
      case .residual, .shortcut:
        open.append(layers)
        layers = []
      case .sum(let shortcut):
        var block = Layer(layer: "residual", name: item.name)
        switch shortcut {
        case .identity: block.shortcut = "identity"
        case .zeroPadding(let subsampling):
          (block.shortcut, block.shortcutStride) = ("zeroPad", subsampling.stride)
        case .layers:
          (block.shortcut, block.shortcutLayers) = ("layers", layers)
          layers = open.removeLast()
        }
        block.layers = layers
        layers = open.removeLast() + [block]
      default: layers.append(Self.layer(item, plan))
      }
    }
    self.layers = layers
  }

  private static func layer(_ item: NetworkLayout.Item, _ plan: NetworkPlan) -> Layer {
    var layer = Layer(layer: "", name: item.name)
    switch item.kind {
    case .convolution(let windows, let filters, _, let hasBias):
      (layer.layer, layer.outputs, layer.bias) = ("convolution", filters, hasBias)
      (layer.weights, layer.windows) = (weights(item, plan), Windows(windows))
    case .linear(_, let hasBias):
      (layer.layer, layer.outputs, layer.bias) = ("linear", item.output.features, hasBias)
      layer.weights = weights(item, plan)
    case .normalization:
      let numbers = plan.batchNormalization ?? .absent
      (layer.layer, layer.epsilon) = ("batchNormalization", numbers.epsilon)
      layer.shiftBased = numbers.kind == .shift
    case .activation(let activation):
      layer.layer = activation.rawValue
      if activation == .sign { layer.scalesInput = plan.scalesInputs ?? false }
      if activation == .quantized { layer.bits = plan.activationBits ?? NetworkPlan.usualActivationBits }
    case .pooling(let kind, let windows):
      layer.layer = kind == .max ? "maxPool" : "averagePool"
      layer.windows = Windows(windows)
    case .flatten: layer.layer = "flatten"
    case .dropout, .residual, .shortcut, .sum: preconditionFailure("\(item.name) is no layer with tensors")
    }
    return layer
  }

  private static func weights(_ item: NetworkLayout.Item, _ plan: NetworkPlan) -> Weights {
    guard item.isBinary else { return Weights(kind: "float") }
    switch item.quantization {
    case nil: return Weights(kind: "sign", scaled: plan.scaledGradient != nil || plan.scalesWeights ?? false)
    case .ternary(.meanSize, let isScaled): return Weights(kind: "ternary", scaled: isScaled)
    case .ternary(.fixed(let threshold), let isScaled):
      return Weights(kind: "ternary", scaled: isScaled, threshold: threshold)
    case .doReFa(let bits): return Weights(kind: "doReFa", bits: bits)
    case .integers(let bits): return Weights(kind: "integer", bits: bits)
    }
  }
}

extension NetworkDescription.Windows {
  fileprivate init(_ windows: ImageWindows) {
    self.init(
      kernel: [windows.kernel.height, windows.kernel.width], stride: [windows.stride.height, windows.stride.width],
      before: [windows.before.height, windows.before.width], output: [windows.output.height, windows.output.width],
      border: windows.padding == .sameOne ? 1 : 0)
  }
}
