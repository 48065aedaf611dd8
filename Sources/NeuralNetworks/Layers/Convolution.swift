package import Tensors

/// A convolution in a list of layers: `convolution: 50`, `convolution: {filters: 50, kernel: 3, stride: 1, border: same}`.
package struct ConvolutionPlan: PlannedLayer {
  package static let name = "convolution"
  package static let words = ["convolution"]
  package static let shortKey: String? = "filters"

  /// Number of output channels.
  package var filters: Int
  /// Height and width of the kernel.
  package var kernel: Int
  /// The stride.
  package var stride: Int
  /// The padding.
  package var border: LayerPlan.Border
  /// Whether its weights are binary; nil for the method's choice.
  package var isBinary: Bool?

  package init(word: String, _ keys: any LayerKeys) throws {
    guard let filters = try keys.integer("filters", in: 1...65_536) else {
      throw keys.wrong("filters", expected: "how many filters")
    }
    self.init(
      filters: filters, kernel: try keys.integer("kernel", in: 1...63) ?? 3,
      stride: try keys.integer("stride", in: 1...63) ?? 1, border: try keys.choice("border") ?? .same,
      isBinary: try keys.flag("binary"))
  }

  init(filters: Int, kernel: Int, stride: Int, border: LayerPlan.Border, isBinary: Bool?) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.border = border
    self.isBinary = isBinary
  }

  package var spelling: (word: String, keys: [(String, LayerValue)]) {
    let binary: [(String, LayerValue)] = isBinary.map { [("binary", .flag($0))] } ?? []
    return (
      "convolution",
      [
        ("filters", .integer(filters)), ("kernel", .integer(kernel)), ("stride", .integer(stride)),
        ("border", .word(border.rawValue)),
      ] + binary
    )
  }

  package var hasWeights: Bool { true }

  package func fit(_ fitting: inout LayoutFitting, before following: ArraySlice<LayerPlan>) throws {
    let dropsSigns = fitting.hasSigns && fitting.hasDropped
    let name = fitting.begin("conv")
    guard !dropsSigns || border.padding(ofSigns: true) != .sameOne else {
      throw NetworkError(
        layer: name, expected: "no dropout between signs and a padding of +1, which is never dropped", found: "one")
    }
    let windows = try fitting.windows(name, kernel: kernel, stride: stride, border)
    let matrix = fitting.matrix(
      rows: filters, columns: windows.features, channels: windows.input.channels, isBinary, before: following)
    try fitting.append(name, FittedConvolution(windows: windows, matrix: matrix))
  }
}

extension LayerPlan {
  /// A convolution with a square kernel.
  /// - Parameter isBinary: whether its weights are binary; nil for the method's choice.
  package static func convolution(
    filters: Int, kernel: Int, stride: Int, border: Border, isBinary: Bool?
  ) -> LayerPlan {
    LayerPlan(
      ConvolutionPlan(filters: filters, kernel: kernel, stride: stride, border: border, isBinary: isBinary))
  }
}

extension ImageWindows {
  /// The windows for display: “3×3/2 same, zeros around”. The padding is always stated, so that nobody overlooks zero
  /// padding in a binary convolution.
  var words: String {
    let stride = stride.height == 1 ? "" : "/\(stride.height)"
    let border =
      switch padding {
      case .valid: "valid"
      case .same: "same, zeros around"
      case .sameOne: "same, +1 around"
      }
    return "\(kernel.height)×\(kernel.width)\(stride) \(border)"
  }
}

