private import Foundation
internal import NeuralNetworks
internal import Tensors

/// The operations of a packed network as JSON objects, and their numbers as tensors.
///
/// Each object has `op`, `layer`, `inputs`, `type` and `output`; the kind of operation determines the other fields and its
/// tensors. A tensor is named by the operation's number and its role: `0.weights`.
struct PackedGraph {
  var rows: [Row]
  /// The tensors of all operations, in order.
  var tensors: [(name: String, tensor: FileTensor)]

  struct Row: Codable {
    var op: String
    var layer: String
    var inputs: [Int]
    var type: PackedType
    var output: ImageShape
    var windows: NetworkDescription.Windows?
    /// The numbers of outputs (`rows`) and inputs (`columns`) of a product.
    var rows: Int?
    var columns: Int?
    /// The kind of a product's weights: `bits`, `ternary`, `integers` or `float`.
    var weights: String?
    var roundsInput: Bool?
    var steps: Int?
    var factor: Double?
    var stride: Int?
  }

  // MARK: Writing

  init(_ network: PackedNetwork) {
    (rows, tensors) = ([], [])
    for (number, operation) in network.operations.enumerated() { append(operation, number) }
  }

  private mutating func append(_ operation: PackedOperation, _ number: Int) {
    var row = Row(
      op: "", layer: operation.layer, inputs: operation.inputs, type: operation.type, output: operation.output)
    func name(_ name: String) -> String { "\(number).\(name)" }
    func add(_ what: String, _ values: FileTensor.Values, _ shape: [Int]) {
      if shape.reduce(1, *) > 0 { tensors.append((name(what), FileTensor(values, shape: shape))) }
    }
    func add(_ what: String, _ numbers: [Float]) { add(what, .float32(numbers), [numbers.count]) }
    let channels = operation.output.channels
    switch operation.kind {
    case .pixels(let scale):
      row.op = "pixels"
      add("lower", scale.lower)
      add("scale", scale.scale)
    case .contrasts: row.op = "contrasts"
    case .product(let product):
      row.op = "product"
      let weights = product.weights
      (row.rows, row.columns) = (weights.rows, weights.columns)
      row.windows = product.windows.map { .init($0) }
      row.roundsInput = product.roundsInput ? true : nil
      let words = (weights.columns + 63) / 64
      switch weights.values {
      case .signs(let bits):
        row.weights = "bits"
        add("weights", .words(bits), [weights.rows, words])
      case .ternary(let first, let second):
        row.weights = "ternary"
        add("weights", .words(first + second), [2, weights.rows, words])
      case .integers(let numbers):
        row.weights = "integers"
        let narrow = numbers.compactMap { Int8(exactly: $0) }
        add(
          "weights", narrow.count == numbers.count ? .int8(narrow) : .int16(numbers), [weights.rows, weights.columns])
      case .floats(let numbers):
        row.weights = "float"
        add("weights", .float32(numbers), [weights.rows, weights.columns])
      }
    case .real(let scale):
      row.op = "real"
      row.factor = scale.factor
      add("offsets", .float64(scale.offsets), [scale.offsets.count / max(1, channels), channels])
      add("classes", .bytes(scale.classes), [scale.classes.count])
    case .levels(let steps): (row.op, row.steps) = ("levels", steps)
    case .realLevels(let steps): (row.op, row.steps) = ("realLevels", steps)
    case .realSigns: row.op = "realSigns"
    case .function(let function): append(function, to: &row, add)
    case .sign(let thresholds):
      row.op = "sign"
      add("thresholds", thresholds)
    case .threshold(let thresholds):
      row.op = "threshold"
      add("thresholds", .int32(thresholds.thresholds), [thresholds.thresholds.count / max(1, channels), channels])
      add("inverted", .bytes(thresholds.inverted.map { $0 ? 1 : 0 }), [channels])
      add("classes", .bytes(thresholds.classes), [thresholds.classes.count])
    case .poolSigns(let windows, let any):
      (row.op, row.windows) = ("poolSigns", .init(windows))
      add("any", .bytes(any.map { $0 ? 1 : 0 }), [channels])
    case .pool(let kind, let windows):
      (row.op, row.windows) = (kind == .max ? "maxPool" : "averagePool", .init(windows))
    case .reshape: row.op = "reshape"
    case .magnitude: row.op = "magnitude"
    case .scalePixels: row.op = "scalePixels"
    case .add: row.op = "add"
    case .subsample(let subsampling): (row.op, row.stride) = ("subsample", subsampling.stride)
    }
    rows.append(row)
  }

  private func append(
    _ function: ChannelFunction, to row: inout Row, _ add: (String, [Float]) -> Void
  ) {
    switch function {
    case .scale(let numbers):
      row.op = "scale"
      add("factors", numbers)
    case .shift(let numbers):
      row.op = "shift"
      add("shifts", numbers)
    case .normalize(let numbers):
      row.op = "normalize"
      add("mean", numbers.mean)
      add("inverse", numbers.inverse)
      add("scale", numbers.scale)
      add("shift", numbers.shift)
    case .relu: row.op = "relu"
    case .clip: row.op = "clip"
    case .rprelu(let threshold, let slope, let shift):
      row.op = "rprelu"
      add("threshold", threshold)
      add("slope", slope)
      add("shift", shift)
    }
  }

  // MARK: Reading

  init(rows: [Row], tensors: [(name: String, tensor: FileTensor)]) { (self.rows, self.tensors) = (rows, tensors) }

  /// Builds the network.
  /// - Throws: `PackedFileError` with the operation, if a field or tensor is missing or has
  /// another shape.
  func network(input: ImageShape) throws -> PackedNetwork {
    guard !rows.isEmpty, rows.count <= 10_000 else {
      throw PackedFileError("expected operations, found \(rows.count)")
    }
    let table = Dictionary(tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    var network = PackedNetwork(input: input, operations: [])
    for (number, row) in rows.enumerated() {
      let reader = OperationReader(row: row, number: number, network: network, tensors: table)
      network.operations.append(try reader.operation())
    }
    try RuntimeCost.check(network)
    guard network.operations.last?.type == .real, network.operations.last?.output.pixels == 1 else {
      throw PackedFileError("expected floats as the last operation's result, one per class, found something else")
    }
    return network
  }
}
