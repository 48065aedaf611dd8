import Foundation

/// A directory of runs.
package struct RunsFolder: Sendable {
  /// The directory's path.
  package let path: String

  /// The runs in the directory at `path`, which need not exist.
  package init(path: String) { self.path = URL(filePath: path).standardizedFileURL.path }

  /// Returns the default directory of runs: `$SIGNFLIP_RUNS`, otherwise `$XDG_DATA_HOME/signflip/runs`, otherwise
  /// `~/.local/share/signflip/runs`.
  package static func standard(environment: [String: String]) -> String {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let runs = folder("SIGNFLIP_RUNS") { return runs }
    // The XDG base directory specification requires ignoring relative paths.
    if let data = folder("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/signflip/runs" }
    return (folder("HOME") ?? NSHomeDirectory()) + "/.local/share/signflip/runs"
  }

  /// Returns the runs, newest first, including unreadable ones with their problem.
  package func list() -> [RunSummary] {
    names.map { RunSummary(of: path + "/" + $0) }
      .sorted { ($0.startedAt, $0.id) > ($1.startedAt, $1.id) }
  }

  /// Returns the directory of a run, given by path, name, a unique start or end of its name, or “last”.
  /// - Throws: `StoreError.notFound` if there is none or more than one, with a list.
  package func find(_ name: String) throws -> String {
    if Self.isRun(name) { return URL(filePath: name).standardizedFileURL.path }
    if name.contains("/") { throw StoreError(.notFound, "\(name): expected the directory of a run") }
    let names = names
    // In the spelling of the file system, which may use another Unicode normalization.
    if let found = names.first(where: { $0 == name }) { return path + "/" + found }
    if name == "last", let newest = list().first { return newest.directory }
    for matches in [names.filter { $0.hasPrefix(name) }, names.filter { $0.hasSuffix(name) }] where !name.isEmpty {
      if matches.count == 1 { return path + "/" + matches[0] }
      guard matches.isEmpty else {
        let candidates = matches.sorted().joined(separator: ", ")
        throw StoreError(.notFound, "“\(name)” is ambiguous in \(path): \(candidates)")
      }
    }
    throw StoreError(.notFound, "no run “\(name)” in \(path), which has \(names.isEmpty ? "none" : "\(names.count)")")
  }

  /// Removes the directory of a run with all its contents.
  /// - Throws: `StoreError.notFound` if it is not a run, `.locked` if an engine is running it.
  package func remove(_ directory: String) throws {
    guard Self.isRun(directory) else { throw StoreError(.notFound, "\(directory): expected the directory of a run") }
    let lock = try RunLock.acquire(directory)
    defer { lock.release() }
    try RunDatabase.attempt(directory) { try FileManager.default.removeItem(atPath: directory) }
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { Self.isRun(path + "/" + $0) }
  }

  // A run that has lost its database is still listed, and can be removed.
  private static func isRun(_ directory: String) -> Bool {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: directory + "/" + name) }
    return has("run.sqlite") || has("lock") && has("checkpoints")
  }
}
