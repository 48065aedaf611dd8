import Foundation
import Tensors

/// The machine that a run is trained on, for its record.
enum MachineFacts {
  /// “program”, “processor”, “cores”, “memory”, “system”, “oneDNN”.
  static func all(program: String) -> [String: String] {
    let information = ProcessInfo.processInfo
    return [
      "program": "signflip \(program)",
      "processor": Processor.name ?? "unknown",
      "cores": "\(information.activeProcessorCount)",
      "memory": "\(information.physicalMemory >> 30) GiB",
      "system": information.operatingSystemVersionString,
      "oneDNN": Compute.libraryVersion,
    ]
  }
}
