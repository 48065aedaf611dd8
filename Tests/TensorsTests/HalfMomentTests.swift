import Tensors
import Testing

@Suite("Moments in bfloat16")
struct HalfMomentTests {
  /// The stochastic rounding as its definition in CBinaryKernels.h says.
  struct Rounding {
    let (k, l): (UInt32, UInt32)

    init(_ random: RandomStream) {
      var philox = Philox(seed: random.seed, stream: UInt64(random.step) << 32 | UInt64(random.stream))
      let word = philox.next()
      (k, l) = (UInt32(truncatingIfNeeded: word), UInt32(truncatingIfNeeded: word >> 32))
    }

    func draws(_ place: Int) -> (first: UInt32, second: UInt32) {
      var x = UInt32(truncatingIfNeeded: place) &* 0x9E37_79B1 &+ k
      x = (x ^ x >> 15 ^ l) &* 0x846C_A68B
      x ^= x >> 16
      return (x & 0xFFFF, x >> 16)
    }

    static func stored(_ value: Float, _ draw: UInt32) -> Float {
      Float(bitPattern: (value.bitPattern &+ draw) & 0xFFFF_0000)
    }
  }

  static func random(_ update: Int) -> RandomStream { RandomStream(seed: 7, stream: 9, step: UInt32(update)) }

  static func trained(
    threads: Int, rows: Int, columns: Int, _ rule: (Int) -> UpdateRule, updates: Int = 5, seed: UInt64 = 7
  ) -> Parameter {
    let compute = Compute(threads: threads)
    let parameter = Parameter(name: "weights", rows: rows, columns: columns, isBinary: true, operandPrecision: .float32)
    parameter.set(Tensor(rows: rows, columns: columns, seed: 1, from: -0.5, to: 0.5).values)
    for update in 1...updates {
      parameter.gradient.copy(from: Tensor(rows: rows, columns: columns, seed: UInt64(100 + update), from: -1, to: 1))
      var random = random(update)
      random.seed = seed
      _ = compute.update(
        parameter, rule: rule(update), rate: 0.07, weightDecay: 0, clipValue: 1, rounding: random)
    }
    return parameter
  }

