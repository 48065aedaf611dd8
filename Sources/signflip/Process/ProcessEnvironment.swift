import Foundation

/// Environment variables that libraries read before `main`.
enum ProcessEnvironment {
  // OpenMP threads must sleep while waiting, because spinning would compete with other lanes and the screen. A crash
  // must restore the terminal and report itself, without Swift's interactive debugger.
  private static let defaults = ["OMP_WAIT_POLICY": "passive", "SWIFT_BACKTRACE": "enable=no"]

  /// Restarts the program with those variables set that the user has not set.
  static func establish() {
    let missing = defaults.filter { getenv($0.key) == nil }
    guard !missing.isEmpty else { return }
    for (name, value) in missing { setenv(name, value, 1) }
    var arguments = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    // Uses the program's own path, so that ps and top show its name; the link still works if the file was replaced. If
    // both fail, the program continues without the variables, only a little slower.
    let link = "/proc/self/exe"
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) { execv(path, &arguments) }
    execv(link, &arguments)
    for argument in arguments { free(argument) }
  }
}

/// The peak memory use of the process.
enum PeakMemory {
  /// Maximum resident size in bytes.
  static var bytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    // Linux counts in KiB.
    return usage.ru_maxrss * 1024
  }
}
