import ArgumentParser
import EngineProtocol
import Training

/// Options of all commands that train, which change an experiment.
struct ExperimentOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Set a key of a lane, lane.key=value, or of all lanes, key=value. An empty value, lane.key=, removes the key.",
      valueName: "change"), completion: .list(LaneKey.all.filter { $0.name != "name" }.map { "\($0.name)=" }))
  var changes: [String] = []

  @Option(
    parsing: .unconditional, help: "Number of epochs to train.",
    transform: { word in
      guard let epochs = WrittenNumber.whole(word) else { throw ValidationError("expected a whole number") }
      return epochs
    })
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: "The seed of all random numbers.",
    transform: { word in
      guard let seed = WrittenNumber.unsigned(word) else {
        throw ValidationError("expected a whole number from 0 to \(UInt64.max)")
      }
      return seed
    })
  var seed: UInt64?

  @Option(parsing: .unconditional, help: "Threads per lane. (default: the cores divided among the lanes)")
  var threads: Int?

  @Option(help: ArgumentHelp("The lanes to train, separated by commas. (default: all)", valueName: "names"))
  var lanes: String?

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The name of a data set, or a folder with its files.", valueName: "name|dir"))
  var dataset: String?

  @Flag(help: "Skip image files that cannot be read; they are listed and recorded.")
  var skipUnreadable = false

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs: expected a whole number from 1, found \(epochs)") }
    // Above its limits the system would terminate the program.
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads: expected a whole number from 1 to 1024, found \(threads)")
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
