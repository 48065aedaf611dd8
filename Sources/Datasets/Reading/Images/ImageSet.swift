/// The images of a set. All are read in the same way, which is determined by examining all of them first.
struct ImageSet {
  /// A file with its class.
  struct Item: Sendable {
    var path: SystemPath
    var label: UInt8
  }

  /// An unreadable file, with the reason.
  private struct BadFile {
    var item: Item
    var error: DatasetError
  }

  /// The result of examining a file.
  private struct Look: Sendable {
    var header: ImageHeader
    var survey: PixelSurvey
  }

  /// The images read of a part.
  struct Part {
    var width: Int
    var height: Int
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
  }

  /// The training images.
  let training: [Item]
  /// The test images.
  let test: [Item]
  /// Whether to skip unreadable files.
  let skipsUnreadable: Bool

  /// Notes for the user, one sentence each.
  private(set) var notes: [String] = []
  /// How stored values are converted to bytes.
  private(set) var reading = PixelReading(channels: 1)
  private var badFiles: [BadFile] = []
  private var warnings: (count: Int, first: String)?

  /// A set that has not been read yet.
  init(training: [Item], test: [Item], skipsUnreadable: Bool) {
    self.training = training
    self.test = test
    self.skipsUnreadable = skipsUnreadable
  }

  /// Reads all images.
  /// - Parameter progress: called on the calling thread with the part that is being read, and the percentage that is
  ///   done.
  /// - Throws: `DatasetError` about files that are damaged, unreadable or of another size.
  mutating func read(progress: (_ isTraining: Bool, Int) -> Void) throws -> (training: Part, test: Part) {
    let looks = [training, test].map { parallelMap($0, progress: { _ in }, Self.look) }
    let headers = looks.map { $0.compactMap { try? $0.get().header } }
    guard let size = Self.commonSize(of: headers[0]) ?? Self.commonSize(of: headers[1]) else {
      for (items, looks) in zip([training, test], looks) { noteFailures(items, looks) }
      throw badFilesError()
    }
    let isFirst = headers[0].first.map { $0.width == size.width && $0.height == size.height } ?? true
    let expected = "\(size.size) pixels as \(isFirst ? "the first image has" : "most images have")"
    // Files of another size are not examined further.
    let fitting = zip([training, test], looks).map { items, looks in
      zip(items, looks).map { item, look in
        look.flatMap { look in
          if look.header.width == size.width, look.header.height == size.height { return .success(look) }
          return .failure(
            DatasetError(.mismatch, path: "\(item.path)", expected: expected, found: look.header.size))
        }
      }
    }
    decide(fitting)
    let parts = try zip([training, test], fitting).enumerated().map { index, part in
      let count = part.1.count { (try? $0.get()) != nil }
      guard count <= DatasetFile.largestSize / (size.width * size.height * reading.channels) else {
        throw DatasetError(
          .tooLarge, path: "\(part.0[0].path)", expected: "at most \(DatasetFile.largestSize) bytes of pixels",
          found: "\(count) images of \(size.width * size.height * reading.channels) bytes")
      }
      return pixels(part.0, part.1, size, isTraining: index == 0) { progress(index == 0, $0) }
    }
    try settleBadFiles()
    if let warnings {
      notes.append(
        "\(Self.images(warnings.count)) with decoder warnings, which are used nevertheless: \(warnings.first)")
    }
    return (parts[0], parts[1])
  }

  // MARK: Examining

  private static func look(_ item: Item) -> Result<Look, DatasetError> {
    attempt(item) {
      let file = try ImageFile(path: item.path)
      var survey = PixelSurvey()
      let needsSamples = file.header.hasAlpha || file.header.depth == 16
      survey.add(file.header, needsSamples ? try file.samples().0 : nil)
      return Look(header: file.header, survey: survey)
    }
  }

  private static func attempt<Value>(_ item: Item, _ body: () throws -> Value) -> Result<Value, DatasetError> {
    do {
      return .success(try body())
    } catch let error as DatasetError {
      return .failure(error)
    } catch {
      return .failure(DatasetError(.unreadable, "\(item.path): cannot be read", cause: error))
    }
  }

  /// Returns the header of the first image of the most common size; nil if there are no images.
  private static func commonSize(of headers: [ImageHeader]) -> ImageHeader? {
    var counts: [String: Int] = [:]
    for header in headers { counts[header.size, default: 0] += 1 }
    let most = counts.values.max()
    return headers.first { counts[$0.size] == most }
  }

  /// Determines how all images are read, from those of the training part.
  private mutating func decide(_ looks: [[Result<Look, DatasetError>]]) {
    let good = looks.map { $0.compactMap { try? $0.get() } }
    let surveys = good.map { looks in
      looks.reduce(into: PixelSurvey()) { $0.add($1.survey) }
    }
    let (training, test) = (surveys[0], surveys[1])
    let (colored, grey) = (training.colored + test.colored, training.grey + test.grey)
    reading.channels = colored > 0 ? 3 : 1
    if colored > 0, grey > 0 {
      notes.append("\(Self.images(grey)) of \(colored + grey) in grey, converted to colour like the others")
    }
    let deep = training.deep + test.deep
    if deep > 0 {
      let largest = training.deep > 0 ? max(1, training.largestValue) : 0xFFFF
      reading.largestValue = largest
      notes.append(
        "\(Self.images(deep)) of 16 bits: values from 0 to \(largest), the largest of the training images, become 0 to 255"
      )
      if test.largestValue > largest {
        notes.append("test images of 16 bits have values up to \(test.largestValue): those above \(largest) become 255")
      }
    }
    let transparent = training.transparent + test.transparent
    if transparent > 0 {
      // Otherwise dark ink would vanish on black, or light ink on white.
      let ink = training.transparent > 0 ? training : test
      let background = ink.meanInk(largest: reading.largestValue ?? 0xFFFF) < 127.5 ? 255 : 0
      reading.background = background
      notes.append(
        "\(Self.images(transparent)) with transparent pixels, blended with \(background == 0 ? "black" : "white"): "
          + "their content is \(background == 0 ? "light" : "dark")")
    }
    let turned = good.joined().count { $0.header.orientation != 1 }
    if turned > 0 {
      notes.append("\(Self.images(turned)) with an EXIF orientation, which is ignored")
    }
  }

