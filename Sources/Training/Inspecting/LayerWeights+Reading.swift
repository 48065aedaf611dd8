import EngineProtocol
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

extension LayerWeights {
  /// Reads the weights of a layer.
  /// - Parameters:
  ///   - branch: the lane's branch.
  ///   - images: number of training images; nil if it is not known.
  ///   - course: reads the requested weight in the checkpoints.
  /// - Throws: `ExperimentError` if there is no such weight; errors of `course` unchanged.
  init(
    _ tensors: LayerTensors, _ request: WeightsRequest, branch: Int, images: Int?, _ compute: Compute,
    course: (_ item: NetworkLayout.Item, _ isMoving: Bool) throws -> [Weight.Point] = { _, _ in [] }
  ) throws {
    let (item, state) = (tensors.item, tensors.state)
    let plan = state.plan
    guard let matrix = item.layer.weights, let parameter = tensors.layout.makeWeights(of: item, plan.network, compute)
    else { throw ExperimentError(code: .unfit, message: "expected a layer with weights, found \(item.name)") }
    let (units, inputs) = (matrix.rows, matrix.columns)
    let value = Tensor(rows: units, columns: inputs, values: tensors.value)
    parameter.value.copy(from: value)
    compute.prepareOperand(of: parameter, .signs)
    let layers = tensors.layout.weighted.map { Layer($0, plan) }
    let place = tensors.layout.weighted.firstIndex(of: item) ?? 0
    let kind = layers[place].kind
    let clip =
      kind == .latent && parameter.isClipped ? Double(plan.optimizer.clipValue) : nil
    let levels = kind == .float ? nil : parameter.binarizedValues

    // u, and the histogram.
    let moments = kind == .moving ? tensors.firstMoment ?? [Float](repeating: 0, count: tensors.value.count) : nil
    let shown = moments ?? parameter.signedValues
    let threshold = plan.optimizer.flipThreshold ?? Optimizer.defaultThreshold
    let margins = moments.map { zip($0, tensors.value).map { $0 * ($1 < 0 ? -1 : 1) / threshold } }
    let largest = shown.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
    let bound = clip.map { Float($0) } ?? (largest > 0 ? largest : 1)
    let histogram = Histogram(of: margins ?? shown, bound: margins == nil ? bound : Self.marginBound)

    // The newest update.
    let rate = state.latest[.learningRate] ?? 0
    let changes =
      kind == .moving || state.step == 0
      ? nil
      : plan.optimizer.newestChanges(
        firstMoment: tensors.firstMoment, secondMoment: tensors.secondMoment, scale: parameter.updateScale, rate: rate)
    let moved = changes.map { changes -> [Float] in
      guard let facts = parameter.facts, facts.areSigns, !facts.readsLatentWeightsAsTheyAre else { return changes }
      // What the sign is taken of is another function of the row.
      let before = Tensor(rows: units, columns: inputs, values: zip(tensors.value, changes).map(-))
      parameter.value.copy(from: before)
      defer { parameter.value.copy(from: value) }
      return zip(shown, parameter.signedValues).map(-)
    }
    let reach = moved.map { moved -> Reach in
      let mean = moved.reduce(0.0) { $0 + Double(abs($1)) } / Double(max(1, moved.count))
      return Reach(mean: mean, share: Double(shown.count { Double(abs($0)) <= mean }) / Double(max(1, shown.count)))
    }
    let zeroBand = levels.flatMap { levels -> Double? in
      guard parameter.facts.map({ !$0.areSigns && $0.countsFlips }) ?? false else { return nil }
      return zip(shown, levels).reduce(0) { $1.1 == 0 ? max($0, Double(abs($1.0))) : $0 }
    }

    self.init(
      weights: DeployedWeights(
        lane: request.lane, branch: branch, choice: .newest, step: state.step,
        epoch: Double(state.epoch) + (images.map { Double(state.position) / Double(max(1, $0)) } ?? 0)),
      request: request, layers: layers, place: place, histogram: histogram, clip: clip, zeroBand: zeroBand,
      reach: kind == .float ? nil : reach,
      nearShare: margins.map { Double($0.count { $0 > 0.5 }) / Double(max(1, $0.count)) },
      figures: LayerDiagnostics.Weights(
        parameter, item.windows, clipValue: kind == .latent ? plan.optimizer.clipValue : nil,
        neverFlipped: tensors.flipCounts.map { $0.count { $0 == 0 } }),
      pictures: Pictures(tensors, request, shown, levels, bound: bound, units: units, inputs: inputs),
      inputFlips: tensors.flipCounts.map { counts in
        var sums = [Int](repeating: 0, count: inputs)
        for unit in 0..<units { for input in 0..<inputs { sums[input] += Int(counts[unit * inputs + input]) } }
        return sums.map { Float(Double($0) / Double(max(1, units))) }
      })

    guard let unit = request.unit, let input = request.input else { return }
    guard (0..<units).contains(unit), (0..<inputs).contains(input) else {
      throw ExperimentError(
        code: .unfit,
        message: "\(item.name): expected a unit from 0 to \(units - 1) and an input from 0 to \(inputs - 1), found "
          + "\(unit) and \(input)")
    }
    let index = unit * inputs + input
    weight = Weight(
      unit: unit, input: input, value: Double(shown[index]), level: levels.map { Double($0[index]) },
      flips: tensors.flipCounts.map { Int($0[index]) }, change: moved.map { Double($0[index]) },
      course: try course(item, kind == .moving))
  }

