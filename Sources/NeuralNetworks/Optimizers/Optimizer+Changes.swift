package import Tensors

extension Optimizer {
  /// Returns how much the newest update has changed each weight of a parameter, before the clip, from the moments that it
  /// left behind: `-rate·m̂/(√v̂ + ε)` for Adam, and as `UpdateRule` says for the others.
  /// - Parameters:
  ///   - scale: the parameter's update scale.
  ///   - rate: the learning rate of that update.
  /// - Returns: nil without moments, and for Bop, whose updates only flip.
  package func newestChanges(
    firstMoment: [Float]?, secondMoment: [Float]?, scale: Float, rate: Float
  ) -> [Float]? {
    guard let first = firstMoment, kind != .bop else { return nil }
    guard kind != .sgd else {
      let rate = rate * scale * scale
      return first.map { -rate * $0 }
    }
    guard let second = secondMoment, second.count == first.count, decay.first < 1 else { return nil }
    let correction = Float(1 - decay.first)
    let corrected = rate * scale / correction
    switch kind {
    case .adaMax: return zip(first, second).map { $1 > 0 ? -corrected * $0 / $1 : 0 }
    case .shiftAdaMax:
      let power = (rate / correction).nearestPower * scale
      return zip(first, second).map { -power * $0 / ($1.nearestPower + 0x1p-27) }
    case .adam, .sgd, .bop:
      let inverse = 1 / Float((1 - decay.second).squareRoot())
      return zip(first, second).map { -corrected * $0 / ($1.squareRoot() * inverse + epsilon) }
    }
  }
}

extension NetworkLayout.Item {
  /// The windows of a convolution; nil for other layers.
  package var windows: ImageWindows? { (layer as? FittedConvolution)?.windows }
}

extension NetworkLayout {
  /// Builds the weights of one layer alone, with random values; nil for a layer without weights.
  package func makeWeights(of item: Item, _ plan: NetworkPlan, _ compute: Compute) -> Parameter? {
    guard let place = items.firstIndex(of: item), item.weightCount > 0 else { return nil }
    let alone = NetworkLayout(input: item.input, items: [item], inputsAreSigns: [inputsAreSigns[place]])
    return alone.makeNetwork(plan, precision: .float32, seed: 0, compute).layers.first?.weightMatrix
  }
}
