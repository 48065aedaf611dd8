private import CBinaryKernels

extension Compute {
  /// Updates a parameter in one pass over its memory: moments, weights, clipping, signs, flips, and the copy for
  /// products.
  ///
  /// Flips are counted against the parameter's stored signs, which must match its value: `prepareOperand` computes them
  /// after the value is set, and each update keeps them current. While products use unquantized latent weights, signs
  /// are neither stored nor counted.
  /// - Parameters:
  ///   - rate: the learning rate, which is multiplied by the parameter's update scale (squared for SGD).
  ///   - clipValue: latent weights are clipped to `[-clipValue, clipValue]`; other parameters are not clipped.
  ///   - rounding: the random numbers for rounding moments to bfloat16, of which each update needs others; nil for
  ///     moments in float32. Moments stay in the precision of the first update.
  package func update(
    _ parameter: Parameter, rule: UpdateRule, rate: Float, weightDecay: Float, clipValue: Float,
    rounding: RandomStream? = nil
  ) -> UpdateOutcome {
    let scale = parameter.updateScale
    var numbers = signflip_update_numbers()
    if let rounding { numbers.rounding = rounding.kernelArgument }
    func reserveMoment(_ moment: inout Moment?) {
      guard moment == nil else { return }
      moment = Moment(
        rows: parameter.value.rows, columns: parameter.value.columns, rounding == nil ? .float32 : .bfloat16)
    }
    numbers.weight_decay = weightDecay
    numbers.clip = parameter.isClipped ? clipValue : 0
    switch rule {
    case .sgd(let momentum):
      numbers.rule = signflip_sgd
      numbers.rate = rate * scale * scale
      numbers.momentum = momentum
      // Setting the momentum to 0 during training clears the velocity, so that it does not return with a later
      // momentum.
      if momentum == 0 { parameter.firstMoment = nil } else { reserveMoment(&parameter.firstMoment) }
    case .adam(let beta1, let beta2, let epsilon, let decay):
      numbers.rule = signflip_adam
      numbers.rate = rate * scale / Float(1 - decay.first)
      (numbers.beta1, numbers.beta2, numbers.epsilon) = (beta1, beta2, epsilon)
      numbers.second_correction = Float((1 - decay.second).squareRoot())
      reserveMoment(&parameter.firstMoment)
      reserveMoment(&parameter.secondMoment)
    case .adaMax(let beta1, let beta2, let epsilon, let decay):
      numbers.rule = signflip_adamax
      numbers.rate = rate * scale / Float(1 - decay.first)
      (numbers.beta1, numbers.beta2, numbers.epsilon) = (beta1, beta2, epsilon)
      reserveMoment(&parameter.firstMoment)
      reserveMoment(&parameter.secondMoment)
    case .shiftAdaMax(let beta1, let beta2, let decay):
      numbers.rule = signflip_shift_adamax
      numbers.rate = (rate / Float(1 - decay.first)).nearestPower * scale
      (numbers.beta1, numbers.beta2, numbers.epsilon) = (beta1, beta2, 0x1p-27)
      reserveMoment(&parameter.firstMoment)
      reserveMoment(&parameter.secondMoment)
    case .bop(let gamma, let threshold):
      numbers.rule = signflip_bop
      (numbers.momentum, numbers.threshold) = (gamma, threshold)
      (numbers.weight_decay, numbers.clip) = (0, 0)
      reserveMoment(&parameter.firstMoment)
    }
    var outcome = runUpdate(parameter, numbers)
    if parameter.readsQuantized {
      outcome.flips = quantize(parameter, countsFlips: true)
    } else if parameter.quantized != nil {
      // While products use unquantized latent weights, nothing flips.
      parameter.newestFlips = 0
    }
    return outcome
  }

