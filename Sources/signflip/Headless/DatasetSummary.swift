import Datasets
import Foundation
import TrainingMetrics

/// A summary of a data set, for display and as JSON.
struct DatasetSummary: Encodable {
  /// A class, with its number of images in each part.
  struct Class: Encodable {
    var name: String
    var training, test: Int
  }

  /// The values of the training images.
  struct Values: Encodable {
    var smallest, largest: Int
    var mean, deviation: Double
  }

  var name, origin: String
  var trainingImages, testImages, height, width, channels: Int
  var classes: [Class]
  var values: Values
  @JSONLines.Null var reading: PixelReading?
  var notes: [String]

  /// The summary of a data set.
  init(_ set: Dataset) {
    (name, origin) = (set.name, set.origin)
    (trainingImages, testImages) = (set.training.count, set.test.count)
    (height, width, channels) = (set.training.height, set.training.width, set.training.channels)
    func counts(_ images: ImageDataset) -> [Int] {
      images.labels.reduce(into: [Int](repeating: 0, count: set.classes.count)) { $0[Int($1)] += 1 }
    }
    classes = zip(set.classes, zip(counts(set.training), counts(set.test))).map {
      Class(name: $0, training: $1.0, test: $1.1)
    }
    var histogram = [Int](repeating: 0, count: 256)
    for value in set.training.pixels { histogram[Int(value)] += 1 }
    let count = Double(set.training.pixels.count)
    let mean = histogram.enumerated().reduce(0) { $0 + Double($1.offset) * Double($1.element) } / count
    let square = histogram.enumerated().reduce(0) { sum, bin in
      sum + (Double(bin.offset) - mean) * (Double(bin.offset) - mean) * Double(bin.element)
    }
    values = Values(
      smallest: histogram.firstIndex { $0 > 0 } ?? 0, largest: histogram.lastIndex { $0 > 0 } ?? 0, mean: mean,
      deviation: (square / count).squareRoot())
    reading = set.reading
    notes = set.notes
  }

  /// One line per fact.
  var text: String {
    let color = channels == 1 ? "grey" : channels == 3 ? "colour" : "\(channels) values per pixel"
    let range = String(format: "mean %.2f, standard deviation %.2f", values.mean, values.deviation)
    var lines = [
      "\(name) from \(origin)",
      "images    \(NumberFormat.grouped(trainingImages)) for training + \(NumberFormat.grouped(testImages)) for testing, "
        + "\(width) × \(height), \(color)",
      "values    \(values.smallest) to \(values.largest), \(range) (training images)",
    ]
    if let largest = reading?.largestValue { lines.append("16 bits   \(largest) becomes 255") }
    if let background = reading?.background {
      lines.append("alpha     transparent pixels are blended with \(background == 0 ? "black" : "white")")
    }
    lines += notes.map { "note      \($0)" }
    var table = TextTable([.word("class"), .number("training"), .number("test")])
    table.rows = classes.map { [$0.name, NumberFormat.grouped($0.training), NumberFormat.grouped($0.test)] }
    return (lines.map(\.printableLine) + ["", table.text]).joined(separator: "\n")
  }
}
