import NeuralNetworks
import Tensors
import TrainingMetrics

/// A network as a table, with one line per layer and the totals.
struct NetworkTable {
  private let layout: NetworkLayout

  init(_ layout: NetworkLayout) { self.layout = layout }

  var text: String {
    var table = TextTable([
      .word("layer"), .word("what"), .word("output"), .number("parameters"), .number("float"), .number("packed"),
      .number("products"), .word("of"),
    ])
    table.rows.append(["input", "", "\(layout.input)", "", "", "", "", ""])
    // The depth of nested blocks.
    var depth = 0
    for (index, item) in layout.items.enumerated() {
      let parameters = item.weightCount + item.otherParameterCount
      if item.place == .blockEnd { depth -= 1 }
      let margin = item.place == .shortcutBegin ? depth - 1 : depth
      if item.place == .blockBegin { depth += 1 }
      table.rows.append([
        String(repeating: "  ", count: margin) + item.name, item.layer.words, "\(item.output)",
        parameters == 0 ? "" : NumberFormat.grouped(parameters),
        parameters == 0 ? "" : NumberFormat.size(4 * parameters),
        parameters == 0 ? "" : NumberFormat.size(item.packedBytes),
        item.products == 0 ? "" : NumberFormat.grouped(item.products), layout.arithmetic(at: index)?.words ?? "",
      ])
    }
    let total = layout.parameterCount
    table.rows.append([
      "all", "", "", NumberFormat.grouped(total), NumberFormat.size(4 * total), NumberFormat.size(layout.packedBytes),
      NumberFormat.grouped(NetworkLayout.Arithmetic.allCases.reduce(0) { $0 + layout.products($1) }), "",
    ])
    let sums = NetworkLayout.Arithmetic.allCases.compactMap { arithmetic in
      let count = layout.products(arithmetic)
      return count == 0 ? nil : "\(NumberFormat.grouped(count)) of \(arithmetic.words)"
    }
    return """
      \(table.text)

      products are multiply-accumulates per image: \(sums.joined(separator: ", ")).
      packed: \(packedWeight).
      """
  }

  private var packedWeight: String {
    let sizes = Set(layout.items.compactMap(\.layer.weights).filter(\.isBinary).map(\.bits)).sorted()
    guard !sizes.isEmpty else { return "a float weight takes 32 bits" }
    let fewBits = sizes.filter { $0 > 1 }.map(String.init).joined(separator: " or ")
    let words =
      (sizes.contains(1) ? ["a binary weight takes 1 bit"] : [])
      + (fewBits.isEmpty ? [] : ["a quantized weight takes \(fewBits)"])
    return words.joined(separator: ", ") + ", and each row is padded to 64-bit words"
  }
}
