package import NeuralNetworks
package import Tensors

/// What each layer of a packed network is: what is stored of it, what it computes with, and what that takes.
package struct ModelSummary: Sendable {
  /// A layer with weights, with what is folded into it.
  package struct Layer: Hashable, Codable, Sendable {
    /// The layer's name.
    package var name: String
    /// What goes out for an image: “24×24×50”.
    package var output: String
    /// What the weights are: `bits`, `ternary`, `int8`, `int16`, `float`.
    package var weights: String
    /// What comes in: `bytes`, `signs`, `levels`, `real`.
    package var input: String
    /// What goes out: `signs`, `levels`, `real`.
    package var gives: String
    /// Bytes of weights, thresholds and other numbers.
    package var bytes: Int
    /// Bytes of the weights as float32.
    package var floatBytes: Int
    /// Multiply-accumulates for an image.
    package var products: Int
    /// How many units are constant, as their threshold can't be reached.
    package var constants: Int
    /// What stands behind the product as floats, in words; empty where nothing does.
    package var floats: [String]
  }

  /// The layers with weights, in order.
  package let layers: [Layer]

  /// Sums a network up.
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
      case .pool(let kind, _): layers[last].floats.append(kind == .max ? "max pooling" : "mean pooling")
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

/// Whether a model still gives the logits that were written with it.
package struct GoldenCheck: Sendable {
  /// How many samples there are.
  package let count: Int
  /// How many have other logits: sums of whole numbers must be equal, floats agree to 1e-5 of the greatest.
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

/// How well a model does on labelled images.
package struct Evaluation: Sendable {
  /// `confusion[label][prediction]`: how many images.
  package let confusion: [[Int]]

  /// Runs a model on images.
  /// - Parameters:
  ///   - pixels: bytes of images, one after the other.
  ///   - labels: the class of each.
  ///   - progress: called with the share that is done.
  package init(
    _ model: PackedModel, pixels: ByteStorage, labels: [UInt8], _ compute: Compute,
    progress: (Double) -> Void = { _ in }
  ) {
    let runtime = PackedRuntime(model.network, compute)
    let classes = model.data.classes.count
    var confusion = Array(repeating: Array(repeating: 0, count: classes), count: classes)
    runtime.run(pixels, ArraySlice(0..<Int32(labels.count))) { first, logits in
      progress(Double(first) / Double(labels.count))
      let values = logits.values
      for row in 0..<logits.rows {
        let predicted = Array(values[row * classes..<(row + 1) * classes]).greatestPlace
        confusion[Int(labels[first + row])][predicted] += 1
      }
    }
    self.confusion = confusion
  }

  /// How many images.
  package var count: Int { confusion.joined().reduce(0, +) }
  /// How many of them are right.
  package var correct: Int { confusion.indices.reduce(0) { $0 + confusion[$1][$1] } }
  /// The share that is right, 0...1.
  package var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
  /// Of a class, the share of its predictions that are right, and the share of its images that are found; nil where there are
  /// none.
  package func precision(_ label: Int) -> Double? {
    let predicted = confusion.reduce(0) { $0 + $1[label] }
    return predicted == 0 ? nil : Double(confusion[label][label]) / Double(predicted)
  }
  /// Of a class, the share of its images that are found; nil where there are none.
  package func recall(_ label: Int) -> Double? {
    let all = confusion[label].reduce(0, +)
    return all == 0 ? nil : Double(confusion[label][label]) / Double(all)
  }
}
