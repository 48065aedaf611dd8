import EngineProtocol
import Foundation
import FoundationXML
import Reports
import Sweeps
import Testing

/// The page about a sweep.
@Suite struct SweepPageTests {
  private static let text = """
    experiment: digits-quick
    sweep:
      seeds: 2
      objective: binary.validationAccuracy
      parameters:
        binary.optimizer: [adam, sgd]
        binary.learningRate: {log: [0.001, 0.1], points: 2}
    """

  // Trials that improve with their number; the last one has failed.
  private func page() throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try SweepDirectory.start(
      path, text: Self.text, source: "sweep.yaml", dataDirectory: nil, program: "test", environment: [:])
    for trial in directory.trials {
      var record = TrialRecord(trial: trial.number)
      record.starts = 1
      record.state = trial.number == 8 ? .failed : .finished
      for lane in ["baseline", "binary"] {
        let accuracy = 0.9 + Double(trial.number) / 100
        for epoch in 0...2 {
          record.add(
            EpochReport(
              lane: lane, epoch: epoch, step: epoch, trainLoss: 1, validationLoss: 1,
              validationAccuracy: accuracy - 0.1 / Double(epoch + 1), latentValidationAccuracy: nil, learningRate: 1,
              flipRate: nil, imagesPerSecond: nil, seconds: 3))
        }
        record.add(
          LaneResult(
            lane: lane, failure: trial.number == 8 ? "the loss is <NaN>" : nil, wasStopped: false, testAccuracy: 0.5,
            bestValidationAccuracy: accuracy, bestEpoch: 2, weightsSHA256: "a", parameters: 1, seconds: 1, steps: 1),
          packedBytes: 1)
      }
      let folder = directory.folder(of: trial.number)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try record.write(in: folder)
    }
    let test = SweepResults.Test(lane: "binary", accuracy: [1: 0.8725, 2: 0.8775])
    return SweepPage(SweepResults(try SweepSurvey(directory)), tests: [test]).html()
  }

  @Test func thePageIsWellFormedAndHasEverySection() throws {
    let page = try page()
    #expect(XMLParser(data: Data(page.replacing("<!DOCTYPE html>", with: "").utf8)).parse())
    for title in [
      "Result", "Settings", "Lanes of the chosen setting", "Methods", "Curves", "Best so far", "Trials that failed",
    ] {
      #expect(page.contains("<h2>\(title)</h2>"), "\(title)")
    }
    #expect(page.contains("<h2>Objective against parameters</h2>"))
    #expect(page.components(separatedBy: "<circle").count - 1 == 7)
    #expect(!page.contains("<script") && !page.contains("href=") && page.contains("the loss is &lt;NaN&gt;"))
  }

  @Test func thePageSaysWhatWasChosenAndHowManyWereTried() throws {
    let page = try page()
    // Setting 4 has lost a seed, so setting 3 is chosen: trials 5 and 6.
    #expect(page.contains("binary.optimizer=sgd, binary.learningRate=0.001. "))
    #expect(page.contains("4 settings were tried in 8 trials"))
    #expect(page.contains("Test accuracy of binary: 87.50\u{202F}% ± 0.354"))
    #expect(page.contains(">chosen<") && page.contains(", better in 0 of 2<"))
    #expect(page.contains("Fewer than 5 seeds"))
  }
}
