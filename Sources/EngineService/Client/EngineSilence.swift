import Foundation

/// Why an engine that listens does not answer, found out from the system.
package struct EngineSilence: Hashable, Sendable {
  /// What its process is doing.
  package enum Cause: Hashable, Sendable {
    /// A signal holds it: SIGSTOP, Ctrl-Z.
    case held
    /// It works, and has not read the question yet.
    case busy
    /// It waits for something.
    case waiting
  }

  /// The process that listens.
  package let process: Int32
  /// What it is doing.
  package let cause: Cause

  /// The cause in words, for a table of engines.
  package var words: String {
    switch cause {
    case .held: "does not answer: stopped by a signal; kill -CONT \(process) lets it go on"
    case .busy: "busy: it works and has not answered yet"
    case .waiting: "does not answer"
    }
  }

  /// Looks at the process that listens at `path`.
  /// - Parameter seconds: the processor time that it had used before it was asked; see `seconds(of:)`.
  init?(of process: Int32, since seconds: Double?) {
    guard let state = Self.status(of: process) else { return nil }
    self.process = process
    let work: Double = (Self.seconds(of: process) ?? 0) - (seconds ?? 0)
    let isHeld = state.letter == "T" || state.letter == "t"
    cause = isHeld ? .held : work > 0.1 ? .busy : .waiting
  }

  /// The process that listens at a socket; nil if it is this one, or is not found.
  static func process(at path: String) -> Int32? {
    // Number, references, protocol, flags, type, state, inode, path; flag 0x10000 is that of a listening socket.
    var inode: Substring?
    for line in text("/proc/net/unix").split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 8, fields[7] == path, fields[3] == "00010000" { inode = fields[6] }
    }
    guard let inode else { return nil }
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
      guard let process = Int32(name), process != getpid() else { continue }
      let folder = "/proc/\(name)/fd"
      for descriptor in (try? files.contentsOfDirectory(atPath: folder)) ?? []
      where (try? files.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")) == "socket:[\(inode)]" {
        return process
      }
    }
    return nil
  }

  /// The processor time of a process, in seconds.
  static func seconds(of process: Int32) -> Double? {
    status(of: process).map { $0.ticks / Double(sysconf(Int32(_SC_CLK_TCK))) }
  }

  private static func status(of process: Int32) -> (letter: Character, ticks: Double)? {
    // “pid (name) state …”: a name may have spaces and brackets. User and system time are the fields 14 and 15.
    let fields = text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let letter = fields[0].first else { return nil }
    guard let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
    return (letter, user + system)
  }

  private static func text(_ path: String) -> String {
    let data = FileHandle(forReadingAtPath: path).flatMap { try? $0.readToEnd() } ?? Data()
    return String(decoding: data, as: UTF8.self)
  }
}
