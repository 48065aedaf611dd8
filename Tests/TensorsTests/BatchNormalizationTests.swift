import Tensors
import Testing

@Suite("Batch normalization")
struct BatchNormalizationTests {
  private let numbers = BatchNormalizationNumbers(epsilon: 1e-3, momentum: 0.8)

  /// The tensors of a normalization.
  private final class Case {
    let input, scale, shift, mean, variance, output, dInput, dScale, dShift, dOutput, rectified: Tensor
    let signs: SignBatch

    init(rows: Int, columns: Int) {
      input = Tensor(rows: rows, columns: columns, seed: 1, from: -2, to: 5)
      scale = Tensor(rows: 1, columns: columns, seed: 2, from: 0.5, to: 2)
      shift = Tensor(rows: 1, columns: columns, seed: 3)
      mean = Tensor(rows: 1, columns: columns, seed: 4)
      variance = Tensor(rows: 1, columns: columns, seed: 5, from: 0.5, to: 2)
      dOutput = Tensor(rows: rows, columns: columns, seed: 6)
      output = Tensor(rows: 0, columns: columns)
      dInput = Tensor(rows: 0, columns: columns)
      rectified = Tensor(rows: 0, columns: columns)
      signs = SignBatch(features: columns)
      dScale = Tensor(rows: 1, columns: columns)
      dShift = Tensor(rows: 1, columns: columns)
    }

    func train(_ numbers: BatchNormalizationNumbers, threads: Int) {
      let compute = Compute(threads: threads)
      let statistics = BatchStatistics(columns: input.columns, kind: numbers.kind ?? .standard)
      compute.gatherStatistics(
        input, runningMean: mean, runningVariance: variance, numbers: numbers, into: statistics)
      compute.normalize(input, statistics, scale: scale, shift: shift, rectifies: false, into: output)
      compute.normalize(input, statistics, scale: scale, shift: shift, rectifies: true, into: rectified)
      compute.normalizeToSigns(input, statistics, scale: scale, shift: shift, SignEstimator(window: 0.5), into: signs)
      dInput.copy(from: dOutput)
      compute.normalizationGradient(
        dInput, gate: .open, input: input, statistics, scale: scale, shift: shift, scaleGradient: dScale,
        shiftGradient: dShift)
    }

