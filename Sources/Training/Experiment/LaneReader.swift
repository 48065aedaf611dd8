import EngineProtocol
import NeuralNetworks
import Tensors
import Yams

/// Reads a lane of an experiment.
struct LaneReader {
  /// The lane's name.
  let name: String
  /// The lane's keys, over the defaults.
  let section: YAMLSection

  /// The most letters of a lane's name.
  static let longestName = 255

  // What a method, an optimizer and the like are: others have other keys.
  private static let kinds: Set<String> = [
    "method", "optimizer", "schedule", "loss", "ste", "network", "hidden", "batchNormalization", "distillation",
    "activation", "binarization", "weightScale", "floatLayers",
  ]

  /// Reads the name.
  /// - Parameter isRecorded: whether a run has a lane of this name already.
  /// - Throws: `ExperimentError` where it is missing, or has letters that a name may not have.
  init(_ section: YAMLSection, isRecorded: Bool = false) throws {
    self.section = section
    guard section.hasOwn("name"), let name = try section.string("name"), LaneReader.isName(name) else {
      throw section.wrong("name", expected: LaneReader.nameExpectation)
    }
    if !isRecorded, let fault = LaneReader.fault(inName: name) { throw section.wrong("name", expected: fault) }
    self.name = name
  }

  /// What a lane may be called, in words.
  static let nameExpectation = "a name of letters, digits, “-” and “_”"

