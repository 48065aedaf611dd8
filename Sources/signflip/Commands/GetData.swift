import ArgumentParser
import Datasets
import Foundation

struct GetData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Download a data set.",
    discussion: """
      Downloads to --data, otherwise to $SIGNFLIP_DATA, otherwise to $XDG_DATA_HOME/signflip/datasets (by default \
      ~/.local/share/signflip/datasets). Rerun the command to resume an interrupted download. \
      A complete data set is left unchanged, and existing files are never overwritten.

      The SHA-256 of every file is checked, whatever its source; a wrong file is deleted. --from takes a URL (http, https \
      or file), a file, or a folder. For the data sets that are an archive (cifar-10, cifar-100), the URL is the archive, or \
      its folder if it ends with /. For the other data sets, the URL is the folder with the four files, or one of them. \
      If the source has different checksums than the known mirrors, because it compresses the files differently, give them: \
      --sha256 once for each file of the source, in the order \(Self.order).

      The exit status is 0 only when the data set is complete.
      """)

  private static let order = "train-images, train-labels, t10k-images, t10k-labels"

  @Argument(help: "The data set.")
  var name: DownloadableDataset

  @Option(help: ArgumentHelp("The folder of data sets to download to.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("A source to use instead of the known mirrors.", valueName: "url|file"))
  var from: String?

  @Option(
    name: .customLong("sha256"),
    help: ArgumentHelp("The expected checksum of a file from --from, instead of the known one.", valueName: "hex"))
  var sha256: [String] = []

  func validate() throws {
    if from == nil, !sha256.isEmpty { throw ValidationError("--sha256 requires --from") }
  }

  func run() throws {
    let download = try DatasetDownload(
      name, dataDirectory: data, environment: ProcessInfo.processInfo.environment, source: from, sha256: sha256)
    let interrupts = InterruptFlag()
    let line = ProgressLine()
    defer { line.clear() }
    let observer = DownloadObserver(
      note: line.note, progress: line.show, isInterrupted: interrupts.takeNew)
    let result = try download.run(observer)
    line.clear()
    switch result {
    case .foundAlready(let folder):
      try StandardStream.output.print("\(name.rawValue) is already in \(folder)")
    case .complete(let folder): try StandardStream.output.print("\(name.rawValue) is in \(folder)")
    case .incomplete(let folder, let missing):
      throw TrainingError(
        "\(folder): \(missing.joined(separator: ", ")) still missing: \(from ?? "") has no more files")
    }
  }
}

extension DownloadableDataset: ExpressibleByArgument {}