  // MARK: Reading

  private struct Image: Sendable {
    var bytes: [UInt8]
    var warning: String?
    var isConstant: Bool
  }

  private mutating func pixels(
    _ items: [Item], _ looks: [Result<Look, DatasetError>], _ size: ImageHeader, isTraining: Bool,
    progress: (Int) -> Void
  ) -> Part {
    let reading = reading
    var part = Part(width: size.width, height: size.height)
    part.pixels.reserveCapacity(items.count * size.width * size.height * reading.channels)
    var (constant, firstConstant): (Int, SystemPath?) = (0, nil)
    var firstImage: [UInt8]?
    var areAllEqual = true
    // One part at a time, so that only the decoded images of one round are in memory besides the result.
    let round = 2_048
    for start in stride(from: 0, to: items.count, by: round) {
      let places = Array(start..<min(items.count, start + round))
      let images = parallelMap(places, progress: { _ in }) { place in
        looks[place].flatMap { _ in
          Self.attempt(items[place]) {
            let file = try ImageFile(path: items[place].path)
            let (samples, warning) = try file.samples()
            let bytes = reading.bytes(of: samples, file.header)
            // A file that was changed meanwhile must not shift the following ones.
            guard bytes.count == size.width * size.height * reading.channels else {
              throw DatasetError(.mismatch, "\(items[place].path): it was changed while being read")
            }
            let isConstant = !bytes.contains { $0 != bytes[0] }
            return Image(bytes: bytes, warning: warning ?? file.header.warning, isConstant: isConstant)
          }
        }
      }
      for (place, image) in zip(places, images) {
        let item = items[place]
        switch image {
        case .success(let image):
          part.pixels += image.bytes
          part.labels.append(item.label)
          if let text = image.warning {
            if warnings == nil { warnings = (0, "\(item.path): \(text)") }
            warnings?.count += 1
          }
          if image.isConstant {
            constant += 1
            firstConstant = firstConstant ?? item.path
          }
          if let firstImage { areAllEqual = areAllEqual && firstImage == image.bytes } else { firstImage = image.bytes }
        case .failure(let error): badFiles.append(BadFile(item: item, error: error))
        }
      }
      progress(100 * min(items.count, start + round) / items.count)
    }
    let kind = isTraining ? "training" : "test"
    if part.labels.count > 1, areAllEqual {
      notes.append("all \(part.labels.count) \(kind) images are identical: there is nothing to learn")
    } else if constant > 0, let firstConstant {
      notes.append(
        "\(constant) of \(part.labels.count) \(kind) images are constant, such as \(firstConstant)")
    }
    return part
  }

  // MARK: Bad files

  private mutating func noteFailures(_ items: [Item], _ looks: [Result<Look, DatasetError>]) {
    for (item, look) in zip(items, looks) {
      if case .failure(let error) = look { badFiles.append(BadFile(item: item, error: error)) }
    }
  }

  /// Rejects the set because of its bad files, or notes that they are skipped.
  private mutating func settleBadFiles() throws {
    guard !badFiles.isEmpty else { return }
    guard skipsUnreadable else { throw badFilesError() }
    let count = badFiles.count
    notes.append("\(count) \(count == 1 ? "file" : "files") skipped because unreadable: \(listedBadFiles)")
    for (items, name) in [(training, "training"), (test, "test")] {
      for label in Set(items.map(\.label)).sorted() {
        let all = items.filter { $0.label == label }
        let bad = badFiles.filter { bad in bad.item.label == label && all.contains { $0.path == bad.item.path } }
        if let first = bad.first, bad.count == all.count {
          throw DatasetError(
            .empty,
            "\(first.item.path): expected a \(name) image of its class that can be read, found none; "
              + "of \(bad.count), the first: \(first.error)")
        }
      }
    }
  }

  // A single bad file is reported directly; of several, the first ten are listed.
  private func badFilesError() -> DatasetError {
    let all = training.count + test.count
    let hint = "--skip-unreadable skips \(badFiles.count == 1 ? "it" : "them")"
    guard badFiles.count > 1 else {
      let error = badFiles[0].error
      // With few images, each of them matters.
      return all < 20 ? error : DatasetError(error.code, "\(error.message); \(hint)", cause: error)
    }
    return DatasetError(
      badFiles[0].error.code, "\(badFiles.count) of \(all) files cannot be read (\(hint)): \(listedBadFiles)",
      cause: badFiles[0].error)
  }

  private var listedBadFiles: String {
    let shown = badFiles.prefix(10).map(\.error.message)
    let rest = badFiles.count - shown.count
    return shown.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
  }

  private static func images(_ count: Int) -> String { count == 1 ? "1 image" : "\(count) images" }
}
