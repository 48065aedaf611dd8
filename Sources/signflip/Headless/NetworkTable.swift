import NeuralNetworks
import Tensors

/// A network as a table: a line a layer, and what they come to.
struct NetworkTable {
  private let layout: NetworkLayout

  /// A table of a network.
  init(_ layout: NetworkLayout) { self.layout = layout }

  /// The lines.
  var text: String {
    var table = TextTable([
      .word("layer"), .word("what"), .word("output"), .number("parameters"), .number("float"), .number("packed"),
      .number("products"), .word("of"),
    ])
    table.rows.append(["input", "", "\(layout.input)", "", "", "", "", ""])
    // How many blocks a layer stands in.
    var depth = 0
    for (index, item) in layout.items.enumerated() {
      let parameters = item.weightCount + item.otherParameterCount
      if item.kind.endsBlock { depth -= 1 }
      let margin = item.kind == .shortcut ? depth - 1 : depth
      if item.kind == .residual { depth += 1 }
      table.rows.append([
        String(repeating: "  ", count: margin) + item.name, words(item.kind), "\(item.output)",
        parameters == 0 ? "" : Count.text(parameters),
        parameters == 0 ? "" : Size.text(4 * parameters), parameters == 0 ? "" : Size.text(item.packedBytes),
        item.products == 0 ? "" : Count.text(item.products), layout.arithmetic(at: index).map(words) ?? "",
      ])
    }
    let total = layout.parameterCount
    table.rows.append([
      "all", "", "", Count.text(total), Size.text(4 * total), Size.text(layout.packedBytes),
      Count.text(NetworkLayout.Arithmetic.allCases.reduce(0) { $0 + layout.products($1) }), "",
    ])
    let sums = NetworkLayout.Arithmetic.allCases.compactMap { arithmetic in
      let count = layout.products(arithmetic)
      return count == 0 ? nil : "\(Count.text(count)) of \(words(arithmetic))"
    }
    return """
      \(table.text)

      products are multiply-accumulates for one image: \(sums.joined(separator: ", ")).
      packed: a binary weight takes a bit, and its row whole 64-bit words.
      """
  }

  private func words(_ kind: NetworkLayout.Kind) -> String {
    switch kind {
    case .convolution(let windows, let filters, let isBinary, let hasBias):
      "\(weights(isBinary)) \(filters) × \(window(windows))\(hasBias ? ", bias" : "")"
    case .linear(let isBinary, let hasBias): "\(weights(isBinary))\(hasBias ? ", bias" : "")"
    case .normalization: "batch normalization"
    case .activation(.relu): "rectifier"
    case .activation(.sign): "sign"
    case .pooling(let kind, let windows): "\(kind == .max ? "greatest" : "mean") of \(window(windows))"
    case .flatten: "flatten"
    case .activation(.rprelu): "rectifier, learned place and slope"
    case .activation(.rsign): "sign, learned threshold"
    case .dropout: "dropout"
    case .residual: "block:"
    case .shortcut: "beside it, of the block's input:"
    case .sum(.identity): "+ the block's input"
    case .sum(.zeroPadding(let subsampling)):
      "+ \(subsampling.stride == 1 ? "" : "each \(subsampling.stride). pixel of ")the block's input, zeros beyond"
    case .sum(.layers): "+ the shortcut"
    }
  }

  private func weights(_ isBinary: Bool) -> String { isBinary ? "binary" : "float" }

  // The border is always said: a binary convolution must not be padded with zeros in silence.
  private func window(_ windows: ImageWindows) -> String {
    let stride = windows.stride.height == 1 ? "" : "/\(windows.stride.height)"
    let border =
      switch windows.padding {
      case .valid: "valid"
      case .same: "same, zeros around"
      case .sameOne: "same, +1 around"
      }
    return "\(windows.kernel.height)×\(windows.kernel.width)\(stride) \(border)"
  }

  private func words(_ arithmetic: NetworkLayout.Arithmetic) -> String {
    switch arithmetic {
    case .float: "floats"
    case .binaryWeight: "floats and signs"
    case .binary: "signs"
    }
  }
}

extension NetworkLayout.Kind {
  fileprivate var endsBlock: Bool { if case .sum = self { true } else { false } }
}
