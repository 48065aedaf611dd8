import EngineProtocol

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

  func export(_ request: ExportLaneRequest) -> LaneExport {
    LaneExport(
      weights: weights, format: request.format, files: [request.path], bytes: 1_310_720, floatBytes: 40_081_448,
      comparison: comparison(10_000, "10,000 test images of fashion-mnist"))
  }
}