  /// Whether a lane may be called so. The name stands before the “.” of --set, and on every screen.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty
      && text.unicodeScalars.allSatisfy {
        let category = $0.properties.generalCategory
        return $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "-" || $0 == "_"
          || category == .nonspacingMark || category == .spacingMark
      }
  }

  /// What is expected of a new lane's name that this one does not have; nil where all is well.
  static func fault(inName name: String) -> String? {
    guard isName(name) else { return nameExpectation }
    // The command line takes such a word for an option.
    if name.hasPrefix("-") { return "a name that does not begin with “-”" }
    let count = name.unicodeScalars.count
    return count > longestName ? "a name of at most \(longestName) letters (this one has \(count))" : nil
  }

  /// Reads the lane.
  /// - Parameter changes: changes as in `--set`; those of other lanes are passed over.
  /// - Throws: `ExperimentError`, also for a key of the lane's own that its method or optimizer does not have.
  func read(changedBy changes: [SettingChange]) throws -> (plan: LanePlan, unused: Set<String>, notes: [String]) {
    let own = changes.filter { $0.lane == nil || $0.lane == name }
    let (plan, unused) = try assemble(own)
    return (plan, Set(unused.map(\.key)), try checkUnusedKeys(unused, own))
  }

  // The lane with changes, and the keys that have no effect in it, each with the reason.
  private func assemble(_ own: [SettingChange]) throws -> (plan: LanePlan, unused: [(key: String, reason: String)]) {
    let lane = try own.reduce(section) { try $1.over($0) }
    let method: LanePlan.Method = try lane.choice("method") ?? .baseline
    let optimizerKind: Optimizer.Kind = try lane.choice("optimizer") ?? .adam
    let normalizes = try lane.flag("batchNormalization") ?? true
    let asksForOutput = try lane.flag("outputNormalization") ?? false
    let normalizesOutput = asksForOutput && normalizes
    var layers = try layers(lane)
    if normalizesOutput, let last = layers?.list.last, last != .batchNormalization {
      layers?.list.append(.batchNormalization)
    }
    let hidden = try hidden(lane)
    let scaleGradient: WeightScaling.Gradient? = try lane.choice("scaleGradient")
    let scalesInputs = try lane.flag("inputScale") ?? false
    let floatLayers = try ends("floatLayers", lane, method)
    let eightBitLayers = try ends("eightBitLayers", lane, method)
    guard floatLayers.isDisjoint(with: eightBitLayers) else {
      throw lane.wrong("eightBitLayers", expected: "layers that are not in floatLayers")
    }
    let network = NetworkPlan(
      hidden: layers == nil ? hidden ?? [512, 512] : [],
      layers: layers?.list,
      name: layers?.name,
      activation: method.usualActivation,
      hasBinaryWeights: method != .baseline,
      keepsFirstFloat: floatLayers.contains("first"),
      keepsLastFloat: floatLayers.contains("last"),
      firstHasEightBits: eightBitLayers.contains("first"),
      lastHasEightBits: eightBitLayers.contains("last"),
      batchNormalization: BatchNormalizationNumbers(
        epsilon: Float(try lane.number("batchNormalizationEpsilon", in: 1e-12...1) ?? 1e-4),
        momentum: Float(try number(.batchNormalizationMomentum, lane) ?? 0.9)),
      normalizesOutput: layers == nil && normalizesOutput,
      inputDropout: Float(try number(.inputDropout, lane) ?? 0),
      dropout: Float(try number(.dropout, lane) ?? 0),
      ste: try lane.choice("ste") ?? .ste,
      steWindow: Float(try number(.steWindow, lane) ?? 1),
      scalesUpdates: try lane.flag("glorotScale") ?? (method != .doReFa),
      scaledGradient: method == .xnorNet ? scaleGradient ?? .exact : nil,
      scalesInputs: scalesInputs && method == .xnorNet,
      initialization: try lane.choice("initialization") ?? method.usualInitialization
    )
    let optimizer = Optimizer(
      kind: optimizerKind,
      momentum: Float(try number(.momentum, lane) ?? 0),
      beta1: Float(try number(.beta1, lane) ?? optimizerKind.usualBeta1),
      beta2: Float(try number(.beta2, lane) ?? optimizerKind.usualBeta2),
      weightDecay: Float(try number(.weightDecay, lane) ?? 0),
      clipValue: Float(try number(.clipValue, lane) ?? 1),
      gamma: try bopNumber(.gamma, lane, optimizerKind, usual: Optimizer.usualGamma),
      flipThreshold: try bopNumber(.flipThreshold, lane, optimizerKind, usual: Optimizer.usualThreshold))
    guard optimizerKind != .bop || method == .bnn || method == .binaryConnect else {
      throw lane.wrong("optimizer", expected: "Bop for binary weights of ±1 only, method bnn or binaryConnect")
    }
    let rate = try number(.learningRate, lane) ?? optimizerKind.usualRate
    let schedule = Schedule(
      kind: try lane.choice("schedule") ?? .constant,
      rate: rate,
      finalRate: try number(.finalLearningRate, lane) ?? rate / 1000,
      factor: try lane.number("stepFactor", in: 0...1) ?? 0.1,
      stepEpochs: try lane.integer("stepEpochs", in: 1...100_000) ?? 10,
      warmUpEpochs: try lane.number("warmUpEpochs", in: 0...100_000) ?? 0)
    var plan = LanePlan(
      name: name,
      drawName: name,
      method: method,
      binarization: try lane.choice("binarization") ?? .deterministic,
      network: network,
      loss: try lane.choice("loss") ?? .crossEntropy,
      optimizer: optimizer,
      schedule: schedule,
      batchSize: Int(try number(.batchSize, lane) ?? 128),
      epochs: Int(try number(.epochs, lane) ?? 20),
      precision: try lane.choice("precision") ?? .preferred)
    try readQuantizers(lane, into: &plan)
    try readLearning(lane, into: &plan)
    if !normalizes { plan.network.batchNormalization = nil }
    if !plan.network.hasDrawableSigns { plan.network.scalesInputs = false }
    if !plan.network.hasSigns { plan.network.ste = .ste }
    if !plan.canDraw { plan.binarization = .deterministic }
    guard plan.precision.isSupported else {
      throw lane.wrong("precision", expected: "float32: this processor does not multiply bfloat16")
    }
    try lane.checkForUnknownKeys()
    plan.forgetUnusedNumbers()
    return (plan, unusedKeys(plan, asksForOutput: asksForOutput))
  }

  private func unusedKeys(_ plan: LanePlan, asksForOutput: Bool) -> [(key: String, reason: String)] {
    let kind = "a lane with \(plan.methodDescription) and \(plan.optimizer.kind.rawValue) has none"
    var missing = learningKeysWithoutEffect(plan)
    missing += Hyperparameter.allCases.filter { plan.value(of: $0) == nil }.map { ($0.rawValue, kind) }
    if plan.method == .baseline {
      missing += ["floatLayers", "eightBitLayers"].map { ($0, "all layers of a baseline are float") }
    }
    if plan.method != .xnorNet {
      missing.append(("scaleGradient", "only the weights of xnorNet have such a gradient"))
      missing.append(("inputScale", "only xnorNet scales its inputs"))
    } else if !plan.network.hasDrawableSigns {
      missing.append(("inputScale", "none of its activations is a sign of what comes in"))
    }
    missing += quantizerKeysWithoutEffect(plan).map { ($0.key, $0.reason) }
    if !plan.network.hasSigns { missing.append(("ste", "a lane without sign activations has none")) }
    if plan.network.layers != nil { missing.append(("hidden", "it has a network")) }
    if asksForOutput, plan.network.batchNormalization == nil {
      missing.append(("outputNormalization", "batchNormalization is false"))
    }
    return missing.map { (key: $0.0, reason: $0.1) }
  }

  // A key that does nothing here would make its person believe that it does. One that a change of method, optimizer or
  // the like has left without effect is passed over, and told of.
  private func checkUnusedKeys(
    _ unused: [(key: String, reason: String)], _ changes: [SettingChange]
  ) throws -> [String] {
    let kinds = changes.filter { LaneReader.kinds.contains($0.key) }
    let before = kinds.isEmpty ? nil : try? assemble(changes.filter { !LaneReader.kinds.contains($0.key) }).unused
    func hadEffect(_ key: String) -> Bool { !kinds.isEmpty && before?.contains { $0.key == key } != true }
    var left: [String] = []
    for (key, reason) in unused {
      let expected = "no such key: \(reason)"
      let own = changes.last { $0.key == key }
      if own?.removes == true { continue }
      if let own, own.lane != nil { throw own.wrong(expected: expected, found: own.value, code: .unknownKey) }
      guard section.node(key) != nil else { continue }
      if hadEffect(key), !left.contains(key) {
        left.append(key)
      } else if section.hasOwn(key), !left.contains(key) {
        throw section.wrong(key, expected: expected, code: .unknownKey)
      }
    }
    // The keys of a step schedule are read beside any other; they are not refused, but told of.
    let usesSteps = { (changes: [SettingChange]) in
      (try? self.assemble(changes).plan.schedule.kind) == .step
    }
    if kinds.contains(where: { $0.key == "schedule" }), !usesSteps(changes),
      usesSteps(changes.filter { $0.key != "schedule" })
    {
      left += ["stepEpochs", "stepFactor"].filter { section.node($0) != nil }
    }
    guard !left.isEmpty else { return [] }
    let causes = kinds.map { "--set \($0.text)" }.joined(separator: ", ")
    let keys = left.map { key in key + (section.node(key)?.scalar.map { " (\($0.string))" } ?? "") }
    let have = left.count == 1 ? "has no effect and is left out" : "have no effect and are left out"
    return ["lane \(name): with \(causes), \(keys.joined(separator: ", ")) \(have)"]
  }

  // The layers of a network by its name, by a list, or by a mapping of both.
  private func layers(_ lane: YAMLSection) throws -> (name: String?, list: [LayerPlan])? {
    guard let node = lane.node("network") else { return nil }
    let owner = lane.owner(of: "network")
    let reader = LayerListReader(source: owner.source)
    if let nodes = node.sequence { return (nil, try reader.read(nodes, path: owner.label("network"))) }
    if node.mapping != nil, let section = try lane.section("network") {
      guard let nodes = section.node("layers")?.sequence else {
        throw section.wrong("layers", expected: "a list of layers")
      }
      let name = try section.string("name")
      try section.checkForUnknownKeys()
      return (name, try reader.read(nodes, path: section.label("layers")))
    }
    guard let name = node.scalar?.string, NetworkLibrary.names.contains(name) else {
      throw lane.wrong(
        "network", expected: "a list of layers, or one of \(NetworkLibrary.names.joined(separator: ", "))",
        near: node.scalar.map { NearestName.question($0.string, among: NetworkLibrary.names) } ?? "")
    }
    return (name, try NetworkLibrary.layers(named: name))
  }

  // Which of the first and the last layer a key names.
  private func ends(_ key: String, _ lane: YAMLSection, _ method: LanePlan.Method) throws -> Set<String> {
    guard let node = lane.node(key) else { return [] }
    let words = node.sequence?.compactMap { $0.scalar?.string } ?? []
    guard let sequence = node.sequence, words.count == sequence.count,
      words.allSatisfy({ ["first", "last"].contains($0) })
    else { throw lane.wrong(key, expected: "a list of first, last, or nothing: []") }
    // All layers of a baseline are float; what stands in the defaults is for the others.
    return method == .baseline ? [] : Set(words)
  }

  private func hidden(_ lane: YAMLSection) throws -> [Int]? {
    let units = try lane.integers("hidden", in: 1...65_536)
    // Each layer has random streams of its own, and there are enough for so many.
    guard (units?.count ?? 0) <= 64 else { throw lane.wrong("hidden", expected: "at most 64 layers") }
    return units
  }

  private func bopNumber(
    _ hyperparameter: Hyperparameter, _ lane: YAMLSection, _ kind: Optimizer.Kind, usual: Float
  ) throws -> Float? {
    let number = try number(hyperparameter, lane)
    return kind == .bop ? number.map { Float($0) } ?? usual : nil
  }

  /// A number whose range the hyperparameter declares.
  func number(_ hyperparameter: Hyperparameter, _ lane: YAMLSection) throws -> Double? {
    let key = hyperparameter.rawValue
    guard let text = try lane.string(key) else { return nil }
    guard case .number(let number)? = try? hyperparameter.parse(text) else {
      throw lane.wrong(key, expected: hyperparameter.expectation)
    }
    return number
  }
}
