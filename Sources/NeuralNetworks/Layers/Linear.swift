package import Tensors

/// A linear layer in a list of layers: `linear: 500`, `linear: classes`, `linear: {units: 500, binary: false}`.
package struct LinearPlan: PlannedLayer {
  package static let name = "linear"
  package static let words = ["linear"]
  package static let shortKey: String? = "units"

  /// Number of outputs; nil for the number of classes.
  package var outputs: Int?
  /// Whether its weights are binary; nil for the method's choice.
  package var isBinary: Bool?

  package init(word: String, _ keys: any LayerKeys) throws {
    let isOutput = try keys.word("units") == "classes"
    let units = isOutput ? nil : try keys.integer("units", in: 1...65_536)
    guard isOutput || units != nil else { throw keys.wrong("units", expected: "how many units, or “classes”") }
    self.init(outputs: units, isBinary: try keys.flag("binary"))
  }

  init(outputs: Int?, isBinary: Bool?) {
    self.outputs = outputs
    self.isBinary = isBinary
  }

  package var spelling: (word: String, keys: [(String, LayerValue)]) {
    let binary: [(String, LayerValue)] = isBinary.map { [("binary", .flag($0))] } ?? []
    return ("linear", [("units", outputs.map { .integer($0) } ?? .word("classes"))] + binary)
  }

  package var hasWeights: Bool { true }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let name = fitting.begin(outputs == nil && fitting.isLastWithWeights ? "output" : "hidden")
    guard fitting.shape.pixels == 1 else {
      throw NetworkError(
        layer: name, expected: "a flat input: flatten or globalAveragePool before it",
        found: "images of \(fitting.shape)")
    }
    let inputs = fitting.shape.features
    let matrix = fitting.matrix(
      rows: outputs ?? fitting.classes, columns: inputs, channels: inputs, isBinary, before: following)
    try fitting.append(name, FittedLinear(matrix))
  }
}

extension LayerPlan {
  /// A linear layer.
  /// - Parameters:
  ///   - outputs: nil for the number of classes.
  /// - isBinary: whether its weights are binary; nil for the method's choice.
  package static func linear(outputs: Int?, isBinary: Bool?) -> LayerPlan {
    LayerPlan(LinearPlan(outputs: outputs, isBinary: isBinary))
  }
}

/// A linear layer for a given input shape.
package struct FittedLinear: FittedLayer {
  package static let words = ["linear"]

  /// The weights, one row per output.
  package let matrix: WeightMatrix

  init(_ matrix: WeightMatrix) { self.matrix = matrix }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    guard input.pixels == 1 else { throw description.wrong("a flat input", "images of \(input)") }
    matrix = try WeightMatrix(description, columns: input.features)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer("linear", name)
    (layer.outputs, layer.bias, layer.weights) = (matrix.rows, matrix.hasBias, .init(matrix))
    return layer
  }

  package func output(of input: ImageShape) -> ImageShape { ImageShape(features: matrix.rows) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    let makesSigns = builder.next?.layer.makesSigns(at: builder.nextIndex, builder) ?? false
    let linear = Linear(
      name: name, inputs: matrix.columns, outputs: matrix.rows, isBinary: matrix.isBinary, hasBias: matrix.hasBias,
      scalesUpdates: builder.scalesUpdates(of: matrix), scaling: matrix.scaling,
      quantizer: builder.quantizer(of: matrix),
      precision: builder.precision, keepsOutput: !makesSigns)
    builder.fill(linear.weights, inputs: matrix.columns, outputs: matrix.rows)
    builder.layers.append(linear)
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws { try packer.product(name, matrix) }

  package var words: String { "\(matrix.words)\(matrix.hasBias ? ", bias" : "")" }
  package var summary: String? { "\(matrix.rows)" }
  package var weights: WeightMatrix? { matrix }
  package var otherParameterCount: Int { matrix.otherParameterCount }
  package var products: Int { matrix.count }
  package var canBeLast: Bool { true }
  package var takesSigns: Bool { true }
  package var givesSigns: Bool? { false }
}

