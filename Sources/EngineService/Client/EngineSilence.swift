import Foundation

/// Why a listening engine does not answer, according to the system.
package struct EngineSilence: Hashable, Sendable {
  /// What its process is doing.
  package enum Cause: Hashable, Sendable {
    /// It was stopped by a signal: SIGSTOP, Ctrl-Z.
    case held
    /// It is working, and has not read the request yet.
    case busy
    /// It is waiting for something.
    case waiting
  }

  /// The ID of the listening process.
  package let process: Int32
  /// What it is doing.
  package let cause: Cause

  /// The cause for display in a table of engines.
  package var words: String {
    switch cause {
    case .held: "does not answer: stopped by a signal; kill -CONT \(process) continues it"
    case .busy: "busy: it is working and has not answered yet"
    case .waiting: "does not answer"
    }
  }

  /// Examines a listening process.
  /// - Parameter seconds: the processor time used before the request; see `seconds(of:)`.
  init?(of process: Int32, since seconds: Double?) {
    guard let state = Self.status(of: process) else { return nil }
    self.process = process
    let work: Double = (Self.seconds(of: process) ?? 0) - (seconds ?? 0)
    let isHeld = state.letter == "T" || state.letter == "t"
    cause = isHeld ? .held : work > 0.1 ? .busy : .waiting
  }

  /// Returns the process that listens at a socket; nil if it is this process, or was not found.
  static func process(at path: String) -> Int32? {
    // Fields: number, references, protocol, flags, type, state, inode, path; flag 0x10000 marks a listening socket.
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

  /// Returns the processor time of a process in seconds.
  static func seconds(of process: Int32) -> Double? {
    status(of: process).map { $0.ticks / Double(sysconf(Int32(_SC_CLK_TCK))) }
  }

  private static func status(of process: Int32) -> (letter: Character, ticks: Double)? {
    // “pid (name) state …”: the name may contain spaces and brackets. User and system time are fields 14 and 15.
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
