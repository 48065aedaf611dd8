import ArgumentParser
import Datasets
import Deployment
import Foundation
import NeuralNetworks
import Tensors
import TrainingMetrics

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Classify images with a packed model.",
    discussion: """
      Images are PNG or JPEG files, folders of them, or “-” for one image on standard input. They are read as the \
      training images were: transparent pixels are blended with the background of the training images (without one, white \
      for a dark drawing, otherwise black), and for a grey model colours become (299·red + 587·green + 114·blue + 500)/1000. \
      An EXIF orientation is not applied. Images of another size are resized with an antialiased triangle filter \
      (Pillow's BILINEAR), without keeping the ratio of width and height.

      Probabilities are the softmax of the logits. They are not calibrated.

      The exit status is 0 only if every image was classified.
      """)

  @Argument(help: ArgumentHelp("The model's file.", valueName: "file"))
  var file: String

  @Argument(help: ArgumentHelp("Images, folders of images, or “-” for standard input.", valueName: "image"))
  var images: [String]

  @Option(help: "Number of classes to print per image.")
  var top = 3

  @Flag(help: "Invert brightness: for black on white, if the model was trained on white on black.")
  var invert = false

  @Option(help: "Number of threads.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Flag(help: "Print one JSON object per image: file, class, index, logits, probabilities.")
  var json = false

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("expected --threads from 1 to 1024, found \(threads)")
    }
    guard top > 0 else { throw ValidationError("expected --top from 1, found \(top)") }
    guard images.count(where: { $0 == "-" }) < 2 else {
      throw ValidationError("expected “-” only once, because standard input is one image")
    }
  }

  func run() throws {
    let model = try PackedModel(path: file)
    let size = model.data.image
    guard size.channels == 1 || size.channels == 3 else {
      throw TrainingError("\(file): expected a model of grey or colour images, found one of \(size)")
    }
    let fitter = ImageFitter(
      width: size.width, height: size.height, channels: size.channels, largestValue: model.stored?.largestValue,
      background: model.stored?.background, inverts: invert)
    var report = PredictionReport(model, top: top, json: json, isList: images.count > 1)
    let sources = gather(&report)
    let runtime = PackedRuntime(model.network, Compute(threads: threads), batch: sources.count == 1 ? 1 : nil)
    let round = 256
    for start in stride(from: 0, to: sources.count, by: round) {
      let part = Array(sources[start..<min(sources.count, start + round)])
      let results = fitter.images(part)
      let fitted = zip(part, results).compactMap { source, result in
        (try? result.get()).map { (source: source, image: $0) }
      }
      for case .failure(let error) in results { report.fail(error) }
      let predictions = Prediction.all(runtime, fitted.map(\.image.bytes))
      for (item, prediction) in zip(fitted, predictions) { try report.add("\(item.source)", item.image, prediction) }
      report.progress.show("predicting", Double(min(sources.count, start + round)) / Double(sources.count))
    }
    try report.finish()
  }

  // The images of all arguments.
  private func gather(_ report: inout PredictionReport) -> [ImageSource] {
    var sources: [ImageSource] = []
    for name in images {
      do {
        if name == "-" {
          sources.append(try Self.standardInput())
        } else if let folder = try ImageSource.images(inFolder: name) {
          report.isList = true
          sources += folder
        } else {
          sources.append(ImageSource(path: name))
        }
      } catch {
        report.fail(error)
      }
    }
    return sources
  }

  private static func standardInput() throws -> ImageSource {
    let name = "standard input"
    guard isatty(STDIN_FILENO) == 0 else {
      throw TrainingError("\(name): expected a PNG or JPEG image, found a terminal")
    }
    do {
      let bytes = try FileHandle.standardInput.readToEnd().map { [UInt8]($0) } ?? []
      return ImageSource(bytes: bytes, name: name)
    } catch {
      throw TrainingError("\(name): cannot be read: \(error.localizedDescription)")
    }
  }
}

/// Prints predictions, and notes about converted images.
private struct PredictionReport {
  /// The progress line on standard error.
  let progress = ShareLine()
  /// Whether to print a line per image rather than a line per class.
  var isList: Bool

  private let model: PackedModel
  private let top: Int
  private let json: Bool
  private var rows: [(name: String, prediction: Prediction)] = []
  private var failures: [any Error] = []
  private var resized: [String: Int] = [:]
  private var (count, grey, turned) = (0, 0, 0)
  private var warning: String?

