import EngineProtocol
import Training

/// The trials of a sweep as comma-separated values, which `pandas.read_csv` reads without options.
package enum SweepTable {
  /// Returns one row for each trial: its parameters, state, objective, and what each lane has reached. Missing values are
  /// empty.
  package static func trials(_ survey: SweepSurvey) -> String {
    let directory = survey.directory
    let definition = directory.definition
    let lanes = definition.experiment.lanes.map(\.name)
    let measures = ["validationAccuracy", "bestEpoch", "steps", "packedBytes", "weightsSHA256"]
    var lines = [
      ["trial", "setting", "seed"] + definition.parameters.map(\.name) + [
        "state", "objective", "epochs", "seconds", "starts",
      ]
        + lanes.flatMap { lane in measures.map { "\(lane).\($0)" } } + ["failure", "run"]
    ]
    for standing in survey.standings {
      let (trial, record) = (standing.trial, standing.record)
      let values = definition.parameters.map { parameter in trial.values.first { $0.name == parameter.name }?.value }
      let results = lanes.flatMap { name -> [String?] in
        let lane = record?.lanes.first { $0.lane == name }
        return [
          lane?.bestValidationAccuracy.map(WrittenNumber.text), lane?.bestEpoch.map(String.init),
          lane.map { String($0.steps) }, lane?.packedBytes.map(String.init), lane?.weightsSHA256,
        ]
      }
      let head: [String?] = ["\(trial.number)", "\(trial.setting)", "\(trial.seed)"]
      let state: [String?] = [
        standing.state.rawValue, survey.objective(standing).map(WrittenNumber.text), "\(record?.longestEpochs ?? 0)",
        WrittenNumber.text(((record?.seconds ?? 0) * 1000).rounded() / 1000), "\(record?.starts ?? 0)",
      ]
      let tail: [String?] = [record?.failure, directory.run(of: trial.number)]
      lines.append((head + values + state + results + tail).map { $0 ?? "" })
    }
    return text(lines)
  }

  /// Returns one row for each epoch of each lane of each trial.
  package static func curves(_ survey: SweepSurvey) -> String {
    var lines = [
      ["trial", "setting", "seed", "lane", "epoch", "validationAccuracy", "validationLoss", "trainLoss", "seconds"]
    ]
    for standing in survey.standings {
      let trial = standing.trial
      for (lane, epochs) in (standing.record?.epochs ?? [:]).sorted(by: { $0.key < $1.key }) {
        for epoch in epochs {
          lines.append([
            "\(trial.number)", "\(trial.setting)", "\(trial.seed)", lane, "\(epoch.epoch)",
            WrittenNumber.text(epoch.validationAccuracy), WrittenNumber.text(epoch.validationLoss),
            epoch.trainLoss.map(WrittenNumber.text) ?? "", epoch.seconds.map(WrittenNumber.text) ?? "",
          ])
        }
      }
    }
    return text(lines)
  }

  // RFC 4180: a cell with a comma, a quotation mark or a line break is quoted.
  private static func text(_ lines: [[String]]) -> String {
    lines.map { $0.map(cell).joined(separator: ",") + "\n" }.joined()
  }

  private static func cell(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"\(text.replacing("\"", with: "\"\""))\""
  }
}
