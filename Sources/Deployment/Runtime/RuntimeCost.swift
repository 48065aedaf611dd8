package import NeuralNetworks
internal import Tensors

/// What a network takes to run on one image: the memory between its layers, and the work.
///
/// A file of some hundred bytes can describe values of gigabytes, and windows that take days. The numbers are floating-point
/// ones, as those of a hostile file would overflow whole ones.
package struct RuntimeCost {
  /// Bytes of the values, and of the windows that products read as rows.
  package private(set) var bytes = 0.0
  /// Bytes of the operation with the most.
  package private(set) var largest = 0.0
  /// Multiply-accumulates, and places that poolings look at.
  package private(set) var operations = 0.0

  /// No more bytes are accepted: 2 GiB.
  static let mostBytes = Double(1 << 31)
  /// No more operations are accepted: 1.4·10¹¹, minutes on one core. ResNet-152 on images of 224×224 has 1.1·10¹⁰.
  static let mostOperations = Double(1 << 37)

  /// Adds the operations of a network up.
  package init(_ network: PackedNetwork) {
    for operation in network.operations { add(operation, network.type(of: operation.inputs[0])) }
  }

  /// Checks that a network can be run.
  /// - Throws: `PackedFileError` where it takes more than is accepted.
  static func check(_ network: PackedNetwork) throws {
    let cost = RuntimeCost(network)
    guard cost.bytes <= mostBytes else {
      throw PackedFileError(
        "expected a network that takes at most \(Int(mostBytes) >> 20) MiB for an image, found \((cost.bytes / Double(1 << 20)).rounded())"
      )
    }
    guard cost.operations <= mostOperations else {
      throw PackedFileError(
        "expected a network of at most \(Int(mostOperations)) operations for an image, found \(cost.operations)")
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
