import Foundation

/// What folders take on the disk.
enum FolderSize {
  /// The bytes of all files below `path`, but those of the folder `omitted` in it.
  static func bytes(of path: String, leavingOut omitted: String? = nil) -> Int {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else { return 0 }
    return names.reduce(0) { sum, name in
      guard name != omitted else { return sum }
      let file = path + "/" + name
      var status = stat()
      guard lstat(file, &status) == 0 else { return sum }
      return sum + (status.st_mode & S_IFMT == S_IFDIR ? bytes(of: file) : Int(status.st_size))
    }
  }
}
