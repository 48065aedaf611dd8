package import NeuralNetworks
internal import Tensors

/// The memory and work that a network needs for one image.
///
/// It limits what a hostile file can demand: some hundred bytes can describe gigabytes of values and days of work. Counts
/// are floating-point numbers, since integers could overflow.
package struct RuntimeCost {
  /// Bytes of all values, and of the windows that products read as rows.
  package private(set) var bytes = 0.0
  /// Bytes of the operation that needs most.
  package private(set) var largest = 0.0
  /// Multiply-accumulates, and pixels that poolings read.
  package private(set) var operations = 0.0

  /// The limit of `bytes`: 2 GiB.
  static let mostBytes = Double(1 << 31)
  /// The limit of `operations`: 1.4·10¹¹, which takes minutes on one core. ResNet-152 on 224×224 images needs 1.1·10¹⁰.
  static let mostOperations = Double(1 << 37)

  /// Adds up the operations of a network.
  package init(_ network: PackedNetwork) {
    for operation in network.operations { add(operation, network.type(of: operation.inputs[0])) }
  }

  /// Checks that a network is within the limits.
  /// - Throws: `PackedFileError` if it is not.
  static func check(_ network: PackedNetwork) throws {
    let cost = RuntimeCost(network)
    guard cost.bytes <= mostBytes else {
      throw PackedFileError(
        "expected a network that needs at most \(Int(mostBytes) >> 20) MiB per image, found \((cost.bytes / Double(1 << 20)).rounded())"
      )
    }
    guard cost.operations <= mostOperations else {
      throw PackedFileError(
        "expected a network of at most \(Int(mostOperations)) operations per image, found \(cost.operations)")
    }
  }

  private mutating func add(_ operation: PackedOperation, _ input: PackedType) {
    let values = Double(operation.output.features)
    var size =
      switch operation.type {
      case .bytes, .levels: values
      case .signs: Double(operation.output.pixels * ((operation.output.channels + 63) / 64) * 8)
      case .sums, .real: 4 * values
      }
    switch operation.kind {
    case .product(let product):
      let windows = product.windows.map { Double($0.count) } ?? 1
      operations += windows * Double(product.weights.rows) * Double(product.weights.columns)
      if product.windows != nil {
        switch input {
        case .real: size += 4 * windows * Double(product.weights.columns)
        case .bytes, .levels: size += windows * Double(product.weights.columns)
        case .signs, .sums: break
        }
      }
    case .pool(_, let windows), .poolSigns(let windows, _):
      operations += values * Double(windows.kernel.height) * Double(windows.kernel.width)
    default: operations += values
    }
    bytes += size
    largest = max(largest, size)
  }
}
