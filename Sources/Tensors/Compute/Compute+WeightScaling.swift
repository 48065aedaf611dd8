private import CBinaryKernels

extension Compute {
  /// Centers newly initialized weights and clips them, as an update does, if their scaling requires it.
  package func centerWeights(of parameter: Parameter, clipValue: Float) {
    guard let channels = parameter.scaling?.channels else { return }
    let weights = UncheckedPointer(parameter.value.base)
    let columns = parameter.value.columns
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_center_rows(
        weights.base, columns, channels, clipValue, range.lowerBound, range.upperBound)
    }
  }

  /// Computes α of scaled weights.
  func findScales(of parameter: Parameter) {
    guard let scales = parameter.scales else { return }
    let (weights, target) = (UncheckedPointer(parameter.value.base), UncheckedPointer(scales.base))
    let columns = parameter.value.columns
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_mean_magnitudes(weights.base, columns, target.base, range.lowerBound, range.upperBound)
    }
  }

  /// Converts the gradient with respect to `α·sign(W)`, or to quantized weights, to that of the latent weights, in
  /// place.
  package func passScaling(of parameter: Parameter) {
    if let quantized = parameter.quantized { return passQuantization(of: parameter, quantized) }
    guard let scaling = parameter.scaling, let scales = parameter.scales else { return }
    let (weights, alphas) = (UncheckedPointer(parameter.value.base), UncheckedPointer(scales.base))
    let gradient = UncheckedPointer(parameter.gradient.base)
    let (columns, kind) = (parameter.value.columns, scaling.gradient.kernelKind)
    team.forEachRange(of: parameter.value.rows, multipleOf: 1, cost: parameter.count) { _, range in
      signflip_scaled_sign_gradient(
        weights.base, alphas.base, kind, gradient.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Multiplies each column by its scale, shape `[1, columns]`.
  package func scaleColumns(_ tensor: Tensor, by scales: Tensor) {
    precondition(scales.count == tensor.columns, "expected \(tensor.columns) scales, found \(scales.count)")
    let (target, factors) = (UncheckedPointer(tensor.base), UncheckedPointer(scales.base))
    let columns = tensor.columns
    team.forEachRange(of: tensor.rows, multipleOf: 1, cost: tensor.count) { _, range in
      for row in range {
        let line = target.base + row * columns
        for column in 0..<columns { line[column] *= factors.base[column] }
      }
    }
  }
}

extension WeightScaling.Gradient {
  fileprivate var kernelKind: signflip_scale_gradient {
    switch self {
    case .exact: signflip_scale_exact
    case .paper: signflip_scale_paper
    case .constant: signflip_scale_constant
    }
  }
}
