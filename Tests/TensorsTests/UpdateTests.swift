import Foundation
import Tensors
import Testing

@Suite("The fused update")
struct UpdateTests {
  /// A rule, with its parameters.
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var rule: UpdateRule
    var weightDecay: Float = 0
    var isBinary = false
    var precision: Precision? = .float32
    var updateScale: Float = 1
    var clipValue: Float = 1
    var testDescription: String { name }

    func parameter(rows: Int, columns: Int) -> Parameter {
      let parameter = Parameter(
        name: name, rows: rows, columns: columns, isBinary: isBinary, updateScale: updateScale,
        operandPrecision: precision)
      parameter.set(Tensor(rows: rows, columns: columns, seed: 1, from: -0.5, to: 0.5).values)
      return parameter
    }

    func rule(update: Int) -> UpdateRule {
      func decay(_ beta1: Float, _ beta2: Float) -> AdamDecay {
        var decay = AdamDecay()
        for _ in 0..<update { decay.advance(beta1: beta1, beta2: beta2) }
        return decay
      }
      switch rule {
      case .sgd, .bop: return rule
      case .adam(let beta1, let beta2, let epsilon, _):
        return .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay(beta1, beta2))
      case .adaMax(let beta1, let beta2, let epsilon, _):
        return .adaMax(beta1: beta1, beta2: beta2, epsilon: epsilon, decay: decay(beta1, beta2))
      case .shiftAdaMax(let beta1, let beta2, _):
        return .shiftAdaMax(beta1: beta1, beta2: beta2, decay: decay(beta1, beta2))
      }
    }
  }

  static let adam = UpdateRule.adam(beta1: 0.9, beta2: 0.99, epsilon: 1e-6, decay: AdamDecay())
  static let adaMax = UpdateRule.adaMax(beta1: 0.9, beta2: 0.8, epsilon: 1e-6, decay: AdamDecay())
  static let shiftAdaMax = UpdateRule.shiftAdaMax(beta1: 0.875, beta2: 0.8, decay: AdamDecay())
  static let forms = [
    Form(name: "SGD", rule: .sgd(momentum: 0)),
    Form(name: "SGD, weight decay", rule: .sgd(momentum: 0), weightDecay: 0.1, precision: .bfloat16),
    Form(name: "momentum, no operand", rule: .sgd(momentum: 0.9), precision: nil),
    Form(name: "SGD, binary, scaled", rule: .sgd(momentum: 0), isBinary: true, updateScale: 2),
    Form(
      name: "momentum, binary, decay", rule: .sgd(momentum: 0.5), weightDecay: 0.05, isBinary: true,
      precision: .bfloat16, clipValue: 0.4),
    Form(name: "Adam", rule: adam),
    Form(name: "Adam, weight decay", rule: adam, weightDecay: 0.1, precision: .bfloat16),
    Form(name: "Adam, binary, scaled", rule: adam, isBinary: true, updateScale: 1.5),
    Form(
      name: "Adam, binary, decay, narrow clip", rule: adam, weightDecay: 0.02, isBinary: true, precision: .bfloat16,
      updateScale: 3, clipValue: 0.3),
    Form(name: "AdaMax, weight decay", rule: adaMax, weightDecay: 0.1, precision: .bfloat16),
    Form(
      name: "AdaMax, binary, decay, narrow clip", rule: adaMax, weightDecay: 0.02, isBinary: true, updateScale: 3,
      clipValue: 0.3),
    Form(name: "shift-based AdaMax", rule: shiftAdaMax, precision: .bfloat16),
    Form(
      name: "shift-based AdaMax, binary, decay, scaled", rule: shiftAdaMax, weightDecay: 0.02, isBinary: true,
      updateScale: 1.5),
    Form(name: "Bop", rule: .bop(gamma: 0.3, threshold: 0.05), weightDecay: 0.1, isBinary: true),
  ]

  /// The same in double precision, element by element.
  private struct Reference {
    var weights: [Double]
    var first: [Double]
    var second: [Double]

    init(_ weights: [Float]) {
      self.weights = weights.map(Double.init)
      first = weights.map { _ in 0 }
      second = first
    }

    mutating func update(_ form: Form, _ gradient: [Float], rate: Double, update: Int) {
      let (decay, scale) = (Double(form.weightDecay), Double(form.updateScale))
      for index in weights.indices {
        let g = Double(gradient[index]) + decay * weights[index]
        switch form.rule {
        case .sgd(let momentum):
          first[index] = Double(momentum) * first[index] + g
          weights[index] -= rate * scale * scale * first[index]
        case .adam(let beta1, let beta2, let epsilon, _):
          let (beta1, beta2) = (Double(beta1), Double(beta2))
          first[index] = beta1 * first[index] + (1 - beta1) * g
          second[index] = beta2 * second[index] + (1 - beta2) * g * g
          let m = first[index] / (1 - pow(beta1, Double(update)))
          let v = second[index] / (1 - pow(beta2, Double(update)))
          weights[index] -= rate * scale * m / (v.squareRoot() + Double(epsilon))
        case .adaMax(let beta1, let beta2, let epsilon, _):
          let (beta1, beta2) = (Double(beta1), Double(beta2))
          first[index] = beta1 * first[index] + (1 - beta1) * g
          second[index] = max(beta2 * second[index], abs(g) + Double(epsilon))
          weights[index] -= rate * scale * first[index] / (1 - pow(beta1, Double(update))) / second[index]
        case .shiftAdaMax(let beta1, let beta2, _):
          let (beta1, beta2) = (Double(beta1), Double(beta2))
          first[index] = beta1 * first[index] + (1 - beta1) * g
          second[index] = max(beta2 * second[index], abs(g))
          func power(_ x: Double) -> Double { exp2(log2(x).rounded()) }
          let rate = power(rate / (1 - pow(beta1, Double(update)))) * scale
          weights[index] -= rate * first[index] / (power(second[index]) + 0x1p-27)
        case .bop(let gamma, let threshold):
          first[index] = (1 - Double(gamma)) * first[index] + Double(gamma) * Double(gradient[index])
          let isAlong = (first[index] < 0) == (weights[index] < 0)
          if abs(first[index]) > Double(threshold), isAlong { weights[index] = -weights[index] }
        }
        guard form.isBinary else { continue }
        weights[index] = max(-Double(form.clipValue), min(Double(form.clipValue), weights[index]))
      }
    }
  }

  private func operandMatches(_ parameter: Parameter) -> Bool {
    guard let values = parameter.operandValues else { return true }
    if parameter.isBinary { return values == parameter.value.values.map { $0 < 0 ? -1 : 1 } }
    guard case .real(.bfloat16(let operand)) = parameter.form else { return values == parameter.value.values }
    let rounded = HalfTensor(rows: 0, columns: parameter.value.columns)
    Compute(threads: 1).round(parameter.value, into: rounded)
    return operand.values == rounded.values
  }

  // 1, a block - 1, a block, a block + 1, many, and the number that is checked for flips at once + 1.
  @Test("agrees with the formulas, whatever the size", arguments: forms, [1, 63, 64, 65, 300, 2_049])
  func formulas(form: Form, count: Int) {
    let compute = Compute(threads: 2)
    let parameter = form.parameter(rows: 1, columns: count)
    var reference = Reference(parameter.value.values)
    var flips = [Int](repeating: 0, count: count)
    for update in 1...6 {
      let gradient = Tensor(rows: 1, columns: count, seed: UInt64(100 + update), from: -1, to: 1)
      parameter.gradient.copy(from: gradient)
      let before = parameter.value.values
      let outcome = compute.update(
        parameter, rule: form.rule(update: update), rate: 0.07, weightDecay: form.weightDecay,
        clipValue: form.clipValue)
      reference.update(form, gradient.values, rate: Double(Float(0.07)), update: update)
      #expect(greatestDifference(parameter.value.values, reference.weights.map { Float($0) }) < 3e-6)
      #expect(operandMatches(parameter))

      let norm = gradient.values.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(outcome.gradientSquareSum - norm) < 1e-5 * norm)

      let flipped = zip(before, parameter.value.values).map { ($0 < 0) != ($1 < 0) }
      for index in flips.indices where flipped[index] { flips[index] += 1 }
      let newest = form.isBinary ? flipped.count { $0 } : 0
      #expect(outcome.flips == newest)
      #expect(parameter.newestFlips == newest)
    }
    guard form.isBinary else {
      #expect(parameter.weightsByFlips.isEmpty)
      return
    }
    var histogram = [Int](repeating: 0, count: Parameter.flipBins)
    for count in flips { histogram[count] += 1 }
    #expect(parameter.weightsByFlips == histogram)
    #expect(parameter.totalFlips == flips.reduce(0, +))
    #expect(parameter.value.values.allSatisfy { abs($0) <= form.clipValue })
  }

  @Test("threads share a layer and give the same bits", arguments: forms)
  func threads(form: Form) {
    func trained(threads: Int) -> (Parameter, [Int]) {
      let compute = Compute(threads: threads)
      let parameter = form.parameter(rows: 53, columns: 1_001)
      let flips = (1...2).map { update in
        parameter.gradient.copy(from: Tensor(rows: 53, columns: 1_001, seed: UInt64(100 + update)))
        return compute.update(
          parameter, rule: form.rule(update: update), rate: 0.2, weightDecay: form.weightDecay,
          clipValue: form.clipValue
        ).flips
      }
      return (parameter, flips)
    }
    let (one, flips) = trained(threads: 1)
    for threads in [2, 3] {
      let (shared, sharedFlips) = trained(threads: threads)
      #expect(shared.value.values.map(\.bitPattern) == one.value.values.map(\.bitPattern))
      #expect(shared.operandValues == one.operandValues)
      #expect(shared.weightsByFlips == one.weightsByFlips)
      #expect(sharedFlips == flips)
    }
    #expect(form.isBinary == (flips[0] > 0))
  }

  // Every gradient moves the weight to the other sign, so each update flips every weight.
  @Test("the last bin of the flip histogram counts all higher numbers")
  func manyFlips() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "w", rows: 1, columns: 70, isBinary: true, operandPrecision: .float32)
    parameter.value.fill(1)
    for update in 1...70 {
      parameter.gradient.fill(update.isMultiple(of: 2) ? -2 : 2)
      let outcome = compute.update(
        parameter, rule: .sgd(momentum: 0), rate: 1, weightDecay: 0, clipValue: 1)
      #expect(outcome.flips == 70)
      #expect(parameter.weightsByFlips[min(update, Parameter.flipBins - 1)] == 70)
      #expect(parameter.weightsByFlips.reduce(0, +) == 70)
    }
    #expect(parameter.totalFlips == 4_900)
  }

  @Test("the flip ratios of (-, -) → (+, +) → (-, +) are 1 and 0.5, with mean 0.75")
  func flipRatio() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "w", rows: 1, columns: 2, isBinary: true, operandPrecision: .float32)
    parameter.set([-0.5, -0.5])
    var ratios: [Double] = []
    for target: [Float] in [[0.5, 0.5], [-0.5, 0.5]] {
      parameter.gradient.copy(
        from: Tensor(rows: 1, columns: 2, values: zip(parameter.value.values, target).map { $0 - $1 }))
      let outcome = compute.update(
        parameter, rule: .sgd(momentum: 0), rate: 1, weightDecay: 0, clipValue: 1)
      ratios.append(Double(outcome.flips) / 2)
    }
    #expect(ratios == [1, 0.5])
    #expect(ratios.reduce(0, +) / 2 == 0.75)
  }

  @Test("zero counts as positive: a weight flips when it leaves zero downwards, or reaches it from below")
  func zero() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "w", rows: 1, columns: 3, isBinary: true, operandPrecision: .float32)
    parameter.set([0, -0.25, 0.25])
    parameter.gradient.copy(from: Tensor(rows: 1, columns: 3, values: [0.25, -0.25, 0.25]))
    let outcome = compute.update(parameter, rule: .sgd(momentum: 0), rate: 1, weightDecay: 0, clipValue: 1)
    #expect(parameter.value.values == [-0.25, 0, 0])
    #expect(parameter.operandValues == [-1, 1, 1])
    #expect(outcome.flips == 2)
  }

  @Test("nothing flips while products use the latent weights", arguments: [false, true])
  func floatStage(isScaled: Bool) {
    let compute = Compute(threads: 2)
    let parameter = Parameter(
      name: "w", rows: 3, columns: 70, isBinary: true, operandPrecision: .bfloat16,
      scaling: isScaled ? WeightScaling(channels: 70, gradient: .exact) : nil)
    parameter.set(Tensor(rows: 3, columns: 70, seed: 1, from: -0.5, to: 0.5).values)
    func update(_ seed: UInt64) -> (flips: Int, changed: Int) {
      parameter.gradient.copy(from: Tensor(rows: 3, columns: 70, seed: seed))
      let before = parameter.value.values
      let outcome = compute.update(parameter, rule: .sgd(momentum: 0), rate: 0.5, weightDecay: 0, clipValue: 1)
      return (outcome.flips, zip(before, parameter.value.values).count { ($0 < 0) != ($1 < 0) })
    }
    compute.prepareOperand(of: parameter, .values)
    let float = update(2)
    #expect(float.flips == 0 && float.changed > 0)
    #expect(parameter.operandValues == parameter.value.values)
    #expect(parameter.totalFlips == 0 && parameter.weightsByFlips[0] == 210)
    compute.prepareOperand(of: parameter, .signs)
    let binary = update(3)
    #expect(binary.flips == binary.changed && binary.changed > 0)
    #expect(parameter.totalFlips == binary.flips)
  }

  @Test("a momentum set to zero forgets the velocity")
  func forgottenVelocity() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "w", rows: 1, columns: 1)
    func update(_ gradient: Float, momentum: Float) {
      parameter.gradient.fill(gradient)
      _ = compute.update(
        parameter, rule: .sgd(momentum: momentum), rate: 1, weightDecay: 0, clipValue: 1)
    }
    update(1, momentum: 0.5)
    update(0, momentum: 0)
    update(0, momentum: 0.5)
    #expect(parameter.value.values == [-1])
  }

  @Test("NaN in a gradient reaches the weight and the norm")
  func notANumber() {
    let compute = Compute(threads: 1)
    for form in Self.forms {
      let parameter = form.parameter(rows: 1, columns: 100)
      parameter.gradient[0, 70] = .nan
      let outcome = compute.update(
        parameter, rule: form.rule(update: 1), rate: 0.1, weightDecay: 0, clipValue: 1)
      #expect(outcome.gradientSquareSum.isNaN)
      // The magnitude of Bop's weights is constant; weight decay acts on its moving mean.
      if case .bop = form.rule { continue }
      #expect(parameter.value[0, 70].isNaN)
    }
  }

  @Test("operands are written in every requested form", arguments: Precision.allCases)
  func operands(precision: Precision) {
    let compute = Compute(threads: 2)
    // Exact in bfloat16.
    let values: [Float] = [-1, -0.25, -0.0, 0, 0.5, 1]
    func operand(isBinary: Bool, _ form: Compute.OperandForm) -> [Float]? {
      let parameter = Parameter(
        name: "w", rows: 2, columns: 3, isBinary: isBinary, operandPrecision: precision)
      parameter.value.copy(from: Tensor(rows: 2, columns: 3, values: values))
      compute.prepareOperand(of: parameter, form)
      return parameter.operandValues
    }
    #expect(operand(isBinary: true, .signs) == [-1, -1, 1, 1, 1, 1])
    #expect(operand(isBinary: true, .values) == values)
    for form in [
      Compute.OperandForm.signs, .values,
      .stochasticSigns(clipValue: 1, random: RandomStream(seed: 0, stream: 0, step: 0)),
    ] {
      #expect(operand(isBinary: false, form) == values)
    }
  }
}
