import ArgumentParser
import Datasets
import Foundation

struct GetData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get", abstract: "Download a data set.",
    discussion: """
      It comes into --data, $SIGNFLIP_DATA, or $XDG_DATA_HOME/signflip/datasets (by default \
      ~/.local/share/signflip/datasets), the first of them that is given. What broke off is gone on with by the same \
      command. What is there whole is left alone, and no file is ever written over.

      Every file is checked by its SHA-256, wherever it comes from; a wrong one is deleted. --from takes an address of \
      http, https or file, a file, or a folder. An archive (cifar-10, cifar-100) is taken from the address itself, or \
      from the folder where it ends in /. Of the others the address is the folder with the four files, or one of them. \
      Where the source packs the files in another way than the known mirrors, say which checksums are right: --sha256 \
      once for each file that the source has, in the order \(Self.order).

      The exit status is 0 only when the data set is complete.
      """)

  private static let order = "train-images, train-labels, t10k-images, t10k-labels"

  @Argument(help: "The data set.")
  var name: DownloadableDataset

  @Option(help: ArgumentHelp("The folder of data sets to put it into.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("Another source than the known mirrors.", valueName: "url|file"))
  var from: String?

  @Option(
    name: .customLong("sha256"),
    help: ArgumentHelp("The checksum to expect of what --from has, instead of the known one.", valueName: "hex"))
  var sha256: [String] = []

  func validate() throws {
    if from == nil, !sha256.isEmpty { throw ValidationError("--sha256 is for what --from has") }
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
      try StandardStream.output.print("\(name.rawValue) is in \(folder) already: nothing to get")
    case .complete(let folder): try StandardStream.output.print("\(name.rawValue) is in \(folder)")
    case .incomplete(let folder, let missing):
      throw TrainingError("\(folder): \(missing.joined(separator: ", ")) still missing: \(from ?? "") has no more")
    }
  }
}

extension DownloadableDataset: ExpressibleByArgument {}
