import EngineProtocol
import Foundation
import NeuralNetworks
import RunStore
import Testing
import Training

/// Experiments, knobs, journals and steering scripts accept the same values. The cases are random, with a fixed seed.
@Suite struct RoundTripTests {
  private let resolver = ExperimentResolver(environment: [:])

  private func read(_ yaml: String) throws -> Experiment {
    try resolver.resolve(ExperimentRequest(source: .text(yaml, name: "drawn"), dataset: "digits")).experiment
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func whatIsWrittenOfAnExperimentReadsAsTheSame(seed: UInt64) throws {
    var draw = Draw(seed: seed)
    var accepted = 0
    for _ in 0..<150 {
      let yaml = draw.experiment()
      guard let experiment = try? read(yaml) else { continue }
      accepted += 1
      let text = try ExperimentWriter().text(of: experiment)
      let again = try read(text)
      #expect(difference(again, experiment) == [], "\(yaml)\n--- is written as\n\(text)")
      #expect(try ExperimentWriter().text(of: again) == text)
    }
    #expect(accepted > 100)
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func whatAKnobAcceptsComesThroughJournalAndScript(seed: UInt64) throws {
    var draw = Draw(seed: seed)
    var accepted = 0
    for _ in 0..<40 {
      guard var experiment = try? read(draw.experiment()) else { continue }
      let first = experiment.lanes[0]
      var plan = first
      var events = [RecordedEvent(time: 0, .started(description(of: experiment)))]
      for step in 1...12 {
        guard let setting = draw.element(of: plan.settings()) else { continue }
        let text = draw.text(for: setting.hyperparameter)
        guard let value = try? setting.hyperparameter.parse(text) else { continue }
        guard (try? plan.set(setting.hyperparameter, to: value)) != nil else { continue }
        accepted += 1
        let entry = JournalEntry(
          lane: plan.name, step: step, change: .set(setting.hyperparameter, old: setting.value, new: value), seconds: 0)
        let json = try EngineJSON.encoder().encode(entry)
        #expect(try EngineJSON.decoder().decode(JournalEntry.self, from: json) == entry)
        events.append(RecordedEvent(time: 0, .applied(CommandID(0), entry)))
      }
      let history = RunHistory(description: description(of: experiment), events: events)
      let text = try SteeringJournal.text(of: history)
      let script = try SteeringScript(text, source: "journal.yaml", lanes: [first])
      var again = first
      for change in script.changes[first.name] ?? [] {
        guard case .set(let hyperparameter, let value) = change.action else { continue }
        try again.set(hyperparameter, to: value)
      }
      #expect(again == plan, "\(text)")
      // A lane changed by knobs is also valid as an experiment.
      experiment.lanes[0] = plan
      let written = try read(ExperimentWriter().text(of: experiment))
      // Without a final rate, a schedule uses a thousandth of its initial rate, so it has no effect.
      if plan.value(of: .finalLearningRate) == nil {
        experiment.lanes[0].schedule.finalRate = written.lanes[0].schedule.finalRate
      }
      #expect(difference(written, experiment) == [])
    }
    #expect(accepted > 100)
  }

  @Test(arguments: [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max - 1, .max])
  func everySeedGoesThroughEveryForm(seed: UInt64) throws {
    let experiment = try read("seed: \(seed)\nlanes: [{name: a}]")
    #expect(experiment.seed == seed)
    let text = try ExperimentWriter().text(of: experiment)
    #expect(try read(text).seed == seed)
    let description = description(of: experiment)
    let json = try EngineJSON.encoder().encode(description)
    #expect(try EngineJSON.decoder().decode(RunDescription.self, from: json).seed == seed)
    let request = ExperimentRequest(source: .preset(nil), seed: seed)
    let wire = try EngineJSON.encoder().encode(request)
    #expect(try EngineJSON.decoder().decode(ExperimentRequest.self, from: wire) == request)
    let document = try RunExport(RunHistory(description: description)).json()
    #expect(document.contains("\"seed\":\(seed)"))
  }

  @Test(arguments: ["null", "~", "Null", "true", "12", "1e3", "- a", "a: b", "ümlaut", "'", "\"", "#x", " ", ""])
  func anExperimentsNameStaysAsItIs(name: String) throws {
    var experiment = try read("lanes: [{name: null-1}, {name: yes}]")
    experiment.name = name
    experiment.summary = name
    #expect(try read(ExperimentWriter().text(of: experiment)) == experiment)
  }

  // The differences of two experiments, one per line.
  private func difference(_ a: Experiment, _ b: Experiment) -> [String] {
    func lines(_ value: Experiment) -> [String] {
      var text = ""
      dump(value, to: &text)
      return text.split(separator: "\n").map(String.init)
    }
    return zip(lines(a), lines(b)).filter { $0 != $1 }.map { "\($0) | \($1)" }
  }

  private func description(of experiment: Experiment) -> RunDescription {
    RunDescription(
      name: experiment.name, dataset: "digits", datasetOrigin: "", trainingCount: 1, validationCount: 1, testCount: 1,
      classes: [], seed: experiment.seed,
      lanes: experiment.lanes.map {
        RunDescription.Lane(
          name: $0.name, method: "", isBinary: false, network: "", precision: "", parameterCount: 0, floatBytes: 0,
          packedBytes: 0, binaryLayers: [], threads: 1)
      })
  }
}

/// Random experiments and values, in the forms that people use.
private struct Draw {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  // SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  mutating func element<Element>(of list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }

  mutating func word(_ words: String...) -> String { words[below(words.count)] }

  /// A number in one of its accepted forms.
  private mutating func written(_ number: Double) -> String {
    let text = "\(number)"
    switch below(5) {
    case 0: return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    case 1: return String(format: "%.3e", number)
    case 2: return text.hasPrefix("0.") ? String(text.dropFirst(1)) : text
    case 3: return "+" + text
    default: return text
    }
  }

  /// A typed value of a hyperparameter, mostly within its range.
  mutating func text(for hyperparameter: Hyperparameter) -> String {
    let specification = hyperparameter.specification
    let (lower, upper) = (specification.range.lowerBound, specification.range.upperBound)
    switch specification.scale {
    case .choice(let words): return words[below(words.count)]
    case .integer, .powerOfTwo: return written((lower + unit() * min(upper - lower, 4000)).rounded())
    case .logarithmic:
      if below(10) == 0 { return written(below(2) == 0 ? lower : upper) }
      let (from, to) = (log(max(lower, 1e-9)), log(upper))
      return written(exp(from + unit() * (to - from)))
    case .linear:
      if below(10) == 0 { return written(below(2) == 0 ? lower : upper) }
      return written(lower + unit() * (upper - lower))
    }
  }

  /// An experiment of one to three lanes. All keys but the methods are defaults; keys that a lane does not have are ignored.
  mutating func experiment() -> String {
    var keys: [String] = []
    func add(_ key: String, _ value: String) { keys.append("\(key): \(value)") }
    // Not all known knobs, as other tests add knobs that no lane has.
    for key in LaneKey.shownKnobs where below(2) == 0 {
      add(key.name, text(for: Hyperparameter(named: key.name)))
    }
    let choices: [(String, [String])] = [
      ("optimizer", ["adam", "sgd", "adaMax", "shiftAdaMax"]),
      ("schedule", ["constant", "exponential", "step", "cosine"]),
      ("loss", ["crossEntropy", "squaredHinge"]), ("ste", ["ste", "identity", "approx", "swish", "annealed"]),
      ("weightScale", ["none", "mean"]), ("activation", ["relu", "sign"]), ("ternaryThreshold", ["mean", "0.005"]),
      ("weightBits", ["1", "3.0", "8"]), ("activationBits", ["1", "2", "4e0"]),
      ("glorotScale", ["true", "no", "True"]),
      ("batchNormalization", ["true", "on", "false"]), ("outputNormalization", ["true", "off"]),
      ("batchNormalizationEpsilon", ["1e-5", ".001", "1e-12"]), ("batchNormalizationKind", ["standard", "shift"]),
      ("hidden", ["[8]", "[8.0, 1e1, 3]", "[]"]),
      ("network", ["lenet-5", "[flatten, {linear: 1e1}, rsign, {linear: classes}]"]),
      ("floatLayers", ["[first]", "[]", "[first, last]"]), ("eightBitLayers", ["[last]", "[]"]),
      ("initialization", ["glorot", "he", "unit"]), ("scaleGradient", ["exact", "paper", "constant"]),
      ("inputScale", ["true", "false"]), ("stepEpochs", ["3", "7.0"]), ("stepFactor", [".5", "0.30000001", "1e-3"]),
      ("warmUpEpochs", ["0", ".25", "3"]), ("precision", ["float32"]), ("optimizerState", ["float32", "bfloat16"]),
      ("distillation", ["{from: a, weight: .75}"]),
    ]
    for (key, values) in choices where below(5) < 2 { add(key, values[below(values.count)]) }
    var root = ["name: \(word("drawn", "\"null\"", "a b", "Größe"))", "seed: \(next() >> UInt64(below(64)))"]
    if below(2) == 0 { root.append("validation: \(word("100", "1e3", "50.0"))") }
    switch below(4) {
    case 0: root.append("inputRange: [\(written(-unit())), \(written(1 + unit()))]")
    case 1: root.append("normalization: \(word("channels", "gcn", "zca"))")
    default: break
    }
    if below(3) == 0 {
      let angle = written(unit() * 180)
      root.append(
        "augmentation: {crop: \(below(5)), flip: \(word("true", "False")), cutout: 2.0, rotate: \(angle), shift: .5}")
    }
    root.append("defaults: {\(keys.joined(separator: ", "))}")
    let methods = ["baseline", "binaryConnect", "bnn", "xnorNet", "ternary", "doReFa", "reCU"]
    let lanes = (0...below(3)).map { index in
      "  - {name: \(["a", "b-2", "ü_"][index]), method: \(methods[below(methods.count)])}"
    }
    return (root + ["lanes:"] + lanes).joined(separator: "\n")
  }
}