/// A convolution for a given image shape.
package struct FittedConvolution: FittedLayer {
  package static let words = ["convolution"]

  /// The windows that the kernel moves over.
  package let windows: ImageWindows
  /// The weights, one row per filter.
  package let matrix: WeightMatrix

  init(windows: ImageWindows, matrix: WeightMatrix) {
    self.windows = windows
    self.matrix = matrix
  }

  package init(_ description: NetworkDescription.Layer, input: ImageShape) throws {
    windows = try description.windows(over: input)
    matrix = try WeightMatrix(description, columns: windows.features)
  }

  package func description(_ name: String) -> NetworkDescription.Layer? {
    var layer = NetworkDescription.Layer("convolution", name)
    (layer.outputs, layer.bias) = (matrix.rows, matrix.hasBias)
    (layer.weights, layer.windows) = (.init(matrix), .init(windows))
    return layer
  }

  package func output(of input: ImageShape) -> ImageShape { windows.outputShape(channels: matrix.rows) }

  package func build(_ name: String, _ builder: inout NetworkBuilder) {
    let convolution = Convolution(
      name: name, windows: windows, filters: matrix.rows, isBinary: matrix.isBinary, hasBias: matrix.hasBias,
      scalesUpdates: builder.scalesUpdates(of: matrix), scaling: matrix.scaling,
      quantizer: builder.quantizer(of: matrix),
      precision: builder.precision, keepsOutput: builder.next?.layer.readsInputOnce != true)
    let places = windows.kernel.height * windows.kernel.width
    builder.fill(convolution.weights, inputs: windows.features, outputs: places * matrix.rows)
    builder.layers.append(convolution)
  }

  package func pack(_ name: String, _ packer: inout NetworkPacker) throws {
    try packer.product(name, matrix, windows)
  }

  package var words: String { "\(matrix.words) \(matrix.rows) × \(windows.words)\(matrix.hasBias ? ", bias" : "")" }
  package var summary: String? { "\(matrix.rows)c\(windows.kernel.height)" }
  package var isCounted: Bool { true }
  package var weights: WeightMatrix? { matrix }
  package var otherParameterCount: Int { matrix.otherParameterCount }
  package var products: Int { windows.count * windows.features * matrix.rows }
  package var scratchCount: Int { windows.count * windows.features }
  package var canBeLast: Bool { true }
  package var takesSigns: Bool { true }
  package var givesSigns: Bool? { false }
}

