import ArgumentParser
import Foundation
import Sweeps
import Training
import TrainingMetrics

struct SweepCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Check a sweep's file, and tell what the sweep comes to.",
    discussion: """
      Prints trials, epochs, hours on this machine, and bytes on disk. Time and bytes are measured: up to three trials, \
      spread over the sweep, are trained for some seconds in a temporary folder.
      """)

  @Argument(help: "The sweep's YAML file, or a built-in sweep's name.", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"), completion: .directory)
  var data: String?

  @Flag(help: "List all trials.")
  var list = false

  @Flag(help: "Measure nothing: only check the file.")
  var noMeasure = false

  @OptionGroup var workers: WorkerOptions

  func run() throws {
    let definition = try SweepReader(beside: file).read(SweepLibrary.text(ofFileOrName: file))
    let trials = try definition.trials()
    try definition.check(trials, environment: ProcessInfo.processInfo.environment)
    let epochs = SweepEstimate.epochs(of: definition, trials)
    var lines = [
      "sweep       \(definition.name): \(definition.search.rawValue) over \(definition.experimentName)",
      "trials      \(trials.count): \(trials.last?.setting ?? 0) settings, \(definition.seeds.count) seeds",
      "epochs      \(epochs)" + (definition.search == .halving ? ", compared after \(rungs(definition))" : ""),
      "objective   \(definition.objective.text), \(definition.objective.measure.isMaximized ? "maximized" : "minimized")",
    ]
    if !noMeasure {
      let count = workers.count(for: definition)
      let estimate = try SweepEstimate(definition, trials, dataDirectory: data) { .forTrial() }
      let seconds =
        Double(epochs) * estimate.secondsPerEpoch + Double(trials.count) * estimate.startSeconds
      let hours = String(format: seconds < 36000 ? "%.2f" : "%.0f", seconds / 3600 / Double(count))
      lines += [
        "hours       about \(hours) with \(count) \(count == 1 ? "worker" : "workers"): "
          + String(format: "%.2f s an epoch, %.1f s to start, ", estimate.secondsPerEpoch, estimate.startSeconds)
          + "measured on \(estimate.samples.count) trials",
        "disk        about \(NumberFormat.size(trials.count * estimate.bytesPerTrial)): "
          + "\(NumberFormat.size(estimate.bytesPerTrial)) for each run",
      ]
    }
    if list { lines += trials.map { "\($0.number)  \($0.words)" } }
    try StandardStream.output.print(lines.joined(separator: "\n"))
  }

  private func rungs(_ definition: SweepDefinition) -> String {
    definition.rungs.map(String.init).joined(separator: ", ")
  }
}
