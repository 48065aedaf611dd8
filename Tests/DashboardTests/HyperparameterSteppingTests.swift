import Dashboard
import EngineProtocol
import Testing

@Suite struct HyperparameterSteppingTests {
  private func walk(_ key: Hyperparameter, from start: Double, _ direction: Int, _ size: StepSize, _ count: Int)
    -> [String]
  {
    var value = HyperparameterValue.number(start)
    return (0..<count).map { _ in
      value = key.step(value, direction: direction, size: size)
      return "\(value)"
    }
  }

  @Test func logarithmicFineStepsGoThroughTheNamedMantissas() {
    #expect(
      walk(.learningRate, from: 1e-3, 1, .fine, 10)
        == ["1.2e-3", "1.5e-3", "2e-3", "2.5e-3", "3e-3", "4e-3", "5e-3", "6e-3", "8e-3", "0.01"])
    #expect(walk(.learningRate, from: 1e-3, -1, .fine, 3) == ["8e-4", "6e-4", "5e-4"])
  }

  @Test func logarithmicCoarseStepsGoThroughOneAndThree() {
    #expect(walk(.learningRate, from: 1e-3, 1, .coarse, 3) == ["3e-3", "0.01", "0.03"])
    #expect(walk(.learningRate, from: 7e-4, -1, .coarse, 3) == ["3e-4", "1e-4", "3e-5"])
  }

  @Test func aScaleThatHoldsZeroEndsThere() {
    #expect(walk(.weightDecay, from: 2e-6, -1, .coarse, 3) == ["1e-6", "0", "0"])
    #expect(walk(.weightDecay, from: 0, 1, .fine, 2) == ["1e-6", "1.2e-6"])
  }

  @Test func linearStepsStayDecimals() {
    #expect(walk(.dropout, from: 0.28, 1, .fine, 3) == ["0.29", "0.3", "0.31"])
    #expect(walk(.dropout, from: 0.25, 1, .coarse, 2) == ["0.3", "0.4"])
    #expect(walk(.beta2, from: 0.999, -1, .fine, 2) == ["0.998", "0.997"])
    #expect(walk(.clipValue, from: 1, 1, .coarse, 2) == ["1.25", "1.5"])
  }

  @Test func integersAndPowersOfTwo() {
    #expect(walk(.epochs, from: 12, 1, .coarse, 2) == ["20", "30"])
    #expect(walk(.epochs, from: 12, -1, .fine, 2) == ["11", "10"])
    #expect(walk(.batchSize, from: 100, 1, .fine, 2) == ["128", "256"])
    #expect(walk(.batchSize, from: 100, -1, .fine, 2) == ["64", "32"])
    #expect(walk(.batchSize, from: 128, 1, .coarse, 1) == ["512"])
  }

  @Test func choicesGoAround() {
    let other = Hyperparameter.binarization.step(.word("deterministic"), direction: 1, size: .fine)
    #expect(other == .word("stochastic"))
    #expect(Hyperparameter.binarization.step(other, direction: 1, size: .fine) == .word("deterministic"))
  }

  @Test(arguments: Hyperparameter.allCases)
  func everyStepStaysInTheDeclaredRange(_ key: Hyperparameter) throws {
    let specification = key.specification
    guard case .choice = specification.scale else {
      for direction in [1, -1] {
        for size in [StepSize.fine, .coarse] {
          var value = HyperparameterValue.number(
            direction > 0 ? specification.range.lowerBound : specification.range.upperBound)
          for _ in 0..<400 {
            value = key.step(value, direction: direction, size: size)
            try key.validate(value)
          }
        }
      }
      return
    }
  }
}
