import Foundation

/// What libraries read from the environment before the program's first line.
enum ProcessEnvironment {
  // OpenMP's threads wait asleep: spinning, they would take the other lane's core and the screen's.
  // A crash gives the terminal back and says what it was; Swift's debugger prompt has no place there.
  private static let defaults = ["OMP_WAIT_POLICY": "passive", "SWIFT_BACKTRACE": "enable=no"]

  /// Starts the program anew, with the variables set that the person has not set.
  static func establish() {
    let missing = defaults.filter { getenv($0.key) == nil }
    guard !missing.isEmpty else { return }
    for (name, value) in missing { setenv(name, value, 1) }
    var arguments = CommandLine.arguments.map { strdup($0) }
    arguments.append(nil)
    // By its own path, so that ps and top call it by its name; the link itself still works where the file was replaced.
    // Where both fail the program goes on as it is: a little slower, no worse.
    let link = "/proc/self/exe"
    if let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link) { execv(path, &arguments) }
    execv(link, &arguments)
    for argument in arguments { free(argument) }
  }
}

/// What the process has needed at most.
enum PeakMemory {
  /// Resident bytes at their greatest.
  static var bytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    // Linux counts in KiB.
    return usage.ru_maxrss * 1024
  }
}