  init(_ model: PackedModel, top: Int, json: Bool, isList: Bool) {
    (self.model, self.top, self.json) = (model, min(top, model.data.classes.count), json)
    self.isList = isList
  }

  /// Adds an image that can't be read.
  mutating func fail(_ error: any Error) {
    failures.append(error)
    if isList { progress.note("\(error)") }
  }

  /// Adds an image. JSON is printed at once.
  mutating func add(_ name: String, _ image: FittedImage, _ prediction: Prediction) throws {
    count += 1
    if image.isResized { resized["\(image.width)×\(image.height)", default: 0] += 1 }
    if image.isTurnedGrey { grey += 1 }
    if image.orientation != 1 { turned += 1 }
    if let text = image.warning, warning == nil { warning = "\(name): \(text)" }
    guard json else { return rows.append((name, prediction)) }
    progress.clear()
    try StandardStream.output.print(JSONLines.text(PredictionLine(name, image, prediction, model.data.classes)))
  }

  /// Prints the table and the notes.
  /// - Throws: `TrainingError` if an image could not be read.
  func finish() throws {
    progress.clear()
    if !json, !rows.isEmpty {
      try StandardStream.output.print(isList ? list : classes(of: rows[0].prediction))
      for note in notes { try StandardStream.output.print("(\(note))") }
    }
    guard failures.isEmpty else {
      guard isList else { throw failures[0] }
      let images = failures.count == 1 ? "1 image or folder" : "\(failures.count) images or folders"
      throw TrainingError("\(images) of \(failures.count + count) can't be read")
    }
  }

  private func classes(of prediction: Prediction) -> String {
    var table = TextTable([.word("class"), .number("probability"), .number("logit")])
    let probabilities = prediction.probabilities
    for label in prediction.ranking.prefix(top) {
      table.rows.append([
        name(label), NumberFormat.percent(probabilities[label], decimals: 1),
        NumberFormat.significant(Double(prediction.logits[label])),
      ])
    }
    return table.text
  }

  private var list: String {
    var table = TextTable(
      [.word("image")] + (0..<top).flatMap { [.word($0 == 0 ? "class" : "then"), .number("probability")] })
    for row in rows {
      let probabilities = row.prediction.probabilities
      table.rows.append(
        [row.name]
          + row.prediction.ranking.prefix(top).flatMap { label in
            [name(label), NumberFormat.percent(probabilities[label], decimals: 1)]
          })
    }
    return table.text
  }

  private func name(_ label: Int) -> String {
    let name = model.data.classes[label]
    return name == "\(label)" ? name : "\(label) \(name)"
  }

  private var notes: [String] {
    let size = model.data.image
    var notes: [String] = []
    func images(_ number: Int) -> String { count == 1 ? "the image" : "\(NumberFormat.grouped(number)) of \(count)" }
    if let first = resized.keys.sorted().first {
      let sizes = resized.count == 1 ? "from \(first)" : "from \(resized.count) sizes, such as \(first),"
      notes.append("resized \(sizes) to \(size.width)×\(size.height): \(images(resized.values.reduce(0, +)))")
    }
    if grey > 0 { notes.append("colours converted to grey, as the model needs: \(images(grey))") }
    if turned > 0 { notes.append("EXIF orientation not applied: \(images(turned))") }
    if let warning { notes.append("warning of the decoder: \(warning)") }
    return notes
  }
}

/// A prediction in JSON.
private struct PredictionLine: Encodable {
  var file: String
  var `class`: String
  var index: Int
  var logits: [Float]
  var probabilities: [Double]
  /// Width and height of the file's image if it was resized.
  var resizedFrom: [Int]?
  var turnedGrey: Bool
  var orientation: Int?
  var warning: String?

  init(_ name: String, _ image: FittedImage, _ prediction: Prediction, _ classes: [String]) {
    file = name
    index = prediction.ranking[0]
    `class` = classes[index]
    (logits, probabilities) = (prediction.logits, prediction.probabilities)
    resizedFrom = image.isResized ? [image.width, image.height] : nil
    turnedGrey = image.isTurnedGrey
    orientation = image.orientation == 1 ? nil : image.orientation
    warning = image.warning
  }
}