  static func adam(_ update: Int) -> UpdateRule {
    var decay = AdamDecay()
    for _ in 0..<update { decay.advance(beta1: 0.9, beta2: 0.999) }
    return .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: decay)
  }

  @Test("Adam agrees bit for bit with the formula, whatever the size", arguments: [1, 63, 64, 300, 2_049])
  func formula(count: Int) {
    let parameter = Self.trained(threads: 1, rows: 1, columns: count, Self.adam)
    var w = Tensor(rows: 1, columns: count, seed: 1, from: -0.5, to: 0.5).values
    var (m, v) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
    for update in 1...5 {
      let gradient = Tensor(rows: 1, columns: count, seed: UInt64(100 + update), from: -1, to: 1).values
      let rounding = Rounding(Self.random(update))
      guard case .adam(let beta1, let beta2, let epsilon, let decay) = Self.adam(update) else { return }
      let rate = Float(0.07) / Float(1 - decay.first)
      let inverse = 1 / Float((1 - decay.second).squareRoot())
      for place in 0..<count {
        let g = gradient[place]
        let first = beta1 * m[place] + (1 - beta1) * g
        let second = beta2 * v[place] + (1 - beta2) * g * g
        w[place] = max(-1, min(1, w[place] - rate * (first / (second.squareRoot() * inverse + epsilon))))
        let draws = rounding.draws(place)
        (m[place], v[place]) = (Rounding.stored(first, draws.first), Rounding.stored(second, draws.second))
      }
    }
    #expect(parameter.value.values == w)
    #expect(parameter.firstMoment?.values == m)
    #expect(parameter.secondMoment?.values == v)
  }

  @Test("threads share a layer and give the same bits, another seed others")
  func threads() {
    let rules: [(Int) -> UpdateRule] = [
      Self.adam, { _ in .sgd(momentum: 0.9) }, { _ in .bop(gamma: 0.1, threshold: 1e-3) },
    ]
    for rule in rules {
      let one = Self.trained(threads: 1, rows: 53, columns: 1_001, rule)
      for threads in [2, 3] {
        let shared = Self.trained(threads: threads, rows: 53, columns: 1_001, rule)
        #expect(shared.value.values == one.value.values)
        #expect(shared.firstMoment?.values == one.firstMoment?.values)
        #expect(shared.secondMoment?.values == one.secondMoment?.values)
      }
      let other = Self.trained(threads: 1, rows: 53, columns: 1_001, rule, seed: 8)
      #expect(other.firstMoment?.values != one.firstMoment?.values)
    }
  }

  @Test("the mean over many roundings is the value")
  func unbiased() {
    // One update of a velocity from zero stores the rounded gradient.
    let compute = Compute(threads: 1)
    let values: [Float] = [1.001, -1.0039, 0.3, 1e-20, -123.4567, 0.99999]
    let columns = 100_000
    for value in values {
      let parameter = Parameter(name: "weights", rows: 1, columns: columns)
      parameter.gradient.fill(value)
      _ = compute.update(
        parameter, rule: .sgd(momentum: 0.9), rate: 0, weightDecay: 0, clipValue: 1, rounding: Self.random(1))
      let stored = parameter.firstMoment?.values ?? []
      let neighbours = Set(stored).sorted()
      #expect(neighbours.count <= 2)
      guard let (low, high) = neighbours.first.flatMap({ low in neighbours.last.map { (low, $0) } }) else { return }
      // The standard error of the mean of two neighbours is at most their half distance over √n.
      let mean = stored.reduce(0.0) { $0 + Double($1) } / Double(columns)
      #expect(abs(mean - Double(value)) <= 4 * Double(high - low) / 2 / Double(columns).squareRoot())
      // Neighbouring places and places of the next update draw independently.
      let isHigh = stored.map { $0 == high ? 1.0 : 0.0 }
      let share = isHigh.reduce(0, +) / Double(columns)
      let both = zip(isHigh, isHigh.dropFirst()).reduce(0.0) { $0 + $1.0 * $1.1 } / Double(columns)
      #expect(abs(both - share * share) < 0.01)
    }
  }

  @Test("infinities and NaN stay")
  func notFinite() {
    let compute = Compute(threads: 1)
    let parameter = Parameter(name: "weights", rows: 1, columns: 300)
    parameter.gradient.copy(
      from: Tensor(rows: 1, columns: 300, values: (0..<300).map { [.infinity, -.infinity, .nan][$0 % 3] }))
    _ = compute.update(
      parameter, rule: .sgd(momentum: 0.9), rate: 0, weightDecay: 0, clipValue: 1, rounding: Self.random(1))
    let stored = parameter.firstMoment?.values ?? []
    #expect(stored.enumerated().allSatisfy { $0 % 3 == 2 ? $1.isNaN : $1 == ($0 % 3 == 0 ? .infinity : -.infinity) })
  }

  @Test("a checkpoint keeps the type and the bits of moments")
  func file() throws {
    for rounding in [nil, Self.random(1)] {
      let compute = Compute(threads: 1)
      let parameter = Parameter(name: "weights", rows: 3, columns: 50)
      parameter.gradient.copy(from: Tensor(rows: 3, columns: 50, seed: 4, from: -1, to: 1))
      _ = compute.update(
        parameter, rule: Self.adam(1), rate: 0.1, weightDecay: 0, clipValue: 1, rounding: rounding)
      let image = try SafetensorsImage(parameter.stateTensors.map { ($0.name, $0.source) }, metadata: [:])
      #expect(image.type(of: "weights.secondMoment") == (rounding == nil ? .float32 : .bfloat16))
      let restored = Parameter(name: "weights", rows: 3, columns: 50)
      try restored.restoreState(image)
      #expect(restored.value.values == parameter.value.values)
      #expect(restored.firstMoment?.values == parameter.firstMoment?.values)
      #expect(restored.secondMoment?.values == parameter.secondMoment?.values)
      let narrow = Parameter(name: "weights", rows: 3, columns: 49)
      #expect(throws: SafetensorsError.self) { try narrow.restoreState(image) }
    }
  }
}
