package import Foundation

/// A small private file of what is kept between sessions, in the folder `$XDG_STATE_HOME/signflip`.
///
/// Several sessions can change it: each change locks the folder, reads the file, and replaces it as a whole.
package struct StateFile: Sendable {
  /// Why a file was not changed.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    /// The file or the folder.
    package let path: String
    /// What is wrong with it.
    package let reason: String

    package var description: String { "\(path): \(reason)" }

    fileprivate init(_ path: String, _ reason: String) { (self.path, self.reason) = (path, reason) }
  }

  /// The folder.
  package let folder: String
  /// The path of the file.
  package var path: String { "\(folder)/\(name)" }
  private let name: String

  /// The file of a name in a folder; neither need exist.
  package init(_ name: String, in folder: String) { (self.name, self.folder) = (name, folder) }

  /// Reads the file.
  /// - Parameter limit: the greatest size in bytes. Only this program writes the file, so a larger one is something else.
  /// - Returns: nil if there is no file.
  /// - Throws: `Failure` if it cannot be read, or is larger.
  package func read(limit: Int) throws(Failure) -> Data? {
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size <= limit else { throw Failure(path, "expected at most \(limit) bytes, found \(size)") }
    guard let data = FileManager.default.contents(atPath: path) else { throw Failure(path, "not readable") }
    return data
  }

  /// Replaces the contents.
  /// - Parameter contents: returns them, while no other session can change the file.
  /// - Throws: `Failure` if the folder or the file cannot be written.
  package func replace(_ contents: () -> Data) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure(folder, "the folder cannot be made")
    }
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(folder, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    // The screen waits for another session's change, but not for a process that was stopped with the lock.
    var attempts = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      attempts += 1
      guard attempts < 500 else { throw Failure(folder, "another session has locked it for a second") }
      Thread.sleep(forTimeInterval: 0.002)
    }
    let temporary = path + ".new"
    try? FileManager.default.removeItem(atPath: temporary)
    guard
      FileManager.default.createFile(
        atPath: temporary, contents: contents(), attributes: [.posixPermissions: 0o600])
    else { throw Failure(temporary, "cannot be written") }
    guard rename(temporary, path) == 0 else { throw Failure(path, String(cString: strerror(errno))) }
  }
}

/// What the screen remembers from one session to the next.
enum RememberedThing: String, Hashable, Sendable {
  /// The typed `:` commands.
  case commands = "commands are"
  /// The chosen charts.
  case charts = "charts are"
  /// The place in the lessons.
  case lesson = "place in the lessons is"
}

extension Dashboard {
  /// Says that something could not be saved for the next session: once, because the next change will fail in the same way.
  mutating func didNotRemember(_ what: RememberedThing, _ reason: String) {
    guard notRemembered.insert(what).inserted else { return }
    say("the \(what.rawValue) not remembered for the next session: \(reason)", .warning)
  }
}
