import EngineProtocol
import TerminalUI
import TrainingMetrics

/// A column of the table of trials: by it trials are sorted and filtered.
package enum TrialColumn: Hashable, Sendable {
  case trial, setting, seed, state, epochs, objective, seconds, worker
  /// The parameter with this index.
  case parameter(Int)

  /// All columns of a sweep, from left to right.
  static func all(of sweep: SweepSnapshot) -> [TrialColumn] {
    [.trial, .setting] + sweep.parameters.indices.map(TrialColumn.parameter) + [
      .seed, .state, .epochs, .objective, .seconds, .worker,
    ]
  }

  /// The heading: of a parameter its key without the lane, if that is clear.
  func title(in sweep: SweepSnapshot) -> String {
    switch self {
    case .trial: "trial"
    case .setting: "setting"
    case .seed: "seed"
    case .state: "state"
    case .epochs: "epochs"
    case .objective: sweep.objective.shortName
    case .seconds: "time"
    case .worker: "worker"
    case .parameter(let index): sweep.shortName(ofParameter: index)
    }
  }

  /// The names in filters and commands: the heading and the full key.
  func names(in sweep: SweepSnapshot) -> [String] {
    let title = title(in: sweep)
    return switch self {
    case .objective: [title, "objective", sweep.objective.text]
    case .seconds: [title, "seconds"]
    case .state: [title, "status"]
    case .parameter(let index): [title, sweep.parameters[index].name]
    default: [title]
    }
  }

  /// The value of a trial as text; nil if it has none.
  func text(of trial: SweepSnapshot.Trial, in sweep: SweepSnapshot) -> String? {
    switch self {
    case .trial: "\(trial.number)"
    case .setting: "\(trial.setting)"
    case .seed: "\(trial.seed)"
    case .state: trial.state.rawValue
    case .epochs: "\(trial.epochs)/\(trial.plannedEpochs)"
    case .objective: trial.objective.map(sweep.objective.text(of:))
    case .seconds: trial.seconds > 0 ? NumberFormat.duration(seconds: trial.seconds) : nil
    case .worker: trial.worker ?? trial.host
    case .parameter(let index): trial.values[index]
    }
  }

  /// The value of a trial as a number; nil if it is none.
  func number(of trial: SweepSnapshot.Trial) -> Double? {
    switch self {
    case .trial: Double(trial.number)
    case .setting: Double(trial.setting)
    case .seed: Double(trial.seed)
    case .epochs: Double(trial.epochs)
    case .objective: trial.objective
    case .seconds: trial.seconds
    case .parameter(let index): trial.values[index].flatMap(Double.init)
    case .state, .worker: nil
    }
  }

  /// Whether numbers stand in it, at the right end of the column.
  var isNumeric: Bool { self != .state && self != .worker }

  /// Whether the most interesting values are the largest ones, so that they are sorted to the top.
  func isDescendingAtFirst(in sweep: SweepSnapshot) -> Bool {
    switch self {
    case .objective: sweep.objective.isMaximized
    case .epochs, .seconds: true
    default: false
    }
  }

  /// Returns the column of a name; nil if there is none.
  static func named(_ name: String, in sweep: SweepSnapshot) -> TrialColumn? {
    let wanted = name.lowercased()
    return all(of: sweep).first { $0.names(in: sweep).contains { $0.lowercased() == wanted } }
  }
}

extension SweepSnapshot {
  /// A parameter's key without the lane, if no other parameter has the same.
  func shortName(ofParameter index: Int) -> String {
    func short(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? name }
    let own = short(parameters[index].name)
    return parameters.count { short($0.name) == own } > 1 ? parameters[index].name : own
  }

  /// The values of a trial for display: “learningRate=0.003 batchSize=100”.
  func words(of trial: Trial) -> String {
    let parts = parameters.indices.compactMap { index in
      trial.values[index].map { "\(shortName(ofParameter: index))=\($0)" }
    }
    return parts.isEmpty ? "as the experiment has it" : parts.joined(separator: " ")
  }
}

extension SweepSnapshot.Objective {
  /// One or two words for headings.
  var shortName: String {
    switch text.split(separator: ".").last {
    case "validationAccuracy": "accuracy"
    case "lastValidationAccuracy": "last accuracy"
    case "validationLoss": "loss"
    case "lastValidationLoss": "last loss"
    default: text
    }
  }

  /// The unit of its values on an axis.
  var unit: ChartUnit { isMaximized ? .percent : .plain }

  /// A value: accuracies as percentages.
  func text(of value: Double) -> String { isMaximized ? NumberFormat.percent(value) : NumberFormat.loss(value) }
}
