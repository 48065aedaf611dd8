import EngineProtocol
import NeuralNetworks
import Tensors
import Yams

// The keys of training: loss, optimizer and schedule.

extension LaneKey {
  /// The rows of the loss, the optimizer and the schedule.
  static let learningKeys: [LaneKey] = [
    .choice("loss", \.loss, "The loss function.", decidesOthers: true, standard: { _ in .crossEntropy }),
    LaneKey(
      "optimizer", values: Optimizer.Kind.allCases.map(\.rawValue).joined(separator: ", "),
      words: Optimizer.Kind.allCases.map(\.rawValue),
      summary: """
        The optimizer. bop flips binary weights without latent weights, and uses adam for all other parameters; \
        shiftAdaMax multiplies by powers of two only.
        """, decidesOthers: true,
      read: { _, section, plan in
        let kind: Optimizer.Kind = try section.choice("optimizer") ?? .adam
        plan.optimizer = Optimizer(
          kind: kind, beta1: Float(kind.defaultBeta1), beta2: Float(kind.defaultBeta2),
          gamma: kind == .bop ? Optimizer.defaultGamma : nil,
          flipThreshold: kind == .bop ? Optimizer.defaultThreshold : nil)
        guard kind.hasLatentWeights || plan.method.wordsWithoutLatentWeights != nil else {
          let names = Method.all.filter { $0.wordsWithoutLatentWeights != nil }.map(\.name)
          throw section.wrong(
            "optimizer",
            expected: "Bop for binary weights of ±1 only, method \(names.joined(separator: " or "))")
        }
      }, write: { Node($0.optimizer.kind.rawValue) }),
    .choice(
      "schedule", \.schedule.kind, "The schedule of the learning rate.", decidesOthers: true,
      standard: { _ in .constant }),
    number(
      "stepFactor", \.schedule.factor, 0...1, 0.1, "The factor by which a step schedule multiplies the learning rate.",
      isTolerated: true, obstacle: withoutSteps),
    LaneKey(
      "stepEpochs", values: "a whole number from 1 to 100000", unit: "epochs",
      summary: "The number of epochs between two steps of a step schedule.", isTolerated: true,
      read: { _, section, plan in
        plan.schedule.stepEpochs = try section.integer("stepEpochs", in: 1...100_000) ?? 10
      }, write: { .plain($0.schedule.stepEpochs) }, obstacle: withoutSteps),
    number(
      "warmUpEpochs", \.schedule.warmUpEpochs, 0...100_000, 0,
      "The number of epochs of linear warm-up of the learning rate.", unit: "epochs"),
    .choice(
      "precision", \.precision,
      "The precision of products of two float operands; products with signs are exact, or float32.",
      defaultWords: "the faster one of the processor", standard: { _ in .preferred }),
    LaneKey(
      "distillation", values: "{from: LANE, weight: 0.5, temperature: 4}",
      summary: "The teacher's lane for distillation, which trains at the same time, one epoch ahead.",
      decidesOthers: true,
      read: { reader, section, plan in plan.distillation = try reader.distillation(section) },
      write: { $0.distillation.map { .mapping([("from", .words($0.teacher))]) } }),
  ]

