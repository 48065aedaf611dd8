/// The class directories of a part with their images, and other files there.
struct ClassFolders {
  /// A class: its directory and its images.
  struct Class {
    var name: SystemPath
    var path: SystemPath
    var images: [SystemPath]
  }

  /// The classes, sorted by name.
  private(set) var classes: [Class] = []
  /// Notes about ignored files, and about files in unusual places.
  private(set) var notes: [String] = []

  private var ignored = IgnoredFiles()

  /// Examines the directory of a part.
  /// - Throws: `DatasetError` if a directory can't be read, or contains images without classes.
  init(_ folder: SystemPath) throws {
    var folder = folder
    var listing = try FolderListing(folder)
    // train/train/CLASS, as in some archives.
    let inner = listing.folders.filter { !IgnoredFiles.isSystemName($0) }
    if inner.count == 1, Self.images(in: listing).isEmpty {
      let deeper = try FolderListing(folder.appending(inner[0]))
      let classes = deeper.folders.filter { !IgnoredFiles.isSystemName($0) }
      if Self.images(in: deeper).isEmpty, classes.count > 1 {
        notes.append("the classes are taken from \(deeper.path), the only folder in \(folder)")
        (folder, listing) = (deeper.path, deeper)
      }
    }
    var nested: (count: Int, first: SystemPath)?
    for name in listing.names {
      let path = folder.appending(name)
      guard !IgnoredFiles.isSystemName(name) else {
        ignored.add("hidden or system files and folders", path)
        continue
      }
      switch FileKind(of: path) {
      case .folder: classes.append(try readClass(name, path, &nested))
      case .danglingLink:
        throw DatasetError(
          .notFound, path: "\(path)", expected: "a class folder", found: FileKind.danglingLink.words)
      case .unknown(let number):
        throw DatasetError(
          .unreadable, path: "\(path)", expected: "a class folder", found: DatasetError.reason(number))
      case .file, .special, .missing:
        ignored.add(Self.isImage(name) ? "images outside of class folders" : "files beside the class folders", path)
      }
    }
    if classes.isEmpty {
      let images = Self.images(in: listing)
      let found =
        images.isEmpty
        ? "none" : "\(images.count) images without a class, such as \(images[0])"
      throw DatasetError(
        .empty, path: "\(folder)", expected: "a folder of images for each class, \(folder)/CLASS", found: found)
    }
    if let nested {
      notes.append(
        "\(nested.count) of \(classes.count) classes have their images in a subfolder, such as \(nested.first)")
    }
    let strange = classes.filter { !$0.name.isText }
    if let first = strange.first {
      notes.append(
        "\(strange.count == 1 ? "1 class has a name" : "\(strange.count) classes have names") that is not UTF-8, "
          + "such as \(first.path)")
    }
    let names = classes.map { "\($0.name)" }
    if let twin = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
      notes.append(
        "\(folder) has two class folders whose names look the same, such as \(classes[twin].name): "
          + "they use different Unicode normalizations")
    }
    notes += ignored.notes
  }

  /// Returns the images of all classes with their labels.
  /// - Parameter labels: the label of each class.
  func items(labels: [Int]) -> [ImageSet.Item] {
    zip(classes, labels).sorted { $0.1 < $1.1 }.flatMap { entry, label in
      entry.images.map { ImageSet.Item(path: $0, label: UInt8(label)) }
    }
  }

  private mutating func readClass(
    _ name: SystemPath, _ path: SystemPath, _ nested: inout (count: Int, first: SystemPath)?
  ) throws -> Class {
    var listing = try FolderListing(path)
    var images = Self.images(in: listing)
    var deeper: [FolderListing] = []
    for name in listing.names where !Self.isImage(name) && !IgnoredFiles.isSystemName(name) {
      let inner = path.appending(name)
      guard FileKind(of: inner) == .folder else { continue }
      deeper.append(try FolderListing(inner))
    }
    let full = deeper.filter { !Self.images(in: $0).isEmpty }
    if images.isEmpty, full.count == 1 {
      // CLASS/images/*.png is unambiguous.
      nested = ((nested?.count ?? 0) + 1, nested?.first ?? full[0].path)
      listing = full[0]
      images = Self.images(in: listing)
    } else if images.isEmpty, let first = full.first {
      throw DatasetError(
        .empty, path: "\(path)", expected: "images directly in the class folder",
        found: "\(full.count) folders of images, such as \(first.path)")
    } else {
      for folder in full {
        let inner = Self.images(in: folder)
        ignored.add("images in folders inside of classes", folder.path.appending(inner[0]), count: inner.count)
      }
    }
    for other in listing.names where !Self.isImage(other) {
      let place = listing.path.appending(other)
      if IgnoredFiles.isSystemName(other) {
        ignored.add("hidden or system files and folders", place)
      } else if FileKind(of: place) != .folder {
        ignored.add(other.suffix.map { "files .\($0)" } ?? "files without an extension", place)
      }
    }
    guard !images.isEmpty else {
      let others = listing.names.filter { !IgnoredFiles.isSystemName($0) }
      let found = others.isEmpty ? "none" : "none among \(others.count) others, such as \(others[0])"
      throw DatasetError(
        .empty, path: "\(path)", expected: "at least one image (.png, .jpg, .jpeg)", found: found)
    }
    return Class(name: name, path: path, images: images.map(listing.path.appending))
  }

  // MARK: Contents of a directory

  /// Returns the class directories of a part; empty if it can't be read.
  static func folders(in path: SystemPath) -> [SystemPath] {
    ((try? FolderListing(path))?.folders ?? []).filter { !IgnoredFiles.isSystemName($0) }
  }

  /// Returns whether a part contains directories or images, is empty, or can't be read.
  static func holdsImages(_ path: SystemPath) -> Bool {
    guard let listing = try? FolderListing(path) else { return true }
    return listing.names.isEmpty || !images(in: listing).isEmpty || !folders(in: path).isEmpty
  }

  /// Returns whether a directory contains images.
  static func hasImages(_ path: SystemPath) -> Bool {
    (try? FolderListing(path)).map { !images(in: $0).isEmpty } ?? false
  }

  /// The names of the images in a directory.
  static func images(in listing: FolderListing) -> [SystemPath] { listing.names.filter(isImage) }

  private static func isImage(_ name: SystemPath) -> Bool {
    !IgnoredFiles.isSystemName(name) && name.suffix.map(ImageFile.suffixes.contains) == true
  }
}
