import EngineProtocol
import Foundation
import TrainingMetrics

/// What packing, timing and exporting a lane of the fake engine gives.
struct FakeDeployment {
  let lane: FakeLane
  var choice = WeightsChoice.newest

  private var weights: DeployedWeights {
    DeployedWeights(
      lane: lane.description.name, branch: lane.snapshot.branch, choice: choice, step: lane.snapshot.step,
      epoch: choice == .best ? Double(lane.snapshot.best?.epoch ?? 0) : lane.snapshot.epoch)
  }

  private func comparison(_ count: Int, _ images: String) -> PackingComparison {
    PackingComparison(
      images: images, count: count, equalCount: count, trainedAccuracy: 0.8731, packedAccuracy: 0.8731,
      largestDifference: 2e-7, tieCount: 0, unexplainedCount: 0)
  }

  var packing: LanePacking {
    let isBinary = lane.description.isBinary
    let sizes = [("hidden 1", 784, 2048), ("hidden 2", 2048, 2048), ("hidden 3", 2048, 2048), ("output", 2048, 10)]
    let layers = sizes.enumerated().map { place, size in
      let (name, inputs, outputs) = size
      let floatBytes = 4 * inputs * outputs
      return LanePacking.Layer(
        name: name, output: "\(outputs)", weights: isBinary ? "bits" : "float",
        input: place == 0 ? "bytes" : isBinary ? "signs" : "real",
        gives: isBinary && place < 3 ? "signs" : "real",
        bytes: (isBinary ? floatBytes / 32 : floatBytes) + 4 * outputs, floatBytes: floatBytes,
        floats: isBinary && place < 3 ? [] : ["batch normalization"],
        kernel: isBinary ? (place == 0 ? "bit planes" : "XNOR, thresholds") : "floats")
    }
    let formats = [
      ("packed", "signflip's own file of bits", "signflip"), ("c", "a program in C99 for microcontrollers", ""),
    ].map { name, summary, suffix in
      LanePacking.Format(
        name: name, summary: summary, file: lane.description.name + (suffix.isEmpty ? "" : ".\(suffix)"))
    }
    return LanePacking(
      weights: weights, layers: layers,
      comparison: comparison(6000, "6,000 validation images of fashion-mnist"), kernels: "avx2", formats: formats)
  }

  var timing: LaneTiming {
    LaneTiming(
      weights: weights, packed: .init(latency: 31.2e-6, slowLatency: 44e-6, imagesPerSecond: 66_100),
      float: .init(latency: 1.449e-3, slowLatency: 1.6e-3, imagesPerSecond: 4710), batch: 256, threads: 1,
      processor: "AMD EPYC", kernels: "avx2")
  }

  /// A network whose second layer has dead units.
  var diagnostics: LaneDiagnostics {
    func hidden(_ number: Int, dead: Double, lag: Double) -> [LayerDiagnostics] {
      [
        LayerDiagnostics(
          name: "hidden\(number)", output: [2048], weightShape: [2048, 784],
          cost: .init(
            parameters: 1_605_632, packedBytes: lane.description.isBinary ? 212_992 : 6_422_528, products: 1_605_632,
            operands: lane.description.isBinary ? "floats and signs" : "floats"),
          weights: lane.description.isBinary
            ? .init(
              plusShare: 0.496, meanEntropy: 0.692, alignment: 0.862, clippedShare: 0.056, deadShare: 0.01,
              neverFlippedShare: 0.174) : nil, gradientNorm: 0.0453),
        LayerDiagnostics(
          name: "hidden\(number).normalization", output: [2048],
          cost: .init(parameters: 4096, packedBytes: 16384, products: 0, operands: nil),
          activations: .init(
            units: 2048, plusShare: 0.5, deadShare: dead, closedShare: 0.43, degeneration: 0, saturation: 0,
            mismatch: 0.087), lag: .init(mean: lag, maximum: 4 * lag)),
      ]
    }
    return LaneDiagnostics(
      weights: weights, batch: .init(images: Array(0..<256), loss: 0.4),
      layers: hidden(1, dead: 0, lag: 0.008) + hidden(2, dead: 0.3, lag: 0.003) + [
        LayerDiagnostics(
          name: "output", output: [10], weightShape: [10, 2048],
          cost: .init(parameters: 20_480, packedBytes: 81_920, products: 20_480, operands: "floats"),
          gradientNorm: 0.405)
      ])
  }

