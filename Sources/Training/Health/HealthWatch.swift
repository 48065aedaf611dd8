import EngineProtocol
import TrainingMetrics

/// Watches a lane: asks every rule, and reports what they see. A rule that has reported stays quiet for 5 epochs, after its
/// next report for 10, then for 20, and so on.
struct HealthWatch {
  private static let coolDown = 5.0

  /// The rules, in the order in which their findings are reported.
  private var rules: [any HealthRule] = [
    Divergence(), NormalizationLag(), FrozenLayer(), FlipStorm(), ClosedGates(), DeadUnits(), ClippedLayer(),
    Overfitting(), Plateau(),
  ]
  private var quiet: [HealthFinding.Rule: Quiet] = [:]
  // See `HealthEpoch.divergedAt`.
  private var divergedAt: Int?

  // Epochs of a rule's silence.
  private struct Quiet: Codable {
    var until, span: Double
  }

  /// A watch that has seen nothing yet.
  init() {}

  /// What is reported: the finding, and its sentence.
  struct Report {
    let finding: HealthFinding
    let message: String
  }

  /// Looks at an update.
  mutating func see(_ step: HealthStep, branch: Int) -> [Report] {
    var reports: [Report] = []
    for index in rules.indices {
      guard let symptom = rules[index].see(step) else { continue }
      if type(of: rules[index]) == Divergence.self { divergedAt = divergedAt ?? symptom.since }
      report(type(of: rules[index]).name, symptom, step.plan, branch, step.step, step.epoch, &reports)
    }
    return reports
  }

  /// Looks at the end of an epoch.
  mutating func see(_ epoch: HealthEpoch, branch: Int) -> [Report] {
    var reports: [Report] = []
    var seen: Set<HealthFinding.Rule> = []
    if !epoch.isGuessing { divergedAt = nil }
    var epoch = epoch
    epoch.divergedAt = divergedAt
    for index in rules.indices {
      let type = type(of: rules[index])
      guard let symptom = rules[index].see(epoch) else { continue }
      seen.insert(type.name)
      if type == Divergence.self, epoch.isGuessing { divergedAt = divergedAt ?? symptom.since }
      guard type.yieldsTo.isDisjoint(with: seen) else { continue }
      report(type.name, symptom, epoch.plan, branch, epoch.step, Double(epoch.epoch), &reports)
    }
    return reports
  }

  private mutating func report(
    _ rule: HealthFinding.Rule, _ symptom: HealthSymptom, _ plan: LanePlan, _ branch: Int, _ step: Int, _ epoch: Double,
    _ reports: inout [Report]
  ) {
    let last = quiet[rule]
    guard epoch >= last?.until ?? 0 else { return }
    let span = last.map { 2 * $0.span } ?? Self.coolDown
    quiet[rule] = Quiet(until: epoch + span, span: span)
    let suggestion = symptom.suggestions.first { plan.accepts($0, atEpoch: epoch) }
    let finding = HealthFinding(
      rule, lane: plan.name, branch: branch, layer: symptom.layer, step: step, epoch: epoch, since: symptom.since,
      figures: symptom.figures, suggestion: suggestion)
    let place = symptom.layer.map { "\(plan.name), layer \($0)" } ?? plan.name
    let edit = suggestion.map { "; try \($0.hyperparameter.rawValue) \($0.value)" } ?? ""
    reports.append(
      Report(
        finding: finding,
        message: "\(rule.words): lane \(place): \(symptom.what), since step \(NumberFormat.grouped(symptom.since)): "
          + "\(symptom.why)\(edit)"))
  }
}

/// What the rules remember, by their names: a resumed or rewound lane goes on watching from there. A rule that a file does not
/// contain starts anew.
extension HealthWatch: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
    init(_ rule: any HealthRule) { self.init(stringValue: type(of: rule).name.rawValue) }
    static let quiet = Key(stringValue: "quiet")
    static let divergedAt = Key(stringValue: "divergedAt")
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for index in rules.indices {
      let key = Key(rules[index])
      guard container.contains(key) else { continue }
      rules[index] = try type(of: rules[index]).init(from: container.superDecoder(forKey: key))
    }
    for (name, quiet) in try container.decodeIfPresent([String: Quiet].self, forKey: .quiet) ?? [:] {
      if let rule = HealthFinding.Rule(rawValue: name) { self.quiet[rule] = quiet }
    }
    divergedAt = try container.decodeIfPresent(Int.self, forKey: .divergedAt)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for rule in rules { try rule.encode(to: container.superEncoder(forKey: Key(rule))) }
    try container.encode(Dictionary(uniqueKeysWithValues: quiet.map { ($0.rawValue, $1) }), forKey: .quiet)
    try container.encodeIfPresent(divergedAt, forKey: .divergedAt)
  }
}

extension LanePlan {
  // Whether a setting can be made, and changes something.
  fileprivate func accepts(_ setting: HyperparameterSetting, atEpoch epoch: Double) -> Bool {
    guard let old = value(of: setting.hyperparameter, atEpoch: epoch), old != setting.value else { return false }
    var changed = self
    do { try changed.set(setting.hyperparameter, to: setting.value, atEpoch: epoch) } catch { return false }
    return true
  }
}
