import Foundation
import Tensors
import Testing

@Suite("Losses")
struct LossTests {
  private let compute = Compute(threads: 1)
  private let labels: [UInt8] = [2, 0, 1, 2]

  // Central differences of `loss` in every logit.
  private func differences(_ logits: Tensor, _ loss: (Tensor) -> Double) -> [Float] {
    let step: Float = 1 / 128
    return (0..<logits.rows).flatMap { row in
      (0..<logits.columns).map { column in
        let value = logits[row, column]
        logits[row, column] = value + step
        let above = loss(logits)
        logits[row, column] = value - step
        let below = loss(logits)
        logits[row, column] = value
        return Float((above - below) / Double(2 * step))
      }
    }
  }

  @Test("cross-entropy is the mean of -log softmax; its gradient agrees with differences")
  func crossEntropy() {
    let logits = Tensor(rows: 4, columns: 3, seed: 8, from: -2, to: 2)
    let gradient = Tensor(rows: 0, columns: 3)
    let loss = compute.crossEntropy(logits, labels: labels, gradient: gradient)
    let expected = labels.enumerated().map { row, label in
      let exponentials = (0..<3).map { exp(Double(logits[row, $0])) }
      return -log(exponentials[Int(label)] / exponentials.reduce(0, +))
    }
    #expect(abs(loss - expected.reduce(0, +) / 4) < 1e-6)
    let numeric = differences(logits) { compute.crossEntropy($0, labels: labels, gradient: nil) }
    #expect(greatestDifference(gradient.values, numeric) < 5e-5)
  }

  @Test("smoothed targets have a share of every class", arguments: [0.1, 1] as [Float])
  func smoothing(smoothing: Float) {
    let logits = Tensor(rows: 4, columns: 3, seed: 8, from: -2, to: 2)
    let gradient = Tensor(rows: 0, columns: 3)
    let loss = compute.crossEntropy(logits, labels: labels, smoothing: smoothing, gradient: gradient)
    let expected = labels.enumerated().map { row, label in
      let exponentials = (0..<3).map { exp(Double(logits[row, $0])) }
      let surprises = exponentials.map { -log($0 / exponentials.reduce(0, +)) }
      let (share, mean) = (Double(smoothing), surprises.reduce(0, +) / 3)
      return (1 - share) * surprises[Int(label)] + share * mean
    }
    #expect(abs(loss - expected.reduce(0, +) / 4) < 1e-6)
    let numeric = differences(logits) {
      compute.crossEntropy($0, labels: labels, smoothing: smoothing, gradient: nil)
    }
    #expect(greatestDifference(gradient.values, numeric) < 5e-5)
  }

  @Test("cross-entropy of large logits neither overflows nor loses the gradient")
  func largeLogits() {
    let gradient = Tensor(rows: 0, columns: 3)
    let logits = Tensor(rows: 1, columns: 3, values: [1_000, -1_000, 999])
    let loss = compute.crossEntropy(logits, labels: [1], gradient: gradient)
    #expect(abs(loss - 2_000.3132617) < 1e-3)
    #expect(greatestDifference(gradient.values, [0.7310586, -1, 0.2689414]) < 1e-6)
    let smoothed = compute.crossEntropy(logits, labels: [1], smoothing: 0.3, gradient: gradient)
    #expect(abs(smoothed - (0.3132617 + 0.7 * 2_000 + 0.1 * 2_001)) < 1e-3)
    #expect(greatestDifference(gradient.values, [0.6310586, -0.8, 0.1689414]) < 1e-6)
  }

  @Test("distillation combines labels and a teacher", arguments: [(0.3, 1), (0.7, 4), (1, 0.5)] as [(Float, Float)])
  func distillation(weight: Float, temperature: Float) {
    let logits = Tensor(rows: 4, columns: 3, seed: 8, from: -2, to: 2)
    let teacher = Tensor(rows: 4, columns: 3, seed: 9, from: -3, to: 3)
    let gradient = Tensor(rows: 0, columns: 3)
    func loss(_ logits: Tensor) -> Double {
      compute.distill(
        compute.crossEntropy(logits, labels: labels, gradient: gradient), logits: logits, teacher: teacher,
        weight: weight, temperature: temperature, gradient: gradient)
    }
    func softmax(_ tensor: Tensor, _ row: Int) -> [Double] {
      let terms = (0..<3).map { exp(Double(tensor[row, $0]) / Double(temperature)) }
      return terms.map { $0 / terms.reduce(0, +) }
    }
    let divergence = (0..<4).reduce(0.0) { sum, row in
      sum + zip(softmax(teacher, row), softmax(logits, row)).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    }
    let (w, t) = (Double(weight), Double(temperature))
    let plain = compute.crossEntropy(logits, labels: labels, gradient: nil)
    #expect(abs(loss(logits) - ((1 - w) * plain + w * t * t * divergence / 4)) < 1e-5)
    let found = gradient.values
    #expect(greatestDifference(found, differences(logits, loss)) < 2e-4)
    // If the student's outputs equal the teacher's, the gradient is 0.
    #expect(
      abs(
        compute.distill(
          0, logits: teacher, teacher: teacher, weight: weight, temperature: temperature, gradient: gradient)) < 1e-6)
  }

  @Test("squared hinge; its gradient agrees with differences")
  func squaredHinge() {
    let logits = Tensor(rows: 4, columns: 3, seed: 12, from: -2, to: 2)
    let gradient = Tensor(rows: 0, columns: 3)
    let loss = compute.squaredHinge(logits, labels: labels, gradient: gradient)
    let expected = (0..<4).flatMap { row in
      (0..<3).map { column in
        pow(max(0, 1 - (column == Int(labels[row]) ? 1 : -1) * Double(logits[row, column])), 2)
      }
    }
    #expect(abs(loss - expected.reduce(0, +) / 12) < 1e-6)
    let numeric = differences(logits) { compute.squaredHinge($0, labels: labels, gradient: nil) }
    #expect(greatestDifference(gradient.values, numeric) < 5e-5)
  }

  @Test("NaN in the logits is NaN in the loss")
  func notANumber() {
    let logits = Tensor(rows: 1, columns: 3, values: [0, .nan, 1])
    #expect(compute.crossEntropy(logits, labels: [0], gradient: nil).isNaN)
    #expect(compute.crossEntropy(logits, labels: [0], smoothing: 0.1, gradient: nil).isNaN)
    #expect(compute.squaredHinge(logits, labels: [0], gradient: nil).isNaN)
  }

  @Test("the prediction is the largest logit, and the first of equal ones")
  func countCorrect() {
    let logits = Tensor(rows: 4, columns: 3, values: [0, 1, 2, 5, 4, 3, 1, 1, 0, 0, 0, 1])
    #expect(compute.countCorrect(logits, labels: [2, 0, 0, 1]) == 3)
    #expect(compute.countCorrect(logits, labels: [0, 1, 1, 0]) == 0)
  }
}
