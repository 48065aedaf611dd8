package import EngineProtocol
import Foundation

/// Starts engines in separate processes.
package enum EngineLauncher {
  // Libraries read these variables before `main`. Spinning OpenMP threads would compete with the lanes for the cores.
  private static let defaults = ["OMP_WAIT_POLICY": "passive", "SWIFT_BACKTRACE": "enable=no"]
  // POSIX_SPAWN_SETSID, which Glibc's module does not export.
  private static let newSession: Int32 = 0x80
  private static let descriptor: Int32 = 3

  /// Returns the default log file for an engine's standard error.
  package static func log(of socket: String) -> String { socket + ".log" }

  /// Removes the log of a dead engine if it is empty.
  static func removeLogIfEmpty(of socket: String) {
    var status = stat()
    if lstat(log(of: socket), &status) == 0, status.st_size == 0 { unlink(log(of: socket)) }
  }

  /// Starts `PROGRAM engine --descriptor 3 ARGUMENTS…` in its own session, and connects to it.
  ///
  /// The socket is bound here, so that it exists before the engine runs. The engine has no terminal, none of this
  /// process's descriptors, default signal handlers, and no blocked signals. Its priority is normal: the lanes lower
  /// the priority of their own threads, while the thread that serves clients must respond as quickly as a dashboard.
  /// - Parameters:
  ///   - program: a path; nil for this program.
  ///   - log: the file to which standard error is appended; nil for one beside the socket.
  ///   - name: the client's name, for the journal.
  /// - Throws: `ServiceError`: `notStarted`, with the engine's output, if it ends before it answers; `unsafeSocket`.
  package static func spawn(
    program: String? = nil, arguments: [String] = [],
    environment: [String: String] = ProcessInfo.processInfo.environment, log: String? = nil, name: String,
    points: PointsForm = .packed, timeout: Duration = .seconds(20)
  ) throws -> RemoteEngine {
    let program = program ?? ownPath
    let socket = try ListeningSocket(in: .standard(environment: environment))
    let log = log ?? Self.log(of: socket.path)
    let process: EngineProcess
    do {
      // The child has its own copy. With this copy closed, the child's death closes the connection.
      defer { close(socket.descriptor) }
      process = EngineProcess(
        try start(
          program, ["engine", "--descriptor", "\(descriptor)"] + arguments,
          environment: environment.merging(defaults) { own, _ in own }, socket: socket.descriptor, log: log))
    } catch {
      unlink(socket.path)
      throw error
    }
    do {
      return try RemoteEngine.connect(
        path: socket.path, name: name, points: points, takesSketches: true, timeout: timeout)
    } catch {
      let end = process.end(within: 1)
      if end == nil { kill(process.identifier, SIGKILL) }
      unlink(socket.path)
      throw ServiceError(.notStarted, "the engine could not be started: \(words(in: log) ?? end ?? "\(error)")")
    }
  }

  // If the file was replaced, the link itself still works.
  private static var ownPath: String {
    let link = "/proc/self/exe"
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    return path.flatMap { FileManager.default.isExecutableFile(atPath: $0) ? $0 : nil } ?? link
  }

  private static func start(
    _ program: String, _ arguments: [String], environment: [String: String], socket: Int32, log: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, socket, descriptor)
    // Some descriptors of this process are not close-on-exec, and other threads may open more until then. Closing one
    // that is not open is not an error.
    for other in descriptor + 1...greatestDescriptor + 64 { posix_spawn_file_actions_addclose(&actions, other) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    let flags = newSession | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
    posix_spawnattr_setflags(&attributes, Int16(flags))
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)

    var words = ([program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, &attributes, &words, &variables)
    guard code == 0 else {
      throw ServiceError(.notStarted, "\(program): can't be started: \(String(cString: strerror(code)))")
    }
    return process
  }

  private static var greatestDescriptor: Int32 {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { Int32($0) }.max() ?? 256
  }

  // The end of the engine's output to standard error.
  private static func words(in log: String) -> String? {
    guard let data = FileManager.default.contents(atPath: log) else { return nil }
    let text = String(decoding: data.suffix(2000), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }
}

/// A child process. A thread waits for its end, so that it does not become a zombie.
final class EngineProcess: Sendable {
  let identifier: pid_t
  private let ending = Ending()

  init(_ identifier: pid_t) {
    self.identifier = identifier
    let ending = ending
    let thread = Thread {
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      ending.tell(status)
    }
    thread.name = "reaper"
    thread.start()
  }

  /// How it ended, for display; nil if it has not ended within `seconds`.
  func end(within seconds: Double) -> String? {
    guard let status = ending.wait(seconds) else { return nil }
    let signal = status & 0x7f
    return signal == 0 ? "it ended with exit status \(status >> 8 & 0xff)" : "it was killed by signal \(signal)"
  }

  private final class Ending: @unchecked Sendable {
    // `status` is only accessed while the condition is locked.
    private let condition = NSCondition()
    private var status: Int32?

    func tell(_ status: Int32) {
      condition.withLock { self.status = status }
      condition.broadcast()
    }

    func wait(_ seconds: Double) -> Int32? {
      let deadline = Date(timeIntervalSinceNow: seconds)
      return condition.withLock {
        while status == nil, condition.wait(until: deadline) {}
        return status
      }
    }
  }
}