    func column(_ tensor: Tensor, _ column: Int) -> [Double] {
      (0..<tensor.rows).map { Double(tensor[$0, column]) }
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  @Test("training agrees with the formula, column by column")
  func training() {
    let (rows, columns) = (6, 5)
    let (tried, untouched) = (Case(rows: rows, columns: columns), Case(rows: rows, columns: columns))
    tried.train(numbers, threads: 1)
    for column in 0..<columns {
      let x = tried.column(tried.input, column)
      let average = mean(x)
      let variance = mean(x.map { ($0 - average) * ($0 - average) })
      let deviation = (variance + Double(numbers.epsilon)).squareRoot()
      let normalized = x.map { ($0 - average) / deviation }
      let (gamma, beta) = (Double(tried.scale[0, column]), Double(tried.shift[0, column]))
      for row in 0..<rows { #expect(abs(Double(tried.output[row, column]) - gamma * normalized[row] - beta) < 1e-5) }

      let expectedMean = 0.8 * Double(untouched.mean[0, column]) + 0.2 * average
      let expectedVariance = 0.8 * Double(untouched.variance[0, column]) + 0.2 * variance * 6 / 5
      #expect(abs(Double(tried.mean[0, column]) - expectedMean) < 1e-6)
      #expect(abs(Double(tried.variance[0, column]) - expectedVariance) < 1e-6)

      let dy = tried.column(tried.dOutput, column)
      let dScale = zip(dy, normalized).reduce(0.0) { $0 + $1.0 * $1.1 }
      let dShift = dy.reduce(0, +)
      #expect(abs(Double(tried.dScale[0, column]) - dScale) < 1e-5)
      #expect(abs(Double(tried.dShift[0, column]) - dShift) < 1e-5)
      for row in 0..<rows {
        let dx = gamma / deviation * (dy[row] - (dShift + normalized[row] * dScale) / 6)
        #expect(abs(Double(tried.dInput[row, column]) - dx) < 1e-5)
      }
    }
  }

  @Test("inference uses the running statistics and leaves them as they are")
  func inference() {
    let tried = Case(rows: 4, columns: 3)
    let (meanBefore, varianceBefore) = (tried.mean.values, tried.variance.values)
    let compute = Compute(threads: 1)
    let statistics = BatchStatistics(columns: 3)
    compute.useStatistics(mean: tried.mean, variance: tried.variance, epsilon: numbers.epsilon, into: statistics)
    compute.normalize(
      tried.input, statistics, scale: tried.scale, shift: tried.shift, rectifies: false, into: tried.output)
    for row in 0..<4 {
      for column in 0..<3 {
        let centred = tried.input[row, column] - tried.mean[0, column]
        let deviation = (tried.variance[0, column] + numbers.epsilon).squareRoot()
        let expected = tried.scale[0, column] * centred / deviation + tried.shift[0, column]
        #expect(abs(tried.output[row, column] - expected) < 1e-5)
      }
    }
    #expect(tried.mean.values == meanBefore)
    #expect(tried.variance.values == varianceBefore)
  }

  @Test("the activation behind it is that of the normalized values", arguments: [5, 64, 130])
  func activation(columns: Int) {
    let tried = Case(rows: 9, columns: columns)
    tried.train(numbers, threads: 1)
    #expect(tried.rectified.values == tried.output.values.map { max(0, $0) })
    #expect(tried.signs.signs.signs == tried.output.values.map { $0 < 0 ? -1 : 1 })
    #expect(tried.signs.passes.signs == tried.output.values.map { abs($0) <= 0.5 ? -1 : 1 })
  }

  @Test("the gradient through a gate equals that of the gated gradient")
  func gated() {
    let tried = Case(rows: 20, columns: 70)
    tried.train(numbers, threads: 1)
    let compute = Compute(threads: 1)
    compute.dropout(tried.signs, rate: 0.25, random: RandomStream(seed: 1, stream: 2, step: 3))
    let statistics = BatchStatistics(columns: 70)
    compute.gatherStatistics(
      tried.input, runningMean: tried.mean, runningVariance: tried.variance, numbers: numbers, into: statistics)
    func gradient(_ gate: GradientGate, of gradient: Tensor) -> [Float] {
      compute.normalizationGradient(
        gradient, gate: gate, input: tried.input, statistics, scale: tried.scale, shift: tried.shift,
        scaleGradient: tried.dScale, shiftGradient: tried.dShift)
      return gradient.values + tried.dScale.values + tried.dShift.values
    }
    for gate in [GradientGate.signs(tried.signs), .rectifier(output: tried.rectified)] {
      let (direct, before) = (Tensor(rows: 0, columns: 70), Tensor(rows: 0, columns: 70))
      direct.copy(from: tried.dOutput)
      before.copy(from: tried.dOutput)
      compute.gate(before, by: gate)
      #expect(before.values.contains(0) && before.values.contains { $0 != 0 })
      #expect(gradient(gate, of: direct) == gradient(.open, of: before))
    }
  }

  @Test("a batch of one row gives the shift, and finite statistics")
  func oneRow() {
    let tried = Case(rows: 1, columns: 4)
    tried.train(numbers, threads: 1)
    #expect(tried.output.values == tried.shift.values)
    #expect(tried.dInput.values.allSatisfy { $0 == 0 })
    #expect((tried.mean.values + tried.variance.values).allSatisfy { $0.isFinite })
  }

  @Test("shift-based normalization agrees with its formula, for many columns too")
  func shifts() {
    let (rows, columns) = (9, 130)
    let (tried, untouched) = (Case(rows: rows, columns: columns), Case(rows: rows, columns: columns))
    tried.train(BatchNormalizationNumbers(epsilon: 1e-3, momentum: 0.8, kind: .shift), threads: 1)
    func power(_ x: Double) -> Double { Double(Float(x).nearestPower) }
    for column in 0..<columns {
      let x = tried.column(tried.input, column)
      let average = mean(x)
      let centred = x.map { $0 - average }
      let powers = centred.map(power)
      let variance = mean(zip(centred, powers).map { $0 * $1 })
      let shift = power(1 / (variance + 1e-3).squareRoot())
      let (gamma, beta) = (power(Double(tried.scale[0, column])), Double(tried.shift[0, column]))
      for row in 0..<rows {
        #expect(abs(Double(tried.output[row, column]) - gamma * centred[row] * shift - beta) < 2e-5)
      }
      let expectedVariance = 0.8 * Double(untouched.variance[0, column]) + 0.2 * variance * 9 / 8
      #expect(abs(Double(tried.variance[0, column]) - expectedVariance) < 1e-5)
      let dy = tried.column(tried.dOutput, column)
      let dScale = zip(dy, powers).reduce(0.0) { $0 + $1.0 * $1.1 * shift }
      let dShift = dy.reduce(0, +)
      #expect(abs(Double(tried.dScale[0, column]) - dScale) < 2e-5)
      #expect(abs(Double(tried.dShift[0, column]) - dShift) < 1e-5)
      for row in 0..<rows {
        let dx = gamma * shift * (dy[row] - (dShift + powers[row] * shift * dScale) / 9)
        #expect(abs(Double(tried.dInput[row, column]) - dx) < 2e-5)
      }
    }
    #expect(tried.signs.signs.signs == tried.output.values.map { $0 < 0 ? -1 : 1 })
  }

  @Test(
    "threads share the columns and give the same bits",
    arguments: [(rows: 37, columns: 1_001), (rows: 700, columns: 65), (rows: 300, columns: 128)],
    [BatchNormalizationNumbers.Kind.standard, .shift])
  func threads(shape: (rows: Int, columns: Int), kind: BatchNormalizationNumbers.Kind) {
    let numbers = BatchNormalizationNumbers(epsilon: 1e-3, momentum: 0.8, kind: kind)
    let one = Case(rows: shape.rows, columns: shape.columns)
    one.train(numbers, threads: 1)
    for threads in [2, 3] {
      let shared = Case(rows: shape.rows, columns: shape.columns)
      shared.train(numbers, threads: threads)
      for (first, second) in [
        (one.output, shared.output), (one.mean, shared.mean), (one.variance, shared.variance),
        (one.dInput, shared.dInput), (one.dScale, shared.dScale), (one.dShift, shared.dShift),
      ] {
        #expect(first.values.map(\.bitPattern) == second.values.map(\.bitPattern))
      }
      #expect(one.signs.signs.signs == shared.signs.signs.signs)
    }
  }
}
