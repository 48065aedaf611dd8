package import NeuralNetworks
package import Tensors

/// Weights of another program, fitted to a network: for each of the network's tensors, the tensor of the file that fills it.
///
/// Names decide first: a map, then equal names. What is left is paired by kind and shape, equal shapes in the order of the
/// file's names, `net.2` before `net.10`. Values become float32, and are reordered from the file's layout to the network's:
///
/// | | in the file | in the network |
/// |---|---|---|
/// | convolution | `[filters, channels, rows, columns]` | `[filters, rows·columns·channels]` |
/// | linear behind a flatten | columns in the order channels, rows, columns | in the order rows, columns, channels |
///
/// A bias b in front of a batch normalization, which the network does not have, is subtracted from the running mean:
/// `γ·(x + b - μ)/√(σ² + ε) + β = γ·(x - (μ - b))/√(σ² + ε) + β`.
package struct WeightImport: Sendable {
  /// The order of values that a flatten of images gives in the other program.
  package enum FlattenOrder: String, Sendable, CaseIterable {
    /// Channels, rows, columns: PyTorch.
    case channelsFirst
    /// Rows, columns, channels: TensorFlow, and signflip.
    case channelsLast
  }

  /// How one tensor of the network is filled.
  package struct Row: Hashable, Sendable {
    /// The network's tensor: `conv1.weights`.
    package var name: String
    /// Its shape, as the other program would have it: `[64, 3, 3, 3]`.
    package var shape: [Int]
    /// The file's tensor, or the number from the map.
    package var source: String
    /// What was done to its values; empty if nothing.
    package var note: String
  }

  /// The tensors of the network in their order.
  package private(set) var rows: [Row] = []
  /// Tensors of the file that are not used, as the map asks or because inference does not need them.
  package private(set) var ignored: [String] = []
  /// What the user should know about the values.
  package private(set) var remarks: [String] = []

  private var values: [String: [Float]] = [:]

  /// Fits the tensors of a file to a network.
  /// - Parameters:
  ///   - image: the shape of the images, which a network without convolutions reads as one row.
  ///   - map: the map's entries; nil without one.
  ///   - order: the order of values behind a flatten.
  /// - Throws: `WeightImportError`, listing all tensors that are missing, not used, or of another shape.
  package init(
    _ file: ForeignTensors, into layout: NetworkLayout, _ network: Network, image: ImageShape, map: ImportMap? = nil,
    order: FlattenOrder? = nil
  ) throws {
    let slots = TensorSlot.all(of: layout, network, image: image)
    let order = order ?? (file.isOwn ? .channelsLast : .channelsFirst)
    var pairing = TensorPairing(slots, file)
    try pairing.apply(map)
    pairing.pairEqualNames()
    pairing.pairShapes()
    try pairing.check()
    remarks = pairing.remarks
    ignored = pairing.ignored
    for slot in slots {
      guard let source = pairing.sources[slot.name] else { continue }
      var row = Row(name: slot.name, shape: slot.foreignShape, source: "", note: "")
      switch source {
      case .number(let number):
        row.source = "\(number)"
        values[slot.name] = Array(repeating: number, count: slot.count)
      case .tensor(let tensor):
        row.source = tensor.name
        let numbers = try file.floats(tensor)
        if let place = numbers.firstIndex(where: { !$0.isFinite }) {
          throw WeightImportError(
            "\(file.path): tensor \(tensor.name): expected finite numbers, found \(numbers[place]) at place \(place)")
        }
        (values[slot.name], row.note) = slot.arranged(numbers, shape: tensor.shape, order)
      }
      rows.append(row)
    }
    for (bias, mean) in pairing.foldedBiases {
      // `check` has seen that both are there, with equal counts.
      guard let slot = slots.first(where: { $0.name == mean }), var means = values[mean] else { continue }
      let shifts = slot.arranged(try file.floats(bias), shape: bias.shape, order).values
      for place in means.indices { means[place] -= shifts[place] }
      values[mean] = means
      if let index = rows.firstIndex(where: { $0.name == mean }) {
        rows[index].note += (rows[index].note.isEmpty ? "" : ", ") + "minus \(bias.name)"
      }
    }
    addRemarks(slots)
  }

  /// Copies the values into a network of the layout that they were fitted to.
  package func load(into network: Network) {
    for (name, tensor) in network.namedState {
      guard let numbers = values[name] else { continue }
      tensor.copy(from: Tensor(rows: tensor.rows, columns: tensor.columns, values: numbers))
    }
  }

  private mutating func addRemarks(_ slots: [TensorSlot]) {
    let latent = slots.filter(\.areLatent).compactMap { values[$0.name] }
    let zeros = latent.reduce(0) { $0 + $1.count { $0 == 0 } }
    if zeros > 0 {
      remarks.append(
        "\(zeros) binary weights are exactly 0: they count as +1 here, as 0 in programs whose sign(0) is 0")
    }
    let epsilons = Set(slots.compactMap(\.epsilon))
    if !epsilons.isEmpty {
      remarks.append(
        "batch normalization adds ε = \(epsilons.sorted().map { "\($0)" }.joined(separator: ", ")) to the variance; "
          + "PyTorch's default is 1e-05: --set batchNormalizationEpsilon=1e-5")
    }
  }
}

/// Why weights do not fit a network.
package struct WeightImportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let description: String

  /// An error with this text.
  package init(_ description: String) { self.description = description }
}