  private func runUpdate(_ parameter: Parameter, _ numbers: signflip_update_numbers) -> UpdateOutcome {
    var buffers = signflip_update_buffers()
    buffers.weights = parameter.value.base
    buffers.gradient = UnsafePointer(parameter.gradient.base)
    (buffers.first_moment, buffers.first_half) = (parameter.firstMoment?.floats, parameter.firstMoment?.halves)
    (buffers.second_moment, buffers.second_half) = (parameter.secondMoment?.floats, parameter.secondMoment?.halves)
    let signs = parameter.readsLatentWeights ? nil : parameter.signs
    buffers.signs = signs?.bits.base
    buffers.flip_counts = parameter.isBinary ? parameter.flipCounts?.base : nil
    buffers.bfloat16 = parameter.roundedValue?.base
    buffers.scales = parameter.scaling == nil ? nil : parameter.scales?.base
    buffers.channels = parameter.scaling?.channels ?? 0
    let bins = Parameter.flipBins
    let histogram = UncheckedPointer(flipHistograms.base)
    flipHistograms.base.update(repeating: 0, count: flipHistograms.capacity)
    let sums = UncheckedPointer(updateSums.base)
    updateSums.base.update(repeating: (0, 0), count: threads)
    nonisolated(unsafe) let shared = buffers
    let constants = numbers
    let kernels = kernels
    let columns = parameter.value.columns
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { part, range in
      withUnsafePointer(to: shared) { buffers in
        withUnsafePointer(to: constants) { numbers in
          let result = signflip_update(
            kernels.table, buffers, numbers, columns, range.lowerBound, range.upperBound, histogram.base + part * bins)
          sums.base[part] = (Int(result.flips), result.gradient_square_sum)
        }
      }
    }
    var outcome = UpdateOutcome()
    for part in 0..<threads {
      outcome.flips += updateSums.base[part].flips
      outcome.gradientSquareSum += updateSums.base[part].gradientSquares
    }
    if parameter.readsLatentWeights {
      parameter.newestFlips = 0
    } else if let signs {
      signs.didChange()
      noteFlips(outcome.flips, of: parameter)
    }
    return outcome
  }

  /// Records the flips of an update, using the histograms of all threads.
  func noteFlips(_ flips: Int, of parameter: Parameter) {
    let bins = Parameter.flipBins
    parameter.newestFlips = flips
    parameter.totalFlips += flips
    guard flips > 0 else { return }
    for part in 0..<threads {
      let histogram = flipHistograms.base + part * bins
      for bin in 0..<bins { parameter.weightsByFlips[bin] += Int(histogram[bin]) }
    }
  }

  /// Replaces latent weights by their signs, ±1, for optimizers that learn signs only.
  package func forgetSizes(of parameter: Parameter) {
    guard parameter.isBinary else { return }
    let weights = UncheckedPointer(parameter.value.base)
    team.forEachPart(of: parameter.count) { _, range in
      for index in range { weights.base[index] = weights.base[index] < 0 ? -1 : 1 }
    }
  }

  /// How the weights for products are made from a parameter's value.
  package enum OperandForm: Hashable, Sendable {
    /// Deterministic: -1 where w < 0, else +1, or as the quantizer defines.
    case signs
    /// The latent weights themselves.
    case values
    /// +1 with probability clamp((w/clipValue + 1)/2, 0, 1), else -1.
    /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, eq. 2.
    case stochasticSigns(clipValue: Float, random: RandomStream)
  }

  /// Prepares a parameter's operand for products. Without latent weights it is always the value.
  package func prepareOperand(of parameter: Parameter, _ form: OperandForm) {
    guard let signs = parameter.signs, let drawn = parameter.drawnSigns else {
      if parameter.quantized != nil {
        guard form != .values else { return parameter.readValue() }
        quantize(parameter, countsFlips: false)
        return parameter.readQuantized()
      }
      if let rounded = parameter.roundedValue { round(parameter.value, into: rounded) }
      return
    }
    switch form {
    case .signs:
      packSigns(parameter.value, into: signs)
      findScales(of: parameter)
      parameter.form = .binary(signs)
    case .values:
      parameter.readValue()
    case .stochasticSigns(let clipValue, let random):
      let (weights, bits) = (UncheckedPointer(parameter.value.base), UncheckedPointer(drawn.bits.base))
      let columns = parameter.value.columns
      team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
        signflip_stochastic_signs(
          weights.base, clipValue, bits.base, random.kernelArgument, columns, range.lowerBound, range.upperBound)
      }
      drawn.didChange()
      parameter.form = .binary(drawn)
    }
  }

  /// Counts every `stride`-th element of `tensor` in `bins` equal bins over `[-bound, bound]`; elements outside are
  /// counted in the first or last bin.
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

  /// Counts Bop's margins b·m/τ of every `stride`-th weight in `bins` equal bins over `[-bound, bound]`; those outside are
  /// counted in the first or last bin.
  package func marginHistogram(
    of parameter: Parameter, threshold: Float, bound: Float, bins: Int, stride: Int = 1
  ) -> [Int] {
    precondition(bins > 0 && stride > 0 && bound > 0, "expected positive bins, stride and bound")
    var counts = [Int](repeating: 0, count: bins)
    let scale = Float(bins) / (2 * bound)
    for index in Swift.stride(from: 0, to: parameter.count, by: stride) {
      let moment = parameter.firstMoment?[index] ?? 0
      let margin = (parameter.value.base[index] < 0 ? -moment : moment) / threshold
      let place = (margin + bound) * scale
      counts[place.isNaN ? 0 : Int(max(0, min(Float(bins - 1), place)))] += 1
    }
    return counts
  }
}