  /// Weights of the hidden layers of the run, in the form of Gaussian latent weights.
  func weights(_ request: WeightsRequest) -> LayerWeights {
    let isBinary = lane.description.isBinary
    let names = ["hidden 1", "hidden 2", "hidden 3", "output"]
    let layers = names.enumerated().map { place, name in
      LayerWeights.Layer(
        name: name, words: isBinary && place < 3 ? "binary" : "float", units: place == 3 ? 10 : 2048,
        inputs: place == 0 ? 784 : 2048, kind: isBinary && place < 3 ? .latent : .float)
    }
    let place = request.layer.flatMap { names.firstIndex(of: $0) } ?? 0
    let layer = layers[place]
    let count = min(request.unitCount, layer.units - request.firstUnit)
    let bins = LayerWeights.binCount
    let counts = (0..<bins).map { bin in
      bin == 0 || bin == bins - 1 ? 30_000 : Int(40_000 * exp(-pow((Double(bin) - 39.5) / 18, 2)))
    }
    let side = place == 0 ? 28 : 46
    let values = (0..<count).flatMap { unit in
      (0..<layer.inputs).map { input -> UInt8 in
        let (x, y) = (Double(input % side), Double(input / side))
        return UInt8(127.5 + 120 * sin(x / 4 + Double(unit)) * cos(y / 5))
      }
    }
    var answer = LayerWeights(
      weights: weights, request: request, layers: layers, place: place,
      histogram: Histogram(lowerBound: -1, upperBound: 1, counts: counts),
      clip: layer.kind == .latent ? 1 : nil,
      reach: layer.kind == .latent ? .init(mean: 3.1e-3, share: 0.004) : nil,
      figures: layer.kind == .latent
        ? .init(
          plusShare: 0.496, meanEntropy: 0.692, alignment: 0.862, clippedShare: 0.056, deadShare: 0.01,
          neverFlippedShare: 0.174) : nil,
      pictures: .init(
        width: side, height: place == 0 ? 28 : 45, channels: 1, arePixels: place == 0, firstUnit: request.firstUnit,
        count: count, values: Data(values),
        levels: layer.kind == .latent ? Data(values.map { $0 < 128 ? 0 : 255 }) : nil),
      inputFlips: layer.kind == .latent ? (0..<layer.inputs).map { Float($0 % side) / 10 } : nil)
    if let step = request.step { answer.weights.step = step }
    if let unit = request.unit, let input = request.input {
      answer.weight = .init(
        unit: unit, input: input, value: -0.0132, level: layer.kind == .latent ? -1 : nil,
        flips: layer.kind == .latent ? 7 : nil, change: 2.1e-4,
        course: (0..<5).map { .init(step: 240 * $0, value: 0.02 * cos(Double($0) * 2), flips: 2 * $0) })
    }
    return answer
  }

  /// What the engine says of the hidden layers at the ends of the first epochs.
  static func epochs(_ steps: [Int], of lane: String, diagnostics: [LayerDiagnostics] = []) -> [EngineEvent] {
    steps.enumerated().map { epoch, step in
      let spread = 4 + 3 * Double(epoch)
      let counts = (0..<40).map { Int(90_000 / spread * exp(-pow((Double($0) - 19.5) / spread, 2))) }
      return .layers(
        LayerReport(
          lane: lane, branch: 1, step: step,
          flips: ["hidden 1", "hidden 2", "hidden 3"].map { FlipStatistics(layer: $0, weights: 1_605_632) },
          latentWeights: Array(repeating: Histogram(lowerBound: -1, upperBound: 1, counts: counts), count: 3),
          diagnostics: diagnostics))
    }
  }

  /// Hidden layers of which the third one flips to and fro.
  static var flippingLayers: [LayerDiagnostics] {
    (1...3).map { number in
      var weights = LayerDiagnostics.Weights(plusShare: 0.5, meanEntropy: 0.69)
      weights.epochFlips = .init(
        updates: 540, flips: 10_000, changed: number == 3 ? 400 : 6000, weightsByFlips: [700, 90, 40, 20, 4],
        restless: (0..<12).map { .init(unit: 7 * $0, input: 402 + $0, flips: 60 - $0) })
      return LayerDiagnostics(name: "hidden \(number)", output: [2048], weights: weights)
    }
  }

