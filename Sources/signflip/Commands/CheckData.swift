import ArgumentParser
import Datasets
import Foundation
import TrainingMetrics

struct CheckData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read a data set and print a summary: counts, size, classes, what was ignored.",
    discussion: """
      Reads the whole data set, exactly as training does. The exit status is 0 if it can be trained on. \
      Notes say what the reader ignored, guessed or changed.

      --output writes the images and labels to a new NumPy file, in the form of Keras' \
      data sets: x_train and x_test are bytes of shape [images, height, width] for grey or [images, height, width, 3] \
      for colour, y_train and y_test are labels, classes are their names. In Python: numpy.load("set.npz")["x_train"].
      """)

  @Argument(help: "The name of a data set, or a folder with its files.")
  var dataset: String

  @Option(help: ArgumentHelp("A folder to search for data sets first.", valueName: "dir"))
  var data: String?

  @Flag(help: "Skip image files that cannot be read.")
  var skipUnreadable = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(name: [.short, .long], help: ArgumentHelp("The new file for the arrays.", valueName: "file.npz"))
  var output: String?

  func run() throws {
    let library = DatasetLibrary(dataDirectory: data, environment: ProcessInfo.processInfo.environment)
    let set = try library.load(dataset, skippingUnreadable: skipUnreadable, progress: nil)
    try output.map(set.writeNPZ)
    let summary = DatasetSummary(set)
    if json {
      try StandardStream.output.write(JSONLines.text(summary) + "\n")
    } else {
      try StandardStream.output.print(summary.text)
    }
  }
}
