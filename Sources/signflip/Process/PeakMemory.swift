import Foundation

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