/// A convolution, `y[n, i, f] = Σ W[f, ky, kx, c] · x[n, window i at (ky, kx), c] + b[f]`, with float or binary
/// weights. Shapes are `[batch·height·width, channels]` (NHWC).
///
/// It is computed as a matrix product as in `Linear` (im2col): the windows of a few images at a time are written as
/// rows, so that they stay in the cache. On AVX2 the three products together are as fast as oneDNN's own convolution,
/// and the same code serves bits. A product with signs writes the rows of a few windows at a time; the products of floats
/// of a 3×3 convolution use Winograd tiles. If the input's signs carry magnitudes, each pixel of y is multiplied by
/// K, the mean magnitude over the part of its window inside the image, before b is added.
/// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, algorithm 1, for binary weights; Rastegari et al. 2016,
///   arXiv:1603.05279, eq. 11, for K.
package final class Convolution: PooledLayer {
  package let name: String
  /// W, or the latent weights; shape `[filters, height·width·channels of the kernel]`, with channels innermost.
  package let weights: Parameter
  /// b, shape `[1, filters]`; nil if a batch normalization follows, which would cancel it.
  package let bias: Parameter?
  /// The windows that the kernel moves over.
  package let windows: ImageWindows

  private let precision: Precision
  // Nil if the output is only needed temporarily.
  private let output: Tensor?
  private var input = Activations.real(Tensor(rows: 0, columns: 0))
  private let unpackedInput: Tensor
  private let windowSigns: SignBatch
  private let windowScratch: HalfTensor
  private let gradientScratch: HalfTensor
  // K of each window, if the input carries magnitudes; constant with respect to the gradient.
  private let inputScale = Tensor(rows: 0, columns: 1)
  // Computes products of floats with tiles, where that applies.
  private let winograd: WinogradConvolution?

  /// A convolution with all weights 0.
  /// - Parameter keepsOutput: false if the next layer reads the output immediately and the backward pass does not need
  ///   it.
  package init(
    name: String, windows: ImageWindows, filters: Int, isBinary: Bool, hasBias: Bool, scalesUpdates: Bool,
    scaling: WeightScaling? = nil, quantizer: (any WeightQuantizer)? = nil, precision: Precision,
    keepsOutput: Bool = true
  ) {
    self.name = name
    self.windows = windows
    self.precision = precision
    let places = windows.kernel.height * windows.kernel.width
    weights = Parameter(
      name: "\(name).weights", rows: filters, columns: windows.features, isBinary: isBinary,
      updateScale: scalesUpdates && isBinary
        ? Linear.glorotScale(inputs: windows.features, outputs: places * filters) : 1,
      operandPrecision: precision, scaling: scaling, quantizer: quantizer)
    bias = hasBias ? Parameter(name: "\(name).bias", rows: 1, columns: filters) : nil
    output = keepsOutput ? Tensor(rows: 0, columns: filters) : nil
    unpackedInput = Tensor(rows: 0, columns: windows.input.channels)
    windowSigns = SignBatch(features: windows.features)
    windowScratch = HalfTensor(rows: 0, columns: windows.features)
    gradientScratch = HalfTensor(rows: 0, columns: filters)
    winograd = WinogradConvolution(windows, filters: filters, precision: precision)
  }

  package var parameters: [Parameter] { [weights, weights.learnedScales, bias].compactMap { $0 } }
  package var outputMayBeOverwritten: Bool { true }
  package var keptBytes: Int { 4 * (output?.count ?? 0) }

  package func forward(_ input: Activations, _ pass: PassContext) -> Activations {
    self.input = input
    let compute = pass.compute
    let rows = imageCount * windows.count
    let output = output ?? pass.workspace.output(rows: rows, columns: weights.value.rows)
    output.resize(rows: rows)
    if case .signs(let images) = input, case .binary(let signs) = weights.form {
      compute.convolve(images, windows, signs, into: output)
    } else if case .real(.float32(let filters)) = weights.form, let winograd = unscaledWinograd {
      winograd.forward(realInput(compute), filters, into: output, pass)
    } else {
      let images = realInput(compute)
      switch weights.form {
      case .binary(let signs): compute.convolve(images, windows, signs, into: output)
      case .real(let operand):
        forEachBlock { range in
          compute.multiply(
            compute.operand(unfold(images, range, pass), operand.precision, scratch: windowScratch), operand,
            transposingB: true, into: self.rows(output, of: range))
        }
      case .unread: preconditionFailure("a convolution's weights are read")
      }
    }
    if let scales = weights.appliedScales { compute.scaleColumns(output, by: scales) }
    if case .signs(let images) = input, let sizes = images.sizes {
      compute.inputScale(sizes, windows, into: inputScale)
      compute.scaleRows(output, by: inputScale)
    }
    if let bias { compute.addBias(bias.value, to: output) }
    return .real(output)
  }

  package func backward(_ outputGradient: Tensor, needsInputGradient: Bool, _ pass: PassContext) -> Tensor {
    let compute = pass.compute
    if let bias { compute.sumColumns(outputGradient, into: bias.gradient) }
    if case .signs(let images) = input, images.sizes != nil { compute.scaleRows(outputGradient, by: inputScale) }
    if case .real(.float32) = weights.form, let winograd = unscaledWinograd {
      let inputGradient = needsInputGradient ? self.inputGradient(besides: outputGradient, pass) : nil
      winograd.backward(
        realInput(compute), outputGradient, weightsGradient: weights.gradient, into: inputGradient, pass)
      return inputGradient ?? outputGradient
    }
    if case .signs(let images) = input, case .binary = weights.form {
      compute.unfold(images, windows, into: windowSigns)
      compute.multiplyTransposing(outputGradient, windowSigns, into: weights.gradient)
    } else if let winograd {
      // Only the gradient of the weights: that of the images has products with signs, or needs another output gradient.
      winograd.backward(realInput(compute), outputGradient, weightsGradient: weights.gradient, into: nil, pass)
    } else {
      let images = realInput(compute)
      forEachBlock { range in addWeightsGradient(images, rows(outputGradient, of: range), range, pass) }
    }
    let scales = weights.appliedScales
    if scales != nil { compute.passScaling(of: weights) }
    guard needsInputGradient else { return outputGradient }
    if let scales { compute.scaleColumns(outputGradient, by: scales) }
    let inputGradient = inputGradient(besides: outputGradient, pass)
    switch weights.form {
    case .binary(let signs): compute.convolveTransposed(outputGradient, windows, signs, into: inputGradient)
    case .real(let operand):
      forEachBlock { range in
        let gradient = rows(outputGradient, of: range)
        let columns = pass.workspace.windows
        columns.reshape(rows: gradient.rows, columns: windows.features)
        compute.multiply(
          compute.operand(gradient, operand.precision, scratch: gradientScratch), operand, into: columns)
        compute.fold(columns, windows, range: range, into: inputGradient)
      }
    case .unread: preconditionFailure("a convolution's weights are read")
    }
    return inputGradient
  }

  // Only with signs, whose products are the same for any part of a batch. The maps of later layers are smaller, and their
  // inputs are often signs.
  package func forward(_ input: Activations, pooledBy pooling: Pooling, _ pass: PassContext) -> Activations? {
    guard case .real(let images) = input, case .binary(let signs) = weights.form, output == nil, pooling.kind == .max
    else { return nil }
    self.input = input
    let (compute, pixels, count) = (pass.compute, windows.input.pixels, imageCount)
    var result = images
    forEachBlock(elements: windows.count * weights.value.rows) { range in
      let output = pass.workspace.output(rows: range.count * windows.count, columns: weights.value.rows)
      compute.convolve(
        images.view(rows: range.lowerBound * pixels..<range.upperBound * pixels), windows, signs, into: output)
      if let scales = weights.appliedScales { compute.scaleColumns(output, by: scales) }
      if let bias { compute.addBias(bias.value, to: output) }
      result = pooling.forward(output, from: range.lowerBound, of: count, pass)
    }
    return .real(result)
  }

  // Only for a first layer: its map is the largest, and no gradient of the images is needed.
  package func backward(
    _ outputGradient: Tensor, pooledBy pooling: Pooling, needsInputGradient: Bool, _ pass: PassContext
  ) -> Tensor? {
    guard case .real(let images) = input, case .binary = weights.form, winograd == nil, bias == nil,
      !needsInputGradient, pooling.kind == .max
    else { return nil }
    forEachBlock(elements: windows.count * (windows.features + weights.value.rows)) { range in
      let gradient = pass.workspace.gradient(
        rows: range.count * windows.count, columns: weights.value.rows, besides: outputGradient)
      pooling.backward(outputGradient, from: range.lowerBound, into: gradient, pass)
      addWeightsGradient(images, gradient, range, pass)
    }
    if weights.appliedScales != nil { pass.compute.passScaling(of: weights) }
    return outputGradient
  }

  // Adds the part of the weights' gradient that comes from some images; the first part replaces it.
  private func addWeightsGradient(_ images: Tensor, _ gradient: Tensor, _ range: Range<Int>, _ pass: PassContext) {
    let compute = pass.compute
    compute.multiply(
      compute.operand(gradient, precision, scratch: gradientScratch),
      compute.operand(unfold(images, range, pass), precision, scratch: windowScratch), transposingA: true,
      adding: range.lowerBound > 0, into: weights.gradient)
  }

  // Tiles use one output gradient for both products, but scaled weights need a different one for each.
  private var unscaledWinograd: WinogradConvolution? { weights.appliedScales == nil ? winograd : nil }

  private func inputGradient(besides outputGradient: Tensor, _ pass: PassContext) -> Tensor {
    pass.workspace.gradient(
      rows: imageCount * windows.input.pixels, columns: windows.input.channels, besides: outputGradient)
  }

  private var imageCount: Int { input.rows / windows.input.pixels }

  // Ranges of images that fit into the L2 cache together.
  // - elements: of an image; nil for those of its windows.
  private func forEachBlock(elements: Int? = nil, _ body: (Range<Int>) -> Void) {
    let size = max(1, Convolution.blockElements / (elements ?? windows.count * windows.features))
    var begin = 0
    while begin < imageCount {
      let end = min(imageCount, begin + size)
      body(begin..<end)
      begin = end
    }
  }

  private static let blockElements = 1 << 19

  private func rows(_ tensor: Tensor, of images: Range<Int>) -> Tensor {
    tensor.view(rows: images.lowerBound * windows.count..<images.upperBound * windows.count)
  }

  private func unfold(_ images: Tensor, _ range: Range<Int>, _ pass: PassContext) -> Tensor {
    pass.compute.unfold(
      images, windows, range: range.lowerBound * windows.count..<range.upperBound * windows.count,
      into: pass.workspace.windows)
    return pass.workspace.windows
  }

  // The input as floats.
  private func realInput(_ compute: Compute) -> Tensor {
    switch input {
    case .real(let images): return images
    case .signs(let images):
      compute.unpack(images, into: unpackedInput)
      return unpackedInput
    }
  }
}
