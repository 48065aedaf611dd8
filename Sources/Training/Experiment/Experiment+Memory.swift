import NeuralNetworks

extension Experiment {
  /// Checks that the training of the lanes' networks fits into the machine.
  ///
  /// A weight takes 4 bytes each as value, gradient, both moments and best weight, 2 for its flips, and at most 1 for its
  /// signs in the layouts of all products, or 6 as one of few bits.
  /// - Parameter images: bytes of prepared images.
  /// - Throws: `ExperimentError` with the memory needed and there.
  func checkMemory(_ layouts: [NetworkLayout], images: Int = 0, available: UInt64) throws {
    let weights = layouts.reduce(0.0) { $0 + Double($1.weightCount) }
    // A student has its teacher's network too: values and signs.
    let teachers = lanes.reduce(0.0) { sum, lane in
      let teacher = lane.distillation.flatMap { learned in lanes.firstIndex { $0.name == learned.teacher } }
      return sum + (teacher.map { Double(layouts[$0].weightCount) } ?? 0)
    }
    let activations = zip(lanes, layouts).reduce(0.0) { sum, pair in
      let teacher = pair.0.distillation.flatMap { learned in lanes.firstIndex { $0.name == learned.teacher } }
      return sum + pair.1.activationBytes(images: max(pair.0.batchSize, pair.1.evaluationBatch))
        + (teacher.map { layouts[$0].activationBytes(images: pair.0.batchSize) } ?? 0)
    }
    let fewBits = layouts.flatMap(\.items).reduce(0.0) { $0 + ($1.quantized == nil ? 0 : Double($1.weightCount)) }
    let needed = weights * 23 + fewBits * 6 + teachers * 9 + activations + Double(images)
    guard needed < Double(available) * 0.9 else {
      throw ExperimentError(
        code: .unfit,
        message: """
          the networks have \(Int(weights / 1e6)) million weights: expected to fit into the \(available >> 30) GiB of memory, \
          found that training needs about \(Int(needed / 0x1p30)) GiB, \(Int(activations / 0x1p30)) of them for activations
          """)
    }
  }
}
