package import Tensors

// A layout is a row of items. A residual block in it begins with a `BlockBegin`; its layers follow, then a `ShortcutBegin`
// with the layers of the shortcut, where that has some, and a `BlockSum` ends it.

/// The begin of a residual block: what follows has its output as input, until a sum ends it.
package struct BlockBegin: FittedLayer {
  package static let words: [String] = []

  init() {}

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws { self.init() }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }
  package func build(_ name: String, _ builder: inout NetworkBuilder) { builder.beginList() }
  package var words: String { "block:" }
  package var makesFewBits: Bool? { nil }
  package var place: NetworkLayout.Place { .blockBegin }
}

/// The begin of a block's shortcut, where that has layers: its input is the block's.
package struct ShortcutBegin: FittedLayer {
  package static let words: [String] = []

  init() {}

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws { self.init() }

  package func description(_ name: String) -> NetworkDescription.Layer? { nil }
  package func build(_ name: String, _ builder: inout NetworkBuilder) { builder.beginList() }
  package var words: String { "beside it, of the block's input:" }
  package var makesFewBits: Bool? { nil }
  package var place: NetworkLayout.Place { .shortcutBegin }
}

/// The end of a block: the sum of its layers' and of its shortcut's output.
package struct BlockSum: FittedLayer {
  /// What a block adds to its layers' output.
  package enum Shortcut: Hashable, Sendable {
    /// Its input.
    case identity
    /// Pixels of its input, and zeros.
    case zeroPadding(ImageSubsampling)
    /// What the layers of its shortcut give.
    case layers
  }

  package static let words = ["residual"]

  /// The sum's name in a block.
  static func sumName(_ block: String) -> String { block + suffix }

  /// The block's name, of that of its sum.
  static func blockName(_ sum: String) -> String { sum.hasSuffix(suffix) ? String(sum.dropLast(suffix.count)) : sum }

  private static let suffix = ".sum"

  /// What is added.
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

  /// The block without its layers, which the structure adds.
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