  /// The hyperparameters of all lanes that can be changed during training, and the rows that depend on them.
  static let knobs: [LaneKey] = [
    .knob(
      .learningRate, standard: { .number($0.optimizer.kind.defaultRate) },
      get: { plan, epoch in .number(plan.schedule.rate(atEpoch: epoch, of: plan.epochs)) },
      set: { plan, value, epoch in
        if case .number(let rate) = value { plan.schedule.setRate(rate, atEpoch: epoch) }
      },
      // The initial rate of the schedule, not the rate of the first step of a warm-up.
      write: { .number($0.schedule.anchor.rate) },
      read: { _, section, plan in
        let given = try section.value(.learningRate) ?? .number(plan.optimizer.kind.defaultRate)
        if case .number(let rate) = given { plan.schedule.begin(at: rate) }
      }),
    .knob(
      .finalLearningRate, defaultWords: "a thousandth of learningRate",
      standard: { .number($0.schedule.anchor.rate / 1000) },
      get: { plan, _ in .number(plan.schedule.finalRate) },
      set: { plan, value, epoch in
        if case .number(let rate) = value { plan.schedule.setFinalRate(rate, atEpoch: epoch, of: plan.epochs) }
      },
      read: { _, section, plan in
        let given = try section.value(.finalLearningRate)
        guard case .number(let rate)? = given, plan.schedule.kind.hasEnd else {
          plan.schedule.finalRate = plan.schedule.anchor.rate / 1000
          return
        }
        plan.schedule.finalRate = rate
      }, obstacle: { $0.schedule.kind.hasEnd ? nil : absence($0) }),
    .knob(.momentum, \.optimizer.momentum, 0, obstacle: { $0.optimizer.kind == .sgd ? nil : absence($0) }),
    LaneKey(
      "optimizerState", values: "float32 or bfloat16", words: Precision.allCases.map(\.rawValue),
      summary: """
        The precision in which the optimizer keeps its moments. bfloat16 takes half the memory and is rounded up or down at \
        random; the seed determines how.
        """, defaultWords: "float32",
      read: { _, section, plan in
        let state: Precision? = try section.choice("optimizerState")
        plan.optimizer.state = state == .bfloat16 && plan.optimizer.hasMoments ? .bfloat16 : nil
      }, write: { Node(($0.optimizer.state ?? .float32).rawValue) },
      obstacle: { $0.optimizer.hasMoments ? nil : "SGD without momentum keeps none" }),
    beta(.beta1, \.optimizer.beta1) { $0.defaultBeta1 },
    beta(.beta2, \.optimizer.beta2) { $0.defaultBeta2 },
    bop(.gamma, \.optimizer.gamma, Optimizer.defaultGamma),
    bop(.flipThreshold, \.optimizer.flipThreshold, Optimizer.defaultThreshold),
    .knob(.weightDecay, \.optimizer.weightDecay, 0),
    .knob(.inputDropout, \.network.inputDropout, 0),
    .knob(.dropout, \.network.dropout, 0),
    .knob(
      .labelSmoothing, standard: { _ in .number(0) }, get: { plan, _ in .float(plan.labelSmoothing ?? 0) },
      set: { plan, value, _ in
        if case .number(let share) = value, plan.loss == .crossEntropy { plan.labelSmoothing = Float(share) }
      }, obstacle: { $0.loss == .crossEntropy ? nil : "only crossEntropy has targets to smooth" }),
    teacher(.distillationWeight) {
      $0.distillation?.weight
    } set: {
      $0.distillation?.weight = $1
    },
    teacher(.distillationTemperature) {
      $0.distillation?.temperature
    } set: {
      $0.distillation?.temperature = $1
    },
    whole(.batchSize, \.batchSize, 128),
    .knob(
      .clipValue, \.optimizer.clipValue, 1, obstacle: { $0.readsLatentWeightsAsTheyAre ? nil : absence($0) }),
    .knob(
      .steWindow, \.network.steWindow, 1,
      obstacle: { $0.network.hasSigns && $0.network.ste ?? .ste == .ste ? nil : absence($0) }),
    .knob(
      .activations, standard: { _ in .word("deterministic") },
      get: { plan, _ in .word((plan.activations ?? .deterministic).rawValue) },
      set: { plan, value, _ in plan.activations = value == .word("stochastic") ? .stochastic : nil },
      obstacle: { $0.network.hasDrawableSigns ? nil : absence($0) }),
    .knob(
      .binaryWeightsFrom, standard: { _ in .number(0) },
      get: { plan, _ in .number(Double(plan.binaryWeightsFrom ?? 0)) },
      set: { plan, value, _ in
        if case .number(let epochs) = value, plan.readsLatentWeightsAsTheyAre { plan.binaryWeightsFrom = Int(epochs) }
      },
      obstacle: {
        $0.readsLatentWeightsAsTheyAre ? nil : "its weights are not made from latent weights directly"
      }),
    .knob(
      .batchNormalizationMomentum, standard: { _ in .number(0.9) },
      get: { plan, _ in plan.network.batchNormalization.map { .float($0.momentum) } },
      set: { plan, value, _ in
        if case .number(let share) = value { plan.network.batchNormalization?.momentum = Float(share) }
      }, obstacle: { $0.network.batchNormalization == nil ? absence($0) : nil }),
    whole(.epochs, \.epochs, 20) { plan, epochs, epoch in
      guard Double(epochs) >= epoch.rounded(.up) else {
        throw RefusedSetting(
          reason:
            "epochs: expected at least \(Int(epoch.rounded(.up))), the epoch lane \(plan.name) is in, found \(epochs)")
      }
    },
  ]

