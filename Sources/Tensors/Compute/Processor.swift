private import Foundation

/// What computes.
package enum Processor {
  /// The name that the system tells: “AMD EPYC 7763”; nil where it tells none.
  package static let name: String? = {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }()
}
