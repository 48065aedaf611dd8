import Datasets
import EngineProtocol
import Foundation
import Testing
import Training

/// The preparation of images: results, descriptions, and errors.
@Suite struct PreparationTests {
  private func experiment(_ lines: String, lanes: String = "[{name: a}, {name: b, method: bnn}]") -> String {
    """
    name: prepared
    validation: 80
    seed: 5
    \(lines)
    defaults: {hidden: [16], batchSize: 20, epochs: 3, learningRate: 0.01, precision: float32}
    lanes: \(lanes)
    """
  }

  private func start(_ yaml: String, _ dataset: String, threads: Int? = nil) -> EngineProbe {
    let probe = EngineProbe()
    probe.engine.send(
      .start(
        ExperimentRequest(
          source: .text(yaml, name: "test"), dataset: dataset, threads: threads, isRecorded: false)))
    return probe
  }

  private func failure(_ yaml: String, _ dataset: String) -> String {
    let probe = start(yaml, dataset)
    let event = probe.wait(for: "the failure") { if case .failed = $0 { true } else { false } }
    guard case .failed(let message, _) = event else { return "no failure" }
    return message
  }

  @Test(arguments: ["gcn", "zca"])
  func lanesLearnFromPreparedImagesOfBothParts(normalization: String) throws {
    let data = try SmallDataset()
    let results = start(experiment("normalization: \(normalization)"), data.folder.path).finish()
    for name in ["a", "b"] {
      let result = try #require(results[name])
      #expect(try #require(result.bestValidationAccuracy) > 0.9)
      // Differently prepared test images would be classified wrongly.
      #expect(try #require(result.testAccuracy) > 0.9)
    }
  }

  @Test func whitenedImagesGiveTheSameWeightsWheneverTheyAreFitted() throws {
    let data = try SmallDataset()
    let yaml = experiment("normalization: zca\naugmentation: {crop: 1, flip: false, rotate: 10, shift: 0.5}")
    let digests = (0..<2).map { _ in
      start(yaml, data.folder.path, threads: 1).finish().mapValues(\.weightsSHA256)
    }
    #expect(digests[0].count == 2)
    #expect(digests[0] == digests[1])
    let without = experiment("normalization: zca\naugmentation: {crop: 1, flip: false}")
    #expect(start(without, data.folder.path, threads: 1).finish().mapValues(\.weightsSHA256) != digests[0])
  }

  @Test func whatIsWrittenOfItReadsAsTheSame() throws {
    let yaml = experiment("normalization: zca\naugmentation: {flip: true, rotate: 7.5, shift: 0.1}")
    func read(_ yaml: String) throws -> Experiment {
      try ExperimentResolver(environment: [:]).resolve(
        ExperimentRequest(source: .text(yaml, name: "test"), dataset: "digits")
      ).experiment
    }
    let experiment = try read(yaml)
    #expect(experiment.normalization == .zca)
    #expect(experiment.augmentation == Augmentation(flips: true, rotate: 7.5, shift: 0.1))
    #expect(try read(ExperimentWriter().text(of: experiment)) == experiment)
  }

  @Test func aMoveBeyondTheImageIsRefused() throws {
    let data = try SmallDataset()
    #expect(
      failure(experiment("augmentation: {shift: 4.5}"), data.folder.path)
        == "augmentation.shift: expected less than the images' size, found 4.5 of 4×4×1")
  }

  @Test(arguments: ["gcn", "zca"])
  func anImageWithoutContrastIsNamed(normalization: String) throws {
    let data = try SmallDataset()
    let file = data.folder.appending(path: "t10k-images-idx3-ubyte")
    var bytes = try Data(contentsOf: file)
    bytes.replaceSubrange(16 + 16 * 3..<16 + 16 * 4, with: Data(repeating: 9, count: 16))
    try bytes.write(to: file)
    #expect(
      failure(experiment("normalization: \(normalization)"), data.folder.path)
        == "normalization: \(normalization): expected images with contrast, found test image 3 (counting from 0), "
        + "whose values are all 9")
  }

  @Test func aStopEndsTheFittingOfAMap() throws {
    // Large enough that the stop arrives first.
    let data = try SmallDataset(side: 40)
    let probe = start(experiment("normalization: zca"), data.folder.path)
    while true {
      if case .preparing(let stage) = probe.engine.snapshot().phase, stage.kind == .images { break }
      Thread.sleep(forTimeInterval: 0.001)
      guard case .preparing = probe.engine.snapshot().phase else { break }
    }
    probe.engine.send(.stop(.all))
    #expect(probe.engine.snapshot().phase == .failed("stopped before training began"))
    #expect(probe.engine.snapshot().lanes.isEmpty)
  }
}
