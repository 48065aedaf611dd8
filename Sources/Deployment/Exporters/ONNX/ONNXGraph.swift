private import Foundation
private import SwiftProtobuf
internal import Tensors

/// Builds an ONNX graph node by node.
struct ONNXGraph {
  private(set) var proto = ONNXGraphProto()
  /// The prefix of the names of new nodes.
  var layer = ""
  private var counts: [String: Int] = [:]
  // Names of short constants by content, so that each is written once.
  private var known: [ONNXTensorProto: String] = [:]
  private let sharesConstants: Bool

  /// An empty graph.
  /// - Parameter sharesConstants: whether equal short constants are written only once.
  init(name: String, sharesConstants: Bool) {
    proto.name = name
    self.sharesConstants = sharesConstants
  }

  /// Appends a node with one output.
  /// - Returns: the output's name.
  mutating func node(
    _ op: String, _ inputs: [String], _ attributes: [ONNXAttributeProto] = [], domain: String = ""
  ) -> String {
    let name = unique("\(layer)/\(op)")
    proto.node.append(
      .with {
        $0.opType = op
        $0.name = name
        $0.input = inputs
        $0.output = [name]
        $0.attribute = attributes
        $0.domain = domain
      })
    return name
  }

  /// Appends a float constant.
  /// - Parameter shape: empty for a scalar.
  /// - Returns: its name.
  mutating func constant(_ values: [Float], _ shape: [Int], _ name: String) -> String {
    constant(.float, values.map(\.bitPattern), shape, name)
  }

  /// Appends a constant in double precision.
  mutating func constant(_ values: [Double], _ shape: [Int], _ name: String) -> String {
    constant(.double, values.map(\.bitPattern), shape, name)
  }

  /// Appends an integer constant with one axis.
  mutating func constant(_ values: [Int], _ name: String) -> String {
    constant(.int64, values.map { UInt64(bitPattern: Int64($0)) }, [values.count], name)
  }

  private mutating func constant(
    _ type: ONNXTensorProto.DataType, _ words: [some FixedWidthInteger], _ shape: [Int], _ name: String
  ) -> String {
    var data = Data(capacity: words.count * MemoryLayout.size(ofValue: words.first ?? 0))
    for word in words { withUnsafeBytes(of: word.littleEndian) { data.append(contentsOf: $0) } }
    var tensor = ONNXTensorProto.with {
      $0.dims = shape.map { Int64($0) }
      $0.dataType = Int32(type.rawValue)
      $0.rawData = data
    }
    let isShared = sharesConstants && words.count <= 16
    if isShared, let name = known[tensor] { return name }
    let key = tensor
    tensor.name = unique("\(layer).\(name)")
    if isShared { known[key] = tensor.name }
    proto.initializer.append(tensor)
    return tensor.name
  }

  private mutating func unique(_ name: String) -> String {
    let count = counts[name, default: 0]
    counts[name] = count + 1
    return count == 0 ? name : "\(name).\(count + 1)"
  }

  // MARK: Inputs and outputs

  /// Sets the graph's input.
  mutating func input(_ name: String, _ type: ONNXTensorProto.DataType, _ shape: [ONNXDimension], _ words: String) {
    proto.input.append(.init(name, type, shape, words))
  }

  /// Makes a value the graph's output, with a new name.
  mutating func output(
    _ value: String, as name: String, _ type: ONNXTensorProto.DataType, _ shape: [ONNXDimension], _ words: String
  ) {
    for index in proto.node.indices {
      proto.node[index].output = proto.node[index].output.map { $0 == value ? name : $0 }
      proto.node[index].input = proto.node[index].input.map { $0 == value ? name : $0 }
    }
    proto.output.append(.init(name, type, shape, words))
  }
}

/// The length of an axis.
enum ONNXDimension {
  /// A fixed length.
  case length(Int)
  /// Any length; axes with the same name have equal lengths.
  case any(String)
}

extension ONNXValueInfoProto {
  fileprivate init(_ name: String, _ type: ONNXTensorProto.DataType, _ shape: [ONNXDimension], _ words: String) {
    self.init()
    self.name = name
    docString = words
    self.type.tensorType = .with {
      $0.elemType = Int32(type.rawValue)
      $0.shape.dim = shape.map { length in
        .with {
          switch length {
          case .length(let count): $0.dimValue = Int64(count)
          case .any(let name): $0.dimParam = name
          }
        }
      }
    }
  }
}

extension ONNXAttributeProto {
  /// An integer.
  static func int(_ name: String, _ value: Int) -> Self {
    .with { ($0.name, $0.type, $0.i) = (name, .int, Int64(value)) }
  }

  /// A list of integers.
  static func ints(_ name: String, _ values: [Int]) -> Self {
    .with { ($0.name, $0.type, $0.ints) = (name, .ints, values.map { Int64($0) }) }
  }

  static func string(_ name: String, _ value: String) -> Self {
    .with { ($0.name, $0.type, $0.s) = (name, .string, Data(value.utf8)) }
  }

  /// The target type of a `Cast`.
  static func to(_ type: ONNXTensorProto.DataType) -> Self { .int("to", type.rawValue) }

  /// The windows of a convolution or a pooling. All attributes are written, as some readers do not know the defaults.
  /// - Parameter pads: whether the operator pads the image.
  static func windows(_ windows: ImageWindows, pads: Bool = true) -> [Self] {
    [
      .ints("kernel_shape", [windows.kernel.height, windows.kernel.width]),
      .ints("strides", [windows.stride.height, windows.stride.width]),
      .ints("pads", pads ? windows.edges : [0, 0, 0, 0]),
    ]
  }
}

extension ImageWindows {
  /// The rows above, columns left, rows below and columns right of the image that windows cover.
  var edges: [Int] {
    func after(_ size: Int, _ kernel: Int, _ stride: Int, _ count: Int, _ before: Int) -> Int {
      max(0, (count - 1) * stride + kernel - size - before)
    }
    return [
      before.height, before.width,
      after(input.height, kernel.height, stride.height, output.height, before.height),
      after(input.width, kernel.width, stride.width, output.width, before.width),
    ]
  }
}
