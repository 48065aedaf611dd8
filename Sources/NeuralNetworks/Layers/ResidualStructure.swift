package import Tensors

// A layout is a flat list of items. A residual block starts with a `BlockBegin`, followed by its layers, then, if the
// shortcut has layers, a `ShortcutBegin` and these layers, and ends with a `BlockSum`.

/// The start of a residual block. The input of the next layer is also the input of the block's shortcut.
package struct BlockBegin: FittedLayer {
  package static let words: [String] = []

  init() {}

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws { self.init() }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }
  package func build(_ name: String, _ builder: inout NetworkBuilder) { builder.beginList() }
  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { packer.beginBlock(name) }
  package var words: String { "block:" }
  package var makesFewBits: Bool? { nil }
  package var place: NetworkLayout.Place { .blockBegin }
}

/// The start of a shortcut with layers, whose input is the block's input.
package struct ShortcutBegin: FittedLayer {
  package static let words: [String] = []

  init() {}

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws { self.init() }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }
  package func build(_ name: String, _ builder: inout NetworkBuilder) { builder.beginList() }
  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { packer.beginShortcut() }
  package var words: String { "beside it, of the block's input:" }
  package var makesFewBits: Bool? { nil }
  package var place: NetworkLayout.Place { .shortcutBegin }
}

/// The end of a block: the sum of the outputs of its layers and of its shortcut.
package struct BlockSum: FittedLayer {
  /// What a block adds to the output of its layers.
  package enum Shortcut: Hashable, Sendable {
    /// Its input.
    case identity
    /// Its input subsampled, padded with zero channels.
    case zeroPadding(ImageSubsampling)
    /// The output of the shortcut's layers.
    case layers
  }

  package static let words = ["residual"]

  /// Returns the name of the sum of a block.
  static func sumName(_ block: String) -> String { block + suffix }

  /// Returns the name of the block of a sum.
  static func blockName(_ sum: String) -> String { sum.hasSuffix(suffix) ? String(sum.dropLast(suffix.count)) : sum }

  private static let suffix = ".sum"

  /// The shortcut.
  package let shortcut: Shortcut
  /// Channels.
  package let features: Int

  init(shortcut: Shortcut, features: Int) {
    self.shortcut = shortcut
    self.features = features
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    throw description.wrong("a block with its layers", "its sum alone")
  }

  /// The block without its layers, which `NetworkDescription` adds.
  package func description(_ name: String) -> NetworkDescription.Layer? {
    var block = NetworkDescription.Layer("residual", name)
    switch shortcut {
    case .identity: block.shortcut = "identity"
    case .zeroPadding(let subsampling): (block.shortcut, block.shortcutStride) = ("zeroPad", subsampling.stride)
    case .layers: block.shortcut = "layers"
    }
    return block
  }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    let last = builder.endList()
    switch shortcut {
    case .identity:
      builder.layers.append(Residual(name: name, body: last, shortcut: .identity, features: features))
    case .zeroPadding(let subsampling):
      builder.layers.append(
        Residual(name: name, body: last, shortcut: .zeroPadding(subsampling), features: features))
    case .layers:
      let body = builder.endList()
      builder.layers.append(
        Residual(name: name, body: body, shortcut: .layers(LayerSequence(last)), features: features))
    }
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { packer.endBlock(name, shortcut) }

  package var words: String {
    switch shortcut {
    case .identity: "+ the block's input"
    case .zeroPadding(let subsampling):
      "+ \(subsampling.stride == 1 ? "" : "each \(subsampling.stride). pixel of ")the block's input, zeros beyond"
    case .layers: "+ the shortcut"
    }
  }
  package var place: NetworkLayout.Place { .blockEnd }
}
