import Foundation
import Tensors

/// The machine that a run is trained on, for its record.
enum MachineFacts {
  /// “program”, “processor”, “cores”, “memory”, “system”, “oneDNN”.
  static func all(program: String) -> [String: String] {
    let information = ProcessInfo.processInfo
    return [
      "program": "signflip \(program)",
      "processor": processor ?? "unknown",
      "cores": "\(information.activeProcessorCount)",
      "memory": "\(information.physicalMemory >> 30) GiB",
      "system": information.operatingSystemVersionString,
      "oneDNN": Compute.libraryVersion,
    ]
  }

  private static var processor: String? {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
