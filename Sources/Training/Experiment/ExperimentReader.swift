private import EngineProtocol
private import NeuralNetworks
private import Tensors
private import Yams

/// Reads experiments from YAML.
///
///     name: my-experiment
///     dataset: mnist            # or a folder; without it the first data set found
///     validation: 10000         # images set apart from the training set
///     inputRange: [0, 1]        # pixels 0...255 go linearly to this range
///     seed: 1
///     defaults:                 # what the lanes share
///       hidden: [2048, 2048]
///       learningRate: 0.001
///     lanes:
///       - name: baseline
///         method: baseline
///       - name: binary
///         method: binaryConnect
///         learningRate: 0.003   # a lane's own key goes before the default
///
/// The keys of a lane are those that `readLane` asks for. Unknown keys are refused.
struct ExperimentReader {
  /// How errors name the text: a path, or a preset's name.
  let source: String
  /// Changes as in `--set`.
  var changes: [SettingChange] = []

  /// Reads an experiment.
  /// - Throws: `ExperimentError`, naming source, line, key, what was expected and found.
  func read(_ text: String) throws -> Experiment {
    let root: Node?
    do {
      root = try compose(yaml: text)
    } catch {
      throw ExperimentError(code: .malformed, message: "\(source): malformed YAML: \(error)")
    }
    guard let root else {
      throw ExperimentError(code: .malformed, message: "\(source): expected an experiment, found nothing")
    }
    let section = try YAMLSection(root, source: source, path: "")
    guard let lanesNode = section.node("lanes"), let laneNodes = lanesNode.sequence, !laneNodes.isEmpty else {
      throw section.wrong("lanes", expected: "a list of at least one lane")
    }
    let defaults = try section.node("defaults").map { try YAMLSection($0, source: source, path: "defaults") }
    let inputRange = try section.numbers("inputRange", count: 2) ?? [0, 1]
    guard inputRange[0] < inputRange[1] else { throw section.wrong("inputRange", expected: "[lower, upper]") }
    var experiment = Experiment(
      name: try section.string("name") ?? "experiment",
      summary: try section.string("summary") ?? "",
      expectedResult: try section.string("expected") ?? "",
      cost: try section.string("cost") ?? "",
      dataset: try section.string("dataset"),
      validationCount: try section.integer("validation", in: 1...10_000_000) ?? 10_000,
      inputRange: Float(inputRange[0])...Float(inputRange[1]),
      seed: UInt64(try section.integer("seed", in: 0...Int.max) ?? 1),
      lanes: [])
    let names = try laneNodes.enumerated().map { try laneName($1, index: $0) }
    for change in changes where change.lane != nil && !names.contains(change.lane ?? "") {
      throw ExperimentError(
        code: .unknownLane,
        message:
          "--set \(change.text): expected a lane of \(names.joined(separator: ", ")), found “\(change.lane ?? "")”")
    }
    for (index, node) in laneNodes.enumerated() {
      if names[..<index].contains(names[index]) {
        throw ExperimentError(
          code: .invalidValue,
          message:
            "\(YAMLSection.place(source, node)): lanes[\(index)].name: expected a name of its own, found “\(names[index])” again"
        )
      }
      let lane = try YAMLSection(node, source: source, path: "lanes[\(index)]", over: defaults)
      experiment.lanes.append(try readLane(lane, name: names[index]))
    }
    try section.checkForUnknownKeys()
    return experiment
  }

  private func laneName(_ node: Node, index: Int) throws -> String {
    let section = try YAMLSection(node, source: source, path: "lanes[\(index)]")
    guard let name = try section.string("name"), !name.isEmpty,
      !name.contains(where: { $0 == "." || $0 == "=" || $0.isWhitespace })
    else { throw section.wrong("name", expected: "a name without spaces, “.” and “=”") }
    return name
  }

