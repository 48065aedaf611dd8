package import NeuralNetworks
package import Tensors
package import TrainingMetrics

/// A table of a packed network's layers: kinds of weights and values, bytes, multiply-accumulates.
package struct ModelSummary: Sendable {
  /// A layer with weights, together with the operations that follow it up to the next one.
  package struct Layer: Hashable, Codable, Sendable {
    package var name: String
    /// The shape of the output for one image: “24×24×50”.
    package var output: String
    /// The kind of weights: `bits`, `ternary`, `int8`, `int16` or `float`.
    package var weights: String
    /// The type of the input: `bytes`, `signs`, `levels` or `real`.
    package var input: String
    /// The type of the output: `signs`, `levels` or `real`.
    package var gives: String
    /// Bytes of weights, thresholds and other numbers.
    package var bytes: Int
    /// Bytes of the weights as float32.
    package var floatBytes: Int
    /// Multiply-accumulates per image.
    package var products: Int
    /// The number of units that are constant, because no sum reaches their threshold.
    package var constants: Int
    /// The float operations after the product, for people; empty if there are none.
    package var floats: [String]
  }

  /// The layers with weights, in order.
  package let layers: [Layer]

  /// Summarizes a network.
  package init(_ network: PackedNetwork) {
    let graph = PackedGraph(network)
    let bytes = Dictionary(grouping: graph.tensors) { Int($0.name.prefix { $0 != "." }) ?? 0 }
      .mapValues { $0.reduce(0) { $0 + $1.tensor.bytes.count } }
    var layers: [Layer] = []
    for (index, operation) in network.operations.enumerated() {
      let own = bytes[index] ?? 0
      if case .product(let product) = operation.kind {
        layers.append(
          Layer(
            name: operation.layer, output: "\(operation.output)", weights: product.weights.kind,
            input: network.type(of: operation.inputs[0]).rawValue, gives: operation.type.rawValue, bytes: own,
            floatBytes: 4 * product.weights.rows * product.weights.columns,
            products: product.weights.rows * product.weights.columns * (product.windows?.count ?? 1), constants: 0,
            floats: []))
        continue
      }
      guard let last = layers.indices.last else { continue }
      layers[last].bytes += own
      layers[last].gives = operation.type.rawValue
      layers[last].output = "\(operation.output)"
      switch operation.kind {
      case .threshold(let thresholds): layers[last].constants += thresholds.constantCount
      case .function(let function): layers[last].floats.append(function.words)
      case .real: if layers[last].floats.isEmpty { layers[last].floats.append("scale of sums") }
      case .sign: layers[last].floats.append("sign")
      case .levels: layers[last].floats.append("rounding")
      case .scalePixels: layers[last].floats.append("K")
      case .add: layers[last].floats.append("sum with the shortcut")
      case .pool(let kind, _): layers[last].floats.append(kind == .max ? "max pooling" : "average pooling")
      default: break
      }
    }
    self.layers = layers
  }

  /// Bytes of all layers.
  package var bytes: Int { layers.reduce(0) { $0 + $1.bytes } }
  /// Bytes of all weights as float32.
  package var floatBytes: Int { layers.reduce(0) { $0 + $1.floatBytes } }
}

/// Compares the logits that a model computes now with the golden samples in its file.
package struct GoldenCheck: Sendable {
  /// The number of samples.
  package let count: Int
  /// The indices of samples with a logit that differs by more than 1e-5 of the largest absolute logit.
  package let wrong: [Int]

  /// Recomputes the golden samples.
  package init(_ model: PackedModel, _ compute: Compute) {
    let runtime = PackedRuntime(model.network, compute)
    count = model.golden.count
    wrong = model.golden.indices.filter { index in
      let sample = model.golden[index]
      let found = runtime.logits(of: sample.pixels)
      let greatest = sample.logits.reduce(Float(1e-6)) { max($0, abs($1)) }
      return !zip(found, sample.logits).allSatisfy { abs($0 - $1) <= 1e-5 * greatest }
    }
  }
}

extension ConfusionMatrix {
  /// The predictions of a packed model on labelled images.
  /// - Parameters:
  ///   - pixels: the images' bytes, one image after the other.
  ///   - labels: the class of each image.
  ///   - progress: called with the completed fraction, 0...1.
  package init(
    _ model: PackedModel, pixels: ByteStorage, labels: [UInt8], _ compute: Compute,
    progress: (Double) -> Void = { _ in }
  ) {
    let runtime = PackedRuntime(model.network, compute)
    let classes = model.data.classes.count
    var matrix = ConfusionMatrix(classes: classes)
    runtime.run(pixels, ArraySlice(0..<Int32(labels.count))) { first, logits in
      progress(Double(first) / Double(labels.count))
      let values = logits.values
      for row in 0..<logits.rows {
        let predicted = Array(values[row * classes..<(row + 1) * classes]).greatestPlace
        matrix.add(label: Int(labels[first + row]), prediction: predicted)
      }
    }
    self = matrix
  }
}
