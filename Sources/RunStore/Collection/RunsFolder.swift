import Foundation

/// A folder of runs.
package struct RunsFolder: Sendable {
  /// The folder's path.
  package let path: String

  /// The runs in the folder at `path`, which need not be there.
  package init(path: String) { self.path = URL(filePath: path).standardizedFileURL.path }

  /// The folder where runs go unless told otherwise: `$SIGNFLIP_RUNS`, else `$XDG_DATA_HOME/signflip/runs`, else
  /// `~/.local/share/signflip/runs`.
  package static func standard(environment: [String: String]) -> String {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let runs = folder("SIGNFLIP_RUNS") { return runs }
    // A relative path is none, says the specification of the XDG folders.
    if let data = folder("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/signflip/runs" }
    return (folder("HOME") ?? NSHomeDirectory()) + "/.local/share/signflip/runs"
  }

  /// The runs, the newest first; those that can't be read are there too, with their problem.
  package func list() -> [RunSummary] {
    names.map { RunSummary(of: path + "/" + $0) }
      .sorted { ($0.startedAt, $0.id) > ($1.startedAt, $1.id) }
  }

  /// The directory of a run: by its path, its name, a beginning or an end of the name that no other has, or “last”.
  /// - Throws: `StoreError.notFound` where there is none or more than one, which are listed.
  package func find(_ name: String) throws -> String {
    if Self.isRun(name) { return URL(filePath: name).standardizedFileURL.path }
    if name.contains("/") { throw StoreError(.notFound, "\(name): expected the directory of a run") }
    let names = names
    // As the folder spells it: letters may be composed in another way.
    if let found = names.first(where: { $0 == name }) { return path + "/" + found }
    if name == "last", let newest = list().first { return newest.directory }
    for matches in [names.filter { $0.hasPrefix(name) }, names.filter { $0.hasSuffix(name) }] where !name.isEmpty {
      if matches.count == 1 { return path + "/" + matches[0] }
      guard matches.isEmpty else {
        let candidates = matches.sorted().joined(separator: ", ")
        throw StoreError(.notFound, "“\(name)” may be any of \(candidates) in \(path): name one of them")
      }
    }
    throw StoreError(.notFound, "no run “\(name)” in \(path), which has \(names.isEmpty ? "none" : "\(names.count)")")
  }

  /// Removes the directory of a run with all that is in it.
  /// - Throws: `StoreError.notFound` for a folder that is no run, `.locked` for a run that an engine has.
  package func remove(_ directory: String) throws {
    guard Self.isRun(directory) else { throw StoreError(.notFound, "\(directory): expected the directory of a run") }
    let lock = try RunLock.acquire(directory)
    defer { lock.release() }
    try RunDatabase.attempt(directory) { try FileManager.default.removeItem(atPath: directory) }
  }

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { Self.isRun(path + "/" + $0) }
  }

  // A run that lost its database is one still: it is to be listed, and can be removed.
  private static func isRun(_ directory: String) -> Bool {
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: directory + "/" + name) }
    return has("run.sqlite") || has("lock") && has("checkpoints")
  }
}
