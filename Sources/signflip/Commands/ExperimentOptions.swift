import ArgumentParser
import EngineProtocol
import Training

/// Options of all commands that train, which change an experiment.
struct ExperimentOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Change a lane's key, or that of all lanes: lane.key=value or key=value; lane.key= takes it away.",
      valueName: "change"), completion: .list(LaneKey.all.filter { $0.name != "name" }.map { "\($0.name)=" }))
  var changes: [String] = []

  @Option(
    parsing: .unconditional, help: "How many epochs to train.",
    transform: { word in
      guard let epochs = WrittenNumber.whole(word) else { throw ValidationError("expected a whole number") }
      return epochs
    })
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: "The seed of every random draw.",
    transform: { word in
      guard let seed = WrittenNumber.unsigned(word) else {
        throw ValidationError("expected a whole number of 0 to \(UInt64.max)")
      }
      return seed
    })
  var seed: UInt64?

  @Option(parsing: .unconditional, help: "Threads of each lane. Without it the lanes share the cores.")
  var threads: Int?

  @Option(help: ArgumentHelp("The lanes to train, with commas between. Without it all are.", valueName: "names"))
  var lanes: String?

  @Option(help: ArgumentHelp("A folder to look for data sets in first.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("A data set's name, or a folder with its files.", valueName: "name|dir"))
  var dataset: String?

  @Flag(help: "Go on without image files that cannot be read; they are counted, named and recorded.")
  var skipUnreadable = false

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs: expected a whole number from 1, found \(epochs)") }
    // Above its limits the system would terminate the program.
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected a whole number of 1 to 1024, found \(threads)")
    }
  }

  /// Returns the request for a preset's name or a file; nil for the default preset. A file is read here, because it may
  /// be a pipe, to which the engine's process has no access.
  /// - Throws: `ExperimentError` if the file can't be read.
  func request(for experiment: String?) throws -> ExperimentRequest {
    let source: ExperimentRequest.Source =
      switch experiment {
      case nil: .preset(nil)
      case let name? where name.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml"):
        .text(try ExperimentResolver.read(name, as: "an experiment"), name: name)
      case let name?: .preset(name)
      }
    return ExperimentRequest(
      source: source, dataset: dataset, dataDirectory: data, epochs: epochs, seed: seed,
      settings: changes + (skipUnreadable ? ["skipUnreadable=true"] : []),
      lanes: lanes.map { $0.split(separator: ",").map(String.init) }, threads: threads)
  }
}
