private import CBinaryKernels

extension Compute {
  /// Updates a parameter in one pass over its memory: moments, weights, clip, sign, flips, and the copy for products.
  /// - Parameters:
  ///   - rate: the learning rate, to be multiplied by the parameter's update scale (squared for SGD).
  ///   - clipValue: latent weights are kept in `[-clipValue, clipValue]`; other parameters are not clipped.
  ///   - writesSigns: whether the binary weights are written; false where the next pass draws them.
  package func update(
    _ parameter: Parameter, rule: UpdateRule, rate: Float, weightDecay: Float, clipValue: Float,
    writesSigns: Bool = true
  ) -> UpdateOutcome {
    let scale = parameter.updateScale
    var numbers = signflip_update_numbers()
    numbers.weight_decay = weightDecay
    numbers.clip = parameter.isBinary ? clipValue : 0
    numbers.binary = parameter.isBinary ? 1 : 0
    switch rule {
    case .sgd(let momentum):
      numbers.rule = signflip_sgd
      numbers.rate = rate * scale * scale
      numbers.momentum = momentum
      // A momentum of 0 set in mid-run forgets the velocity: it must not come back when momentum does.
      if momentum == 0 { parameter.firstMoment = nil } else { reserveMoment(&parameter.firstMoment, parameter) }
    case .adam(let beta1, let beta2, let epsilon, let decay):
      numbers.rule = signflip_adam
      numbers.rate = rate * scale / Float(1 - decay.first)
      (numbers.beta1, numbers.beta2, numbers.epsilon) = (beta1, beta2, epsilon)
      numbers.second_correction = Float((1 - decay.second).squareRoot())
      reserveMoment(&parameter.firstMoment, parameter)
      reserveMoment(&parameter.secondMoment, parameter)
    }
    return runUpdate(parameter, numbers, writesOperand: writesSigns || !parameter.isBinary)
  }

  private func reserveMoment(_ moment: inout Tensor?, _ parameter: Parameter) {
    if moment == nil { moment = Tensor(rows: parameter.value.rows, columns: parameter.value.columns) }
  }

  private func runUpdate(
    _ parameter: Parameter, _ numbers: signflip_update_numbers, writesOperand: Bool
  ) -> UpdateOutcome {
    var buffers = signflip_update_buffers()
    buffers.weights = parameter.value.base
    buffers.gradient = UnsafePointer(parameter.gradient.base)
    buffers.first_moment = parameter.firstMoment?.base
    buffers.second_moment = parameter.secondMoment?.base
    buffers.flip_counts = parameter.flipCounts?.base
    if writesOperand { (buffers.product_float32, buffers.product_bfloat16) = parameter.operandPointers }
    let bins = Parameter.flipBins
    let histograms = AlignedBuffer<Int64>(capacity: bins * threads)
    let results = AlignedBuffer<signflip_update_result>(capacity: threads)
    let (histogram, result) = (UncheckedPointer(histograms.base), UncheckedPointer(results.base))
    nonisolated(unsafe) let shared = buffers
    let constants = numbers
    team.forEachPart(of: parameter.count) { part, range in
      withUnsafePointer(to: shared) { buffers in
        withUnsafePointer(to: constants) { numbers in
          result.base[part] = signflip_update(
            buffers, numbers, range.lowerBound, range.upperBound, histogram.base + part * bins)
        }
      }
    }
    var outcome = UpdateOutcome()
    for part in 0..<threads {
      outcome.flips += Int(results.base[part].flips)
      outcome.gradientSquareSum += results.base[part].gradient_square_sum
    }
    if parameter.isBinary {
      parameter.newestFlips = outcome.flips
      parameter.totalFlips += outcome.flips
      for place in 0..<(bins * threads) { parameter.weightsByFlips[place % bins] += Int(histograms.base[place]) }
    }
    return outcome
  }

  /// How the weights that products read are made from a parameter's value.
  package enum OperandForm: Hashable, Sendable {
    /// -1 where w < 0, else +1: the deterministic binary network.
    case signs
    /// The value itself: the latent weights in place of their signs.
    case values
    /// +1 with probability clamp((w/clipValue + 1)/2, 0, 1), else -1.
    /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, eq. 2.
    case stochasticSigns(clipValue: Float, random: RandomStream)
  }

  /// Writes what products read of a parameter. Of a parameter without latent weights it is always the value.
  package func prepareOperand(of parameter: Parameter, _ form: OperandForm) {
    let (float32, bfloat16) = parameter.operandPointers
    guard float32 != nil || bfloat16 != nil else { return }
    nonisolated(unsafe) let (single, half) = (float32, bfloat16)
    let weights = UncheckedPointer(parameter.value.base)
    team.forEachPart(of: parameter.count) { _, range in
      switch form {
      case .stochasticSigns(let clipValue, let random) where parameter.isBinary:
        signflip_stochastic_signs(
          weights.base, clipValue, single, half, random.kernelArgument, range.lowerBound, range.upperBound)
      case .signs where parameter.isBinary:
        signflip_product_weights(weights.base, single, half, 1, range.lowerBound, range.upperBound)
      case .signs, .values, .stochasticSigns:
        signflip_product_weights(weights.base, single, half, 0, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Counts every `stride`-th element of `tensor` in `bins` equal bins of `[-bound, bound]`; what lies outside counts in
  /// the first and the last one.
  package func histogram(of tensor: Tensor, bound: Float, bins: Int, stride: Int = 1) -> [Int] {
    precondition(bins > 0 && stride > 0 && bound > 0, "expected positive bins, stride and bound")
    var counts = [Int](repeating: 0, count: bins)
    let scale = Float(bins) / (2 * bound)
    var index = 0
    while index < tensor.count {
      let place = (tensor.base[index] + bound) * scale
      counts[place.isNaN ? 0 : Int(max(0, min(Float(bins - 1), place)))] += 1
      index += stride
    }
    return counts
  }
}