  private static let withoutSteps: @Sendable (LanePlan) -> String? = { $0.schedule.kind == .step ? nil : absence($0) }

  // A number that can't be changed during training.
  private static func number(
    _ name: String, _ path: Path<Double>, _ range: ClosedRange<Double>,
    _ standard: Double, _ summary: String, unit: String = "", isTolerated: Bool = false,
    obstacle: @escaping @Sendable (LanePlan) -> String? = { _ in nil }
  ) -> LaneKey {
    let (lower, upper) = (HyperparameterValue.number(range.lowerBound), HyperparameterValue.number(range.upperBound))
    return LaneKey(
      name, values: "a number from \(lower) to \(upper)", unit: unit, summary: summary, isTolerated: isTolerated,
      read: { _, section, plan in plan[keyPath: path] = try section.number(name, in: range) ?? standard },
      write: { .plain($0[keyPath: path]) }, obstacle: obstacle)
  }

  // A whole number that can't be changed during training.
  private static func whole(
    _ knob: Hyperparameter, _ path: Path<Int>, _ standard: Int,
    check: @escaping @Sendable (LanePlan, Int, Double) throws -> Void = { _, _, _ in }
  ) -> LaneKey {
    .knob(
      knob, standard: { _ in .number(Double(standard)) }, get: { plan, _ in .number(Double(plan[keyPath: path])) },
      set: { plan, value, epoch in
        guard case .number(let number) = value else { return }
        try check(plan, Int(number), epoch)
        plan[keyPath: path] = Int(number)
      })
  }

  // A decay of Adam's moments, whose default depends on the optimizer.
  private static func beta(
    _ knob: Hyperparameter, _ path: Path<Float>,
    standard: @escaping @Sendable (Optimizer.Kind) -> Double
  ) -> LaneKey {
    .knob(
      knob, standard: { .number(standard($0.optimizer.kind)) }, get: { plan, _ in .float(plan[keyPath: path]) },
      set: { plan, value, _ in if case .number(let number) = value { plan[keyPath: path] = Float(number) } },
      obstacle: { $0.optimizer.kind != .sgd ? nil : absence($0) })
  }

  // A number of Bop.
  private static func bop(
    _ knob: Hyperparameter, _ path: Path<Float?>, _ standard: Float
  ) -> LaneKey {
    .knob(
      knob, standard: { _ in .float(standard) }, get: { plan, _ in plan[keyPath: path].map { .float($0) } },
      set: { plan, value, _ in
        if case .number(let number) = value, plan.optimizer.kind == .bop { plan[keyPath: path] = Float(number) }
      }, obstacle: { $0.optimizer.kind == .bop ? nil : absence($0) })
  }

  // A number of distillation, which is read together with the teacher.
  private static func teacher(
    _ knob: Hyperparameter, get: @escaping @Sendable (LanePlan) -> Float?,
    set: @escaping @Sendable (inout LanePlan, Float) -> Void
  ) -> LaneKey {
    .knob(
      knob, standard: { _ in .number(0) }, get: { plan, _ in get(plan).map { .float($0) } },
      set: { plan, value, _ in if case .number(let number) = value { set(&plan, Float(number)) } },
      read: { _, _, _ in }, obstacle: { $0.distillation == nil ? "it has no teacher" : nil })
  }
}
