import EngineProtocol
import Foundation
import Testing
import TrainingMetrics

@Suite struct HyperparameterTests {
  @Test(arguments: [
    (0.0, "0"), (256, "256"), (0.9, "0.9"), (0.99999, "0.99999"), (0.05, "0.05"), (3e-4, "3e-4"), (1e-3, "1e-3"),
    (3.90625e-6, "3.906e-6"), (2.5082916406e-4, "2.508e-4"), (0.0123456, "0.01235"), (12.5, "12.5"), (1e7, "1e7"),
    (-0.5, "-0.5"), (9.99999e-5, "1e-4"), (0.123456789, "0.1235"), (1234.5678, "1235"), (100_000, "100000"),
  ])
  func aNumberIsToldInFewCharacters(number: Double, text: String) {
    #expect(HyperparameterValue.number(number).description == text)
  }

  @Test(arguments: Hyperparameter.allCases)
  func theDeclaredRangeIsWhatIsTaken(hyperparameter: Hyperparameter) throws {
    let specification = hyperparameter.specification
    guard case .choice(let words) = specification.scale else {
      let range = specification.range
      try hyperparameter.validate(.number(range.lowerBound))
      try hyperparameter.validate(.number(range.upperBound))
      for wrong in [range.lowerBound - 1, range.upperBound * 2 + 1, .nan] {
        #expect(throws: InvalidHyperparameterValue.self) { try hyperparameter.validate(.number(wrong)) }
      }
      #expect(throws: InvalidHyperparameterValue.self) { try hyperparameter.validate(.word("much")) }
      return
    }
    for word in words { #expect(try hyperparameter.parse(word) == .word(word)) }
    #expect(throws: InvalidHyperparameterValue.self) { try hyperparameter.parse("maybe") }
  }

  @Test func wholeNumbersStayWhole() {
    #expect(throws: InvalidHyperparameterValue.self) { try Hyperparameter.epochs.parse("1.5") }
    #expect(throws: InvalidHyperparameterValue.self) { try Hyperparameter.batchSize.parse("64.5") }
  }

  @Test func pointsSurviveJSONWithoutLosingNaN() throws {
    let points = [
      MetricPoint(step: 1, value: .nan), MetricPoint(step: 2, value: -.infinity), MetricPoint(step: 3, value: 0.1),
    ]
    let read = try EngineJSON.decoder().decode([MetricPoint].self, from: EngineJSON.encoder().encode(points))
    #expect(read[0].value.isNaN)
    #expect(read[1].value == -.infinity)
    #expect(read[2] == points[2])
  }

  @Test func commandsSurviveJSON() throws {
    let commands: [EngineCommand] = [
      .describeCatalog(dataDirectory: nil), .pause(.all), .runToEpoch(3, .lane("binary")),
      .set(.learningRate, .number(3e-4), .lane("binary")), .set(.binarization, .word("stochastic"), .all),
      .start(
        ExperimentRequest(source: .file("mine.yaml"), epochs: 3, seed: 7, settings: ["a.dropout=0"], lanes: ["a"])),
    ]
    for command in commands {
      let data = try EngineJSON.encoder().encode(command)
      #expect(try EngineJSON.decoder().decode(EngineCommand.self, from: data) == command)
    }
  }
}
