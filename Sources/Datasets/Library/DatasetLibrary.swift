private import FoundationEssentials

/// Finds data sets by name or path, and reads them.
package struct DatasetLibrary: Sendable {
  /// Where packages of the system put data sets.
  static let systemFolder = "/usr/share/datasets"

  /// The folders looked into for a data set by name, in order.
  package let searchPath: [String]
  /// The folder that was named on the command line: a wrong one is an error, not a folder without data sets.
  private let dataDirectory: String?
  private let home: String?

  /// A library over the usual folders.
  ///
  /// They are `dataDirectory`, `$SIGNFLIP_DATA`, `$XDG_DATA_HOME/signflip/datasets` (by default
  /// `~/.local/share/signflip/datasets`) and `/usr/share/datasets`.
  /// - Parameters:
  ///   - dataDirectory: the folder of `--data`.
  ///   - environment: the environment; an empty value counts as none.
  package init(dataDirectory: String?, environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME")
    // The XDG base directory specification has relative paths ignored.
    let dataHome = value("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home.map { $0 + "/.local/share" }
    let folders = [
      dataDirectory, value("SIGNFLIP_DATA"), dataHome.map { $0 + "/signflip/datasets" }, Self.systemFolder,
    ]
    self.init(searchPath: folders.compactMap(\.self), dataDirectory: dataDirectory, home: home)
  }

  /// A library over the given folders alone.
  /// - Parameters:
  ///   - searchPath: the folders to look into, in order; at least one.
  ///   - dataDirectory: the folder among them that must exist.
  ///   - home: what `~` stands for.
  package init(searchPath: [String], dataDirectory: String? = nil, home: String? = nil) {
    precondition(!searchPath.isEmpty, "a library looks into at least one folder")
    self.home = home
    self.searchPath = searchPath.map { Self.expanded($0, home: home) }
    self.dataDirectory = dataDirectory.map { Self.expanded($0, home: home) }
  }

  /// The known data sets, found or not, the preferred first.
  package func entries() -> [DatasetEntry] {
    KnownDataset.allCases.map { known in
      DatasetEntry(
        name: known.rawValue, summary: known.summary, location: location(of: known),
        howToGet: known.howToGet)
    }
  }

  /// The data set to take when none is named, and why it is that one.
  /// - Returns: the first of `mnist`, `fashion-mnist` and `digits` that is there, and a line for the person.
  package func defaultName() -> (name: String, reason: String) {
    if let folder = location(of: .mnist) {
      return (KnownDataset.mnist.rawValue, "MNIST is in \(folder)")
    }
    if let folder = location(of: .fashionMNIST) {
      return (KnownDataset.fashionMNIST.rawValue, "Fashion-MNIST is in \(folder); MNIST was not found")
    }
    return (KnownDataset.digits.rawValue, "built in; neither MNIST nor Fashion-MNIST was found")
  }

  /// The names by which data sets are known.
  package static var names: [String] { KnownDataset.allCases.map(\.rawValue) }

  /// Whether a data set is known by this name; else the text is a folder.
  package static func isKnown(_ name: String) -> Bool { KnownDataset(rawValue: name) != nil }

  /// Reads a data set.
  /// - Parameters:
  ///   - nameOrPath: a known name, or a folder in one of the formats read: absolute, relative, or from `~`.
  ///   - skipsUnreadable: whether image files that can't be read are skipped, with a note.
  ///   - progress: told in a few words what is being done, on the calling thread.
  /// - Throws: `DatasetError` where it is neither, is incomplete or is damaged.
  package func load(
    _ nameOrPath: String, skippingUnreadable skipsUnreadable: Bool = false, progress: ((String) -> Void)?
  ) throws -> Dataset {
    if let dataDirectory, !FileManager.default.isFolder(dataDirectory) {
      throw DatasetError(.notFound, path: dataDirectory, expected: "a folder of data sets", found: "no folder")
    }
    if let known = KnownDataset(rawValue: nameOrPath) {
      guard let format = known.format else { return HandwrittenDigits(seed: 1).dataset(progress: progress) }
      return try folder(of: known, format).dataset(name: known.rawValue, classes: known.classes, progress: progress)
    }
    let path = Self.expanded(nameOrPath, home: home)
    let lastName = path.split(separator: "/").last.map(String.init) ?? path
    guard FileManager.default.isFolder(path) else {
      if let set = DatasetFormat.named(path) {
        return try set.dataset(name: lastName, classes: nil, progress: progress)
      }
      if let kind = ForeignFile.kind(at: path) {
        throw DatasetError(
          .wrongFormat, path: nameOrPath, expected: "a folder with a data set", found: "\(kind.words): \(kind.advice)")
      }
      let names = KnownDataset.allCases.map(\.rawValue).joined(separator: ", ")
      let kind = FileKind(of: SystemPath(path))
      throw DatasetError(
        .unknownDataset, path: nameOrPath, expected: "one of \(names), or a folder with images",
        found: kind == .missing ? "no such folder" : kind.words)
    }
    return try DatasetFormat.dataset(
      in: path, name: lastName, skippingUnreadable: skipsUnreadable, progress: progress)
  }

  /// Where a known data set was found complete.
  private func location(of known: KnownDataset) -> String? {
    guard let format = known.format else { return HandwrittenDigits.origin }
    return candidates(for: known, format).first(where: \.isComplete)?.path
  }

  /// The folder of a known data set: the first complete one, else the first that has at least one of the files.
  private func folder(of known: KnownDataset, _ format: DatasetFormat) throws -> any DatasetFolder {
    let candidates = candidates(for: known, format)
    if let folder = candidates.first(where: \.isComplete) ?? candidates.first(where: \.isBegun) { return folder }
    let places = searchPath.map { "\($0)/\(known.rawValue)" }.joined(separator: ", ")
    throw DatasetError(
      .notFound,
      "\(known.rawValue): expected \(format.contents) in one of \(places), found none; to get it: "
        + known.howToGet)
  }

  /// The folders in which a known data set may lie; a folder of the search path counts where it bears its name.
  private func candidates(for known: KnownDataset, _ format: DatasetFormat) -> [any DatasetFolder] {
    searchPath.flatMap { folder in
      let itself = known.folders.contains { folder.hasSuffix("/" + $0) } ? [folder] : []
      return known.folders.map { "\(folder)/\($0)" } + itself
    }.map { format == .idx ? IDXFolder(path: $0, prefix: "") : format.folder(at: $0) }
  }

  /// A path with `~` replaced and without slashes at its end.
  private static func expanded(_ path: String, home: String?) -> String {
    var path = path
    if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

/// A line of the list of data sets.
package struct DatasetEntry: Hashable, Sendable {
  /// The name to ask for it by.
  package let name: String
  /// What it holds, in a line.
  package let summary: String
  /// The folder in which it was found, “built in”, or nil.
  package let location: String?
  /// How to get it where it was not found.
  package let howToGet: String

  /// A line of the list.
  package init(name: String, summary: String, location: String?, howToGet: String) {
    self.name = name
    self.summary = summary
    self.location = location
    self.howToGet = howToGet
  }
}

extension DatasetLibrary {
  /// The first folder looked into that is the user's own; nil where there is none.
  var ownFolder: String? { searchPath.first { $0 != Self.systemFolder } }

  /// Where a data set that can be downloaded lies whole; nil where it has to be got.
  func wholeFolder(of dataset: DownloadableDataset) -> String? {
    entries().first { $0.name == dataset.rawValue }?.location
  }
}
