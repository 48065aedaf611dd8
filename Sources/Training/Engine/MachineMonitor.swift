import EngineProtocol
import Foundation
import Synchronization
import Tensors

/// Measures the machine and the engine's share of it, at most once a second.
final class MachineMonitor: Sendable {
  private struct Measurement {
    var state: MachineState
    var time: ContinuousClock.Instant
    var processorSeconds: Double
  }

  private let cores: Int
  private let newest = Mutex<Measurement?>(nil)

  /// A monitor of a machine whose lanes share `cores` cores.
  init(cores: Int) { self.cores = cores }

  /// The state, at most a second old. Reads only files of the kernel, so that it never waits for a disk.
  var state: MachineState {
    newest.withLock { newest in
      let now = ContinuousClock.now
      if let newest, now - newest.time < .seconds(1) { return newest.state }
      let processorSeconds = Self.processorSeconds
      let memory = Self.numbers(in: "/proc/meminfo")
      let status = Self.numbers(in: "/proc/self/status")
      var state = MachineState(processor: Processor.name, cores: cores)
      state.memoryBytes = memory["MemTotal"].map { $0 << 10 }
      // In steps that are visible; each change is sent to every client.
      state.availableBytes = memory["MemAvailable"].map { ($0 >> 14) << 24 }
      state.residentBytes = status["VmRSS"].map { ($0 >> 10) << 20 }
      if let before = newest {
        let busy = (processorSeconds - before.processorSeconds) / max(1e-3, (now - before.time) / .seconds(1))
        state.busyCores = (busy * 20).rounded() / 20
      }
      let load = try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)
      state.load = (load?.split(separator: " ").first).flatMap { Double($0) }.map { ($0 * 10).rounded() / 10 }
      newest = Measurement(state: state, time: now, processorSeconds: processorSeconds)
      return state
    }
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  // The numbers of a file with lines such as “VmRSS:    1234 kB”.
  private static func numbers(in path: String) -> [String: Int] {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [:] }
    var numbers: [String: Int] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(maxSplits: 2, omittingEmptySubsequences: true) { $0 == ":" || $0 == " " || $0 == "\t" }
      if parts.count >= 2, let number = Int(parts[1]) { numbers[String(parts[0])] = number }
    }
    return numbers
  }
}
