import ArgumentParser
import Datasets
import Foundation
import TrainingMetrics

struct CheckData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Read a data set and tell what it is: counts, size, classes, what was ignored.",
    discussion: """
      Reads all of it, exactly as a training does, and trains nothing. The exit status is 0 where it can be trained on. \
      What the reader ignored, guessed or changed is told as notes.

      --output writes the images and labels as they are trained on into a new file of NumPy's, in the form of Keras' \
      data sets: x_train and x_test are bytes of the shape [images, height, width] of grey or [images, height, width, 3] \
      of colour, y_train and y_test are labels, classes are their names. In Python: numpy.load("set.npz")["x_train"].
      """)

  @Argument(help: "A data set's name, or a folder with its files.")
  var dataset: String

  @Option(help: ArgumentHelp("A folder to look for data sets in first.", valueName: "dir"))
  var data: String?

  @Flag(help: "Go on without image files that cannot be read.")
  var skipUnreadable = false

  @Flag(help: "Print one JSON object.")
  var json = false

  @Option(name: [.short, .long], help: ArgumentHelp("A new file for the arrays.", valueName: "file.npz"))
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