  private static let classes = (0..<10).map(String.init)

  /// 9,000 of 10,000 images are right; of class 3, 200 are taken for 5.
  var predictions: LanePredictions {
    var matrix = ConfusionMatrix(classes: 10)
    for label in 0..<10 {
      for image in 0..<1000 {
        let isWrong = image < (label == 3 ? 200 : label == 4 ? 0 : 100)
        matrix.add(label: label, prediction: isWrong ? (label == 3 ? 5 : (label + 1) % 10) : label)
      }
    }
    let mistakes = (0..<30).map { place in
      LanePredictions.Mistake(
        image: 40 + place, label: 3, prediction: 5, probability: 1 - Double(place) / 100,
        latentPrediction: lane.description.isBinary ? 3 : nil)
    }
    return LanePredictions(
      weights: weights, images: "10,000 validation images of fashion-mnist", classes: Self.classes, matrix: matrix,
      latentMatrix: lane.description.isBinary ? matrix : nil, mistakes: mistakes)
  }

  /// Every lane takes an image for 5, and its latent weights for 3.
  static func answers(_ question: ImageQuestion, _ lanes: [FakeLane]) -> ImageAnswers {
    func probabilities(_ best: Int) -> [Double] { (0..<10).map { $0 == best ? 0.91 : 0.01 } }
    let isDrawn = if case .drawn = question { true } else { false }
    return ImageAnswers(
      question: question, width: 28, height: 28, channels: 1,
      pixels: isDrawn ? Data() : Data((0..<784).map { $0 / 28 == 14 ? 255 : 0 }), imageCount: 10_000,
      label: isDrawn ? nil : 3, classes: classes,
      answers: lanes.map { lane in
        ImageAnswers.Answer(
          lane: lane.description.name, step: lane.snapshot.step, probabilities: probabilities(5),
          latentProbabilities: lane.description.isBinary ? probabilities(3) : nil)
      })
  }

  func export(_ request: ExportLaneRequest) -> LaneExport {
    LaneExport(
      weights: weights, format: request.format, files: [request.path], bytes: 1_310_720, floatBytes: 40_081_448,
      comparison: comparison(10_000, "10,000 test images of fashion-mnist"))
  }

  /// A curve that falls until 1e-2 and diverges at about 1e-1.
  func curve(_ search: RateSearch) -> RateCurve {
    let knob = search.hyperparameter ?? .learningRate
    let values = (0..<120).map { pow(10, -6 + Double($0) / 120 * 5.5) }
    let losses = values.map { value in
      1.2 - 0.7 / (1 + exp(-2 * (log10(value) + 3))) + (value > 0.03 ? 40 * (value - 0.03) : 0)
    }
    return RateCurve(
      lane: lane.description.name, branch: lane.snapshot.branch, step: lane.snapshot.step, hyperparameter: knob,
      current: 3e-3, values: values, losses: losses, endedNonFinite: false)
  }

  /// Two checkpoints, of which the later one has moved a third of the signs.
  static func comparison(_ request: MomentsRequest, _ first: FakeLane, _ second: FakeLane) -> MomentsComparison {
    func moment(_ place: MomentsRequest.Place, _ lane: FakeLane) -> MomentsComparison.Moment {
      MomentsComparison.Moment(
        place: place, epoch: lane.snapshot.epoch,
        validationAccuracy: lane.snapshot.latest[.validationAccuracy].map(Double.init),
        trainLoss: lane.snapshot.latest[.trainLoss].map(Double.init), hyperparameters: lane.snapshot.hyperparameters,
        diagnostics: FakeDeployment(lane: lane).diagnostics)
    }
    return MomentsComparison(
      lane: request.lane, first: moment(request.first, first), second: moment(request.second, second),
      layers: second.snapshot.flips.map {
        .init(name: $0.layer, weights: $0.weights, differing: $0.weights / 3)
      })
  }
}
