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
        String(repeating: "  ", count: margin) + item.name, words(item), "\(item.output)",
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
      packed: \(packedWeight).
      """
  }

  private var packedWeight: String {
    let sizes = Set(layout.items.filter(\.isBinary).map { $0.quantization?.bits ?? 1 }).sorted()
    guard !sizes.isEmpty else { return "float weights take 32 bits each" }
    let fewBits = sizes.filter { $0 > 1 }.map(String.init).joined(separator: " or ")
    let words =
      (sizes.contains(1) ? ["a binary weight takes a bit"] : [])
      + (fewBits.isEmpty ? [] : ["a weight of few bits takes \(fewBits)"])
    return words.joined(separator: ", ") + ", and a row of them whole 64-bit words"
  }

  private func words(_ item: NetworkLayout.Item) -> String {
    switch item.kind {
    case .convolution(let windows, let filters, _, let hasBias):
      "\(weights(item)) \(filters) × \(window(windows))\(hasBias ? ", bias" : "")"
    case .linear(_, let hasBias): "\(weights(item))\(hasBias ? ", bias" : "")"
    case .normalization: "batch normalization"
    case .activation(.relu): "rectifier"
    case .activation(.sign): "sign"
    case .activation(.quantized): "few bits"
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

  private func weights(_ item: NetworkLayout.Item) -> String {
    switch item.quantization {
    case .ternary: "ternary"
    case .doReFa(let bits), .integers(let bits): "\(bits)-bit"
    case nil: item.isBinary ? "binary" : "float"
    }
  }

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
    case .fewBitWeight: "floats and few bits"
    case .fewBits: "few bits"
    }
  }
}

extension NetworkLayout.Kind {
  fileprivate var endsBlock: Bool { if case .sum = self { true } else { false } }
}