/// A linear layer: `y = x·Wᵀ + b`, with float or binary weights.
///
/// With binary weights, the forward and backward pass use the signs of the latent weights, `W_b`; the gradient with
/// respect to `W_b` is passed to the latent weights unchanged (the straight-through estimator of BinaryConnect).
/// Products with signs on one side are computed in float32, whatever the precision; products of signs with signs are
/// exact. If the input's signs carry magnitudes, each row of y is multiplied by its K before b is added (XNOR-Net).
/// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, algorithm 1.
package final class Linear: Layer, OutputSource {
  package let name: String
  /// W, or the latent weights; shape `[outputs, inputs]`.
  package let weights: Parameter
  /// b, shape `[1, outputs]`; nil if a batch normalization follows, which would cancel it.
  package let bias: Parameter?

  // The precision of products of two float operands.
  private let precision: Precision
  // Nil if the output is only needed temporarily.
  private let output: Tensor?
  // An output so small that keeping it until the backward pass is better than recomputing it.
  private let smallOutput: Tensor
  private var keepsSmallOutput = false
  private static let smallOutputCount = 1 << 16
  private var input = Activations.real(Tensor(rows: 0, columns: 0))
  // The input as an operand, if the forward pass has made one.
  private var inputOperand: Operand?
  private let inputScratch: HalfTensor
  private let gradientScratch: HalfTensor
  private let unpackedInput: Tensor

  /// A layer with all weights 0.
  /// - Parameter keepsOutput: false if the next layer binarizes the output and asks for it again in the backward pass.
  ///   Keeping it takes 16 times the memory of the signs; recomputing it takes about a tenth of a training step. An
  ///   output of at most 65,536 values is kept nevertheless.
  package init(
    name: String, inputs: Int, outputs: Int, isBinary: Bool, hasBias: Bool, scalesUpdates: Bool,
    scaling: WeightScaling? = nil, quantizer: (any WeightQuantizer)? = nil, precision: Precision,
    keepsOutput: Bool = true
  ) {
    self.name = name
    self.precision = precision
    weights = Parameter(
      name: "\(name).weights", rows: outputs, columns: inputs, isBinary: isBinary,
      updateScale: scalesUpdates && isBinary ? Linear.glorotScale(inputs: inputs, outputs: outputs) : 1,
      operandPrecision: precision, scaling: scaling, quantizer: quantizer)
    bias = hasBias ? Parameter(name: "\(name).bias", rows: 1, columns: outputs) : nil
    output = keepsOutput ? Tensor(rows: 0, columns: outputs) : nil
    smallOutput = Tensor(rows: 0, columns: outputs)
    inputScratch = HalfTensor(rows: 0, columns: inputs)
    gradientScratch = HalfTensor(rows: 0, columns: outputs)
    unpackedInput = Tensor(rows: 0, columns: inputs)
  }

  package var parameters: [Parameter] { [weights, weights.learnedScales, bias].compactMap { $0 } }
  package var outputMayBeOverwritten: Bool { true }
  package var outputSource: (any OutputSource)? { self }
  package var keptBytes: Int {
    var bytes = 4 * (output?.count ?? (keepsSmallOutput ? smallOutput.count : 0))
    if case .bfloat16(let rounded) = inputOperand { bytes += 2 * rounded.count }
    return bytes
  }

  /// The factor of latent weights' updates: `1/√(1.5/(inputs + outputs))`, the inverse of Glorot's bound.
  /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, section 2.5 and the authors' code.
  package static func glorotScale(inputs: Int, outputs: Int) -> Float {
    1 / (1.5 / Float(inputs + outputs)).squareRoot()
  }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input
    inputOperand = nil
    keepsSmallOutput = output == nil && input.rows * weights.value.rows <= Self.smallOutputCount
    return .real(computeOutput(pass))
  }

  /// Returns the output for the input of the last forward pass.
  package func output(_ pass: PassContext) -> Tensor { keepsSmallOutput ? smallOutput : computeOutput(pass) }

  private func computeOutput(_ pass: PassContext) -> Tensor {
    let compute = pass.compute
    let output =
      output
      ?? (keepsSmallOutput ? smallOutput : pass.workspace.output(rows: input.rows, columns: weights.value.rows))
    output.resize(rows: input.rows)
    switch (input, weights.form) {
    case (.signs(let input), .binary(let signs)): compute.multiply(input, signs, into: output)
    case (.real(let input), .binary(let signs)): compute.multiply(input, signs, into: output)
    case (_, .real(let operand)):
      let input = realInput(operand.precision, compute)
      inputOperand = input
      compute.multiply(input, operand, transposingB: true, into: output)
    case (_, .unread): preconditionFailure("a linear layer's weights are read")
    }
    if let scales = weights.appliedScales { compute.scaleColumns(output, by: scales) }
    if let inputScale { compute.scaleRows(output, by: inputScale) }
    if let bias { compute.addBias(bias.value, to: output) }
    return output
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let compute = pass.compute
    if let bias { compute.sumColumns(outputGradient, into: bias.gradient) }
    if let inputScale { compute.scaleRows(outputGradient, by: inputScale) }
    // The gradient as an operand of oneDNN's products, made once and only if needed.
    lazy var gradient = compute.operand(
      outputGradient, inputOperand?.precision ?? precision, scratch: gradientScratch)
    if case .signs(let batch) = input {
      compute.multiplyTransposing(outputGradient, batch, into: weights.gradient)
    } else {
      let input = inputOperand ?? realInput(precision, compute)
      compute.multiply(gradient, input, transposingA: true, into: weights.gradient)
    }
    let scales = weights.appliedScales
    if scales != nil { compute.passScaling(of: weights) }
    guard needsInputGradient else { return outputGradient }
    // Products with bits use the gradient itself, not the operand made before.
    if let scales { compute.scaleColumns(outputGradient, by: scales) }
    let inputGradient = pass.workspace.gradient(
      rows: outputGradient.rows, columns: weights.value.columns, besides: outputGradient)
    switch weights.form {
    case .binary(let signs): compute.multiplyTransposed(outputGradient, signs, into: inputGradient)
    case .real(let operand):
      // The operand above was rounded before scaling, so it cannot be used here.
      let scaled =
        scales == nil ? gradient : compute.operand(outputGradient, operand.precision, scratch: gradientScratch)
      compute.multiply(scaled, operand, into: inputGradient)
    case .unread: preconditionFailure("a linear layer's weights are read")
    }
    return inputGradient
  }

  // K, constant with respect to the gradient, if the input's signs carry magnitudes.
  private var inputScale: Tensor? { if case .signs(let batch) = input { batch.sizes } else { nil } }

  // The input as an operand of oneDNN's products.
  private func realInput(_ precision: Precision, _ compute: Compute) -> Operand {
    switch input {
    case .real(let tensor): return compute.operand(tensor, precision, scratch: inputScratch)
    case .signs(let batch):
      compute.unpack(batch, into: unpackedInput)
      return compute.operand(unpackedInput, precision, scratch: inputScratch)
    }
  }
}
