import EngineProtocol
import Foundation
package import TerminalUI
import TrainingMetrics

extension Dashboard {
  /// Copies the lanes' figures and hyperparameters as text.
  mutating func copy() {
    guard !model.lanes.isEmpty else { return say("nothing to copy yet") }
    effects.append(.copy(report))
  }

  /// Reports whether the text was sent to the terminal, which does not confirm that it was copied.
  package mutating func didCopy(_ wasSent: Bool) {
    if wasSent { return say("figures and hyperparameters sent to the terminal's clipboard", .good) }
    let elsewhere = (model.run?.id).map { $0.isEmpty ? "" : "; signflip runs show \($0) prints the figures" } ?? ""
    say("this terminal has no clipboard\(elsewhere)", .warning)
  }

  /// `:save FILE`: writes the screen to a new file, in the form that its suffix asks for.
  mutating func save(_ path: String?) {
    guard let path else {
      let run = model.run.map { $0.id.isEmpty ? $0.name : $0.id } ?? "signflip"
      return beginCommand("save \(run)-\(isInLauncher ? "launcher" : live.screen.rawValue).svg")
    }
    guard let form = FrameDocument(path: path) else {
      return say("save: expected a file ending in .svg, .ans or .txt, found “\(path)”", .warning)
    }
    effects.append(.save(URL(filePath: LineEntry.expanded(path)).standardizedFileURL.path, form))
  }

  /// Returns the screen as a document of this form.
  package mutating func document(_ form: FrameDocument, width: Int, height: Int) -> String {
    schedule.isDue = true
    return form.text(render(width: width, height: height), theme: appearance.theme)
  }

  /// Reports whether the screen was written.
  package mutating func didSave(_ path: String, _ failure: (any Error)?) {
    if let failure { return say("not saved: \(failure)", .warning) }
    say("screen saved in \(path)", .good)
  }

  /// The lanes' figures and hyperparameters as YAML.
  var report: String {
    var lines: [String] = []
    if let run = model.run {
      lines.append("experiment: \(run.name)")
      lines.append("dataset: \(run.dataset)")
      lines.append("seed: \(run.seed)")
    }
    for lane in model.lanes {
      lines.append("\(lane.name):")
      lines.append("  step: \(lane.step)")
      if let loss = lane.latest(.trainLoss) { lines.append("  trainLoss: \(loss)") }
      if let report = lane.reports.last {
        lines.append("  validationLoss: \(report.validationLoss)")
        lines.append("  validationAccuracy: \(report.validationAccuracy)")
      }
      if let best = lane.best {
        lines.append("  bestValidationAccuracy: \(best.accuracy)")
        lines.append("  bestEpoch: \(best.epoch)")
      }
      if let accuracy = lane.testAccuracy { lines.append("  testAccuracy: \(accuracy)") }
      for setting in lane.snapshot?.hyperparameters ?? [] {
        lines.append("  \(setting.hyperparameter.rawValue): \(setting.value)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