  private func readLane(_ written: YAMLSection, name: String) throws -> LanePlan {
    let lane = try changed(written, name: name)
    _ = lane.node("name")
    let method: LanePlan.Method = try lane.choice("method") ?? .baseline
    let optimizerKind: Optimizer.Kind = try lane.choice("optimizer") ?? .adam
    let normalizes = try lane.flag("batchNormalization") ?? true
    let network = MultilayerPerceptron(
      inputs: 0,
      hidden: try lane.integers("hidden", in: 1...65_536) ?? [512, 512],
      classes: 0,
      activation: method == .bnn ? .sign : .relu,
      hasBinaryWeights: method != .baseline,
      batchNormalization: BatchNormalizationNumbers(
        epsilon: Float(try lane.number("batchNormalizationEpsilon", in: 1e-12...1) ?? 1e-4),
        momentum: Float(try number(.batchNormalizationMomentum, lane) ?? 0.9)),
      normalizesOutput: try lane.flag("outputNormalization") ?? false,
      inputDropout: Float(try number(.inputDropout, lane) ?? 0),
      dropout: Float(try number(.dropout, lane) ?? 0),
      steWindow: Float(try number(.steWindow, lane) ?? 1),
      scalesUpdates: try lane.flag("glorotScale") ?? true,
      initialization: try lane.choice("initialization") ?? (method == .baseline ? .glorot : .unit))
    let optimizer = Optimizer(
      kind: optimizerKind,
      momentum: Float(try number(.momentum, lane) ?? 0),
      beta1: Float(try number(.beta1, lane) ?? 0.9),
      beta2: Float(try number(.beta2, lane) ?? 0.999),
      weightDecay: Float(try number(.weightDecay, lane) ?? 0),
      clipValue: Float(try number(.clipValue, lane) ?? 1))
    let rate = try number(.learningRate, lane) ?? (optimizerKind == .adam ? 0.001 : 0.1)
    let schedule = Schedule(
      kind: try lane.choice("schedule") ?? .constant,
      rate: rate,
      finalRate: try number(.finalLearningRate, lane) ?? rate / 1000,
      factor: try lane.number("stepFactor", in: 0...1) ?? 0.1,
      stepEpochs: try lane.integer("stepEpochs", in: 1...100_000) ?? 10,
      warmUpEpochs: try lane.number("warmUpEpochs", in: 0...100_000) ?? 0)
    var plan = LanePlan(
      name: name,
      method: method,
      binarization: try lane.choice("binarization") ?? .deterministic,
      network: network,
      loss: try lane.choice("loss") ?? .crossEntropy,
      optimizer: optimizer,
      schedule: schedule,
      batchSize: Int(try number(.batchSize, lane) ?? 128),
      epochs: Int(try number(.epochs, lane) ?? 20),
      precision: try lane.choice("precision") ?? .preferred)
    if !normalizes { plan.network.batchNormalization = nil }
    guard plan.precision.isSupported else {
      throw lane.wrong("precision", expected: "float32: this processor does not multiply bfloat16")
    }
    try lane.checkForUnknownKeys()
    return plan
  }

  // A number whose range the hyperparameter declares.
  private func number(_ hyperparameter: Hyperparameter, _ lane: YAMLSection) throws -> Double? {
    let key = hyperparameter.rawValue
    guard let text = try lane.string(key) else { return nil }
    guard case .number(let number)? = try? hyperparameter.parse(text) else {
      throw lane.wrong(key, expected: hyperparameter.expectation)
    }
    return number
  }

  // The lane with the changes of `--set` over it.
  private func changed(_ lane: YAMLSection, name: String) throws -> YAMLSection {
    var result = lane
    for change in changes where change.lane == nil || change.lane == name {
      let value: Node?
      do { value = try compose(yaml: change.value) } catch { value = nil }
      guard let value else {
        throw ExperimentError(
          code: .invalidValue, message: "--set \(change.text): expected a value, found “\(change.value)”")
      }
      let mapping = Node([(Node(change.key), value)])
      result = try YAMLSection(mapping, source: "--set \(change.text)", path: "", over: result)
    }
    return result
  }
}
