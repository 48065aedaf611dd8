private import FoundationEssentials

/// Finds data sets by name or path, and reads them.
package struct DatasetLibrary: Sendable {
  /// The directory where system packages install data sets.
  static let systemFolder = "/usr/share/datasets"

  /// The directories searched for a data set by name, in order.
  package let searchPath: [String]
  /// The directory given on the command line. If it does not exist, that is an error.
  private let dataDirectory: String?
  private let home: String?
  // The sets that are read once on this machine; nil to read each.
  private let prepared: PreparedDatasets?

  /// A library with the default directories.
  ///
  /// These are `dataDirectory`, `$SIGNFLIP_DATA`, `$XDG_DATA_HOME/signflip/datasets` (by default
  /// `~/.local/share/signflip/datasets`) and `/usr/share/datasets`. With `$SIGNFLIP_PREPARED`, sets are read once on this
  /// machine, and mapped into memory from files in that folder.
  /// - Parameters:
  ///   - dataDirectory: the directory of `--data`.
  ///   - environment: the environment, in which empty values count as missing.
  package init(dataDirectory: String?, environment: [String: String]) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let home = value("HOME")
    // The XDG base directory specification requires ignoring relative paths.
    let dataHome = value("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home.map { $0 + "/.local/share" }
    let folders = [
      dataDirectory, value("SIGNFLIP_DATA"), dataHome.map { $0 + "/signflip/datasets" }, Self.systemFolder,
    ]
    self.init(
      searchPath: folders.compactMap(\.self), dataDirectory: dataDirectory, home: home,
      prepared: value(PreparedDatasets.variable).map(PreparedDatasets.init))
  }

  /// A library with the given directories only.
  /// - Parameters:
  ///   - searchPath: the directories to search, in order; at least one.
  ///   - dataDirectory: the one among them that must exist.
  ///   - home: the meaning of `~`.
  ///   - prepared: where sets are read once on this machine.
  package init(
    searchPath: [String], dataDirectory: String? = nil, home: String? = nil, prepared: PreparedDatasets? = nil
  ) {
    precondition(!searchPath.isEmpty, "a library looks into at least one folder")
    self.home = home
    self.prepared = prepared
    self.searchPath = searchPath.map { Self.expanded($0, home: home) }
    self.dataDirectory = dataDirectory.map { Self.expanded($0, home: home) }
  }

  /// Returns the known data sets, whether found or not, in order of preference.
  package func entries() -> [DatasetEntry] {
    KnownDataset.allCases.map { known in
      DatasetEntry(
        name: known.rawValue, summary: known.summary, location: location(of: known),
        howToGet: known.howToGet)
    }
  }

  /// Returns the default data set, and the reason.
  /// - Returns: the first of `mnist`, `fashion-mnist` and `digits` that is available, and a line for the user.
  package func defaultName() -> (name: String, reason: String) {
    if let folder = location(of: .mnist) {
      return (KnownDataset.mnist.rawValue, "MNIST is in \(folder)")
    }
    if let folder = location(of: .fashionMNIST) {
      return (KnownDataset.fashionMNIST.rawValue, "Fashion-MNIST is in \(folder); MNIST was not found")
    }
    return (KnownDataset.digits.rawValue, "built in; neither MNIST nor Fashion-MNIST was found")
  }

  /// The known names.
  package static var names: [String] { KnownDataset.allCases.map(\.rawValue) }

  /// Returns whether a name is known; otherwise it is a directory.
  package static func isKnown(_ name: String) -> Bool { KnownDataset(rawValue: name) != nil }

  /// Reads a data set.
  /// - Parameters:
  ///   - nameOrPath: a known name, or a directory in a supported format: absolute, relative, or starting with `~`.
  ///   - skipsUnreadable: whether to skip unreadable image files, with a note.
  ///   - progress: called on the calling thread with the current activity in a few words.
  /// - Throws: `DatasetError` if it is neither, is incomplete or is damaged.
  package func load(
    _ nameOrPath: String, skippingUnreadable skipsUnreadable: Bool = false, progress: ((String) -> Void)?
  ) throws -> Dataset {
    if let dataDirectory, !FileManager.default.isFolder(dataDirectory) {
      throw DatasetError(.notFound, path: dataDirectory, expected: "a folder of data sets", found: "no folder")
    }
    if let known = KnownDataset(rawValue: nameOrPath) {
      guard let format = known.format else {
        return try prepare(nameOrPath, name: nameOrPath, path: nil) {
          HandwrittenDigits(seed: 1).dataset(progress: progress)
        }
      }
      let folder = try folder(of: known, format)
      return try prepare(nameOrPath, name: known.rawValue, path: folder.path) {
        try folder.dataset(name: known.rawValue, classes: known.classes, progress: progress)
      }
    }
    let path = Self.expanded(nameOrPath, home: home)
    let lastName = path.split(separator: "/").last.map(String.init) ?? path
    guard FileManager.default.isFolder(path) else {
      if let set = DatasetFormat.named(path) {
        return try prepare(nameOrPath, name: lastName, path: set.path) {
          try set.dataset(name: lastName, classes: nil, progress: progress)
        }
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
    return try prepare("\(nameOrPath) \(skipsUnreadable)", name: lastName, path: path) {
      try DatasetFormat.dataset(
        in: path, name: lastName, skippingUnreadable: skipsUnreadable, progress: progress)
    }
  }

  private func prepare(
    _ request: String, name: String, path: String?, read: () throws -> Dataset
  ) throws -> Dataset {
    try prepared?.dataset(request, name: name, path: path, read: read) ?? read()
  }

  /// Returns the directory of a complete known data set.
  private func location(of known: KnownDataset) -> String? {
    guard let format = known.format else { return HandwrittenDigits.origin }
    return candidates(for: known, format).first(where: \.isComplete)?.path
  }

  /// Returns the directory of a known data set: the first complete one, otherwise the first with at least one of its
  /// files.
  private func folder(of known: KnownDataset, _ format: DatasetFormat) throws -> any DatasetFolder {
    let candidates = candidates(for: known, format)
    if let folder = candidates.first(where: \.isComplete) ?? candidates.first(where: \.isBegun) { return folder }
    let places = searchPath.map { "\($0)/\(known.rawValue)" }.joined(separator: ", ")
    throw DatasetError(
      .notFound,
      "\(known.rawValue): expected \(format.contents) in one of \(places), found none; to get it: "
        + known.howToGet)
  }

  /// Returns the possible directories of a known data set, including directories of the search path that have its name.
  private func candidates(for known: KnownDataset, _ format: DatasetFormat) -> [any DatasetFolder] {
    searchPath.flatMap { folder in
      let itself = known.folders.contains { folder.hasSuffix("/" + $0) } ? [folder] : []
      return known.folders.map { "\(folder)/\($0)" } + itself
    }.map { format == .idx ? IDXFolder(path: $0, prefix: "") : format.folder(at: $0) }
  }

  /// Returns a path with `~` expanded and trailing slashes removed.
  private static func expanded(_ path: String, home: String?) -> String {
    var path = path
    if let home, path == "~" || path.hasPrefix("~/") { path = home + path.dropFirst() }
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

/// An entry of the list of data sets.
package struct DatasetEntry: Hashable, Sendable {
  /// The name.
  package let name: String
  /// What it contains, in one line.
  package let summary: String
  /// The directory where it was found, “built in”, or nil.
  package let location: String?
  /// How to get it, if it was not found.
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
  /// The first directory of the search path that belongs to the user; nil if there is none.
  var ownFolder: String? { searchPath.first { $0 != Self.systemFolder } }

  /// Returns the directory of a complete downloadable data set; nil if it must be downloaded.
  func wholeFolder(of dataset: DownloadableDataset) -> String? {
    entries().first { $0.name == dataset.rawValue }?.location
  }
}
