private import EngineProtocol
private import NeuralNetworks
private import Yams

/// The parts of a key's help that are not in its row: which lanes have it, and its default. They are derived by
/// examining lanes of every kind, so that they need not be maintained separately.
package struct KeyFacts: Sendable {
  /// The key.
  package let key: LaneKey
  /// The lanes that have it: “optimizer sgd”; empty if all have it.
  package let lanes: String
  /// The default: “0.001; 0.1 with optimizer sgd”; empty if there is none.
  package let standard: String

  /// The facts about all keys, in table order.
  package static let all: [KeyFacts] = {
    let samples = Sample.all
    return LaneKey.all.map { key in KeyFacts(key, samples) }
  }()

  /// Returns the keys with a word in their name, values, lanes or help; those with the word in their name come first.
  package static func search(_ word: String) -> [KeyFacts] {
    func has(_ text: String) -> Bool { text.lowercased().contains(word.lowercased()) }
    let named = all.filter { has($0.key.name) }
    return named + all.filter { !has($0.key.name) && (has($0.key.summary) || has($0.key.values) || has($0.lanes)) }
  }

  private init(_ key: LaneKey, _ samples: [Sample]) {
    self.key = key
    let fitting = samples.filter { key.obstacle($0.plan) == nil }
    let methods = Method.all.map(\.name).filter { name in fitting.contains { $0.method == name } }
    let first = fitting.first { $0.choice == nil } ?? fitting.first
    var scopes = methods.count < Method.all.count ? ["method " + methods.joined(separator: ", ")] : []
    var defaults: [(value: String, where: String)] = []
    // The values of one choice whose default differs from the first lane's.
    func note(_ choice: String, _ found: [(word: String, sample: Sample)]) {
      guard key.defaultWords == nil, key.name != choice else { return }
      for (word, sample) in found {
        guard let value = Sample.text(key.write(sample.plan)),
          value != Sample.text(first.flatMap { key.write($0.plan) })
        else { continue }
        if let last = defaults.last, last.value == value, last.where.hasPrefix(choice + " ") {
          defaults[defaults.count - 1].where += ", \(word)"
        } else {
          defaults.append((value, "\(choice) \(word)"))
        }
      }
    }
    note("method", fitting.filter { $0.choice == nil && $0.method != first?.method }.map { ($0.method, $0) })
    for (name, values) in Sample.choices where name != key.name {
      let possible = values.filter { value in samples.contains { $0.has(name, value) && methods.contains($0.method) } }
      let found = possible.filter { value in fitting.contains { $0.has(name, value) } }
      // A choice that only some methods have, such as the activation, does not apply to the others.
      let isOfAll = methods.allSatisfy { method in samples.contains { $0.choice?.name == name && $0.method == method } }
      if isOfAll, !found.isEmpty, found.count < possible.count {
        scopes.append("\(name) \(found.joined(separator: ", "))")
      }
      note(
        name,
        found.compactMap { value in
          fitting.first { $0.has(name, value) && $0.method == first?.method }.map { (value, $0) }
        })
    }
    lanes = scopes.joined(separator: "; ")
    let standard = key.defaultWords ?? first.flatMap { Sample.text(key.write($0.plan)) } ?? ""
    self.standard = ([standard] + defaults.map { "\($0.value) with \($0.where)" }).filter { !$0.isEmpty }
      .joined(separator: "; ")
  }
}

/// A lane of a method with one key that differs from its default.
private struct Sample {
  let plan: LanePlan
  let choice: (name: String, value: String)?

  var method: String { plan.method.name }

  func has(_ name: String, _ value: String) -> Bool { choice.map { $0 == (name, value) } ?? false }

  /// The keys that determine which other keys a lane has.
  static let choices: [(name: String, values: [String])] = [
    ("optimizer", Optimizer.Kind.allCases.map(\.rawValue)), ("schedule", Schedule.Kind.allCases.map(\.rawValue)),
    ("loss", Loss.allCases.map(\.rawValue)), ("batchNormalization", ["true", "false"]),
    ("ste", ["ste", "identity"]), ("activation", ["relu", "sign"]), ("weightScale", ["none", "mean"]),
    ("network", ["lenet-5"]), ("distillation", ["{from: teacher}"]),
  ]

  static let all: [Sample] = Method.all.flatMap { method in
    ([nil]
      + choices.flatMap { name, values in values.map { (name: name, value: $0) as (name: String, value: String)? } })
      .compactMap { choice in
        let key = choice.map { ", \($0.name): \($0.value)" } ?? ""
        let text = "lanes: [{name: teacher}, {name: lane, method: \(method.name)\(key)}]"
        return (try? ExperimentReader(source: "sample").read(text))?.lanes.last.map { Sample(plan: $0, choice: choice) }
      }
  }

  /// Formats a value as users write it.
  static func text(_ node: Node?) -> String? {
    switch node {
    case .scalar(let scalar)?: scalar.string
    case .sequence(let list)?: "[\(list.compactMap { text($0) }.joined(separator: ", "))]"
    case .mapping?, .alias?, nil: nil
    }
  }
}

extension KeyFacts {
  /// The reference page of all keys and methods, in Markdown.
  package static var page: String {
    let rows = all.map { facts in
      let key = facts.key
      let cells = [
        "`\(key.name)`\(key.isKnob ? " ◂" : "")", key.values, facts.standard, facts.lanes, key.summary,
      ]
      return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
    let methods = Method.all.map { method in
      let keys = method.keys.map { "`\($0.name)`" }.joined(separator: ", ")
      return "| `\(method.name)` | \(method.summary) | \(keys) | \(method.paper ?? "") |"
    }
    return """
      # Keys of a lane

      The keys of a lane, for experiments and for `--set`. `signflip keys WORD` searches this table.

      <!-- Generated by `signflip keys --markdown`; a test compares it with the table in the program. -->

      ## Overview

      A key without an entry under “lanes” applies to all lanes. Keys marked with ◂ can be changed during training.

      | key | values | default | lanes | what it does |
      |---|---|---|---|---|
      \(rows.joined(separator: "\n"))

      ## Methods

      | method | what it binarizes | its keys | paper |
      |---|---|---|---|
      \(methods.joined(separator: "\n"))

      """
  }
}