  /// The histogram of Bop's margins covers ±2: a weight flips at 1.
  private static let marginBound: Float = 2
}

extension LayerWeights.Layer {
  fileprivate init(_ item: NetworkLayout.Item, _ plan: LanePlan) {
    let matrix = item.layer.weights
    self.init(
      name: item.name, words: matrix?.words ?? "", units: matrix?.rows ?? 0, inputs: matrix?.columns ?? 0,
      kind: !item.isBinary ? .float : !plan.optimizer.kind.hasLatentWeights && item.quantized == nil ? .moving : .latent
    )
  }
}

extension LayerWeights.Pictures {
  fileprivate init(
    _ tensors: LayerTensors, _ request: WeightsRequest, _ values: [Float], _ levels: [Float]?, bound: Float,
    units: Int, inputs: Int
  ) {
    let first = min(max(0, request.firstUnit), max(0, units - 1))
    let count = min(max(0, request.unitCount), WeightsRequest.mostUnits, units - first)
    let range = first * inputs..<(first + count) * inputs
    func byte(_ value: Float, _ bound: Float) -> UInt8 {
      value.isFinite && bound > 0 ? UInt8(max(0, min(255, (127.5 + 127.5 * value / bound).rounded()))) : 128
    }
    let highest = levels?.reduce(Float(0)) { max($0, abs($1)) } ?? 1
    let isFirst = tensors.layout.weighted.first == tensors.item
    let image = tensors.image
    let (width, height, channels, arePixels): (Int, Int, Int, Bool)
    if let windows = tensors.item.windows {
      let isImage = isFirst && (windows.input.channels == 1 || windows.input.channels == 3)
      (width, height, channels, arePixels) =
        isImage
        ? (windows.kernel.width, windows.kernel.height, windows.input.channels, true)
        : (windows.input.channels, windows.kernel.height * windows.kernel.width, 1, false)
    } else if isFirst, inputs == image.features, image.channels == 1 || image.channels == 3 {
      (width, height, channels, arePixels) = (image.width, image.height, image.channels, true)
    } else {
      let side = Int(Double(inputs).squareRoot().rounded(.up))
      (width, height, channels, arePixels) = (side, (inputs + side - 1) / max(1, side), 1, false)
    }
    self.init(
      width: width, height: height, channels: channels, arePixels: arePixels, firstUnit: first, count: count,
      values: Data(values[range].map { byte($0, bound) }),
      levels: levels.map { Data($0[range].map { byte($0, highest) }) })
  }
}

extension Histogram {
  /// Counts values in equal bins over ±bound; values outside are counted in the first or last bin, those that are not
  /// numbers not at all.
  fileprivate init(of values: [Float], bound: Float) {
    let bins = LayerWeights.binCount
    var counts = [Int](repeating: 0, count: bins)
    let (bound, scale) = (Double(bound), Double(bins) / (2 * Double(bound)))
    for value in values where value.isFinite {
      counts[Int(max(0, min(Double(bins - 1), (Double(value) + bound) * scale)))] += 1
    }
    self.init(lowerBound: Float(-bound), upperBound: Float(bound), counts: counts)
  }
}
