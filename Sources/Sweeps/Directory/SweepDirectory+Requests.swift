import Foundation
import RunStore

// Requests about single trials are empty files in `requests`, so that they reach processes on other machines. They are
// never removed: a request that is fulfilled has no effect.

extension SweepDirectory {
  private var requests: String { path + "/requests" }

  /// Asks the process that trains a trial to stop it.
  /// - Throws: `StoreError`.
  package func askToStop(trial: Int) throws { try request("stop-\(trial)") }

  /// Whether a trial is to be stopped.
  package func isToStop(trial: Int) -> Bool { access(requests + "/stop-\(trial)", F_OK) == 0 }

  /// Asks the controller to let a held trial go on up to an epoch.
  /// - Throws: `StoreError`.
  package func askToPromote(trial: Int, toEpoch epoch: Int) throws { try request("promote-\(trial)-\(epoch)") }

  /// The epochs up to which trials are to go on, whatever their rank, by the trials' numbers.
  var promotions: [Int: Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: requests)) ?? []
    let pairs = names.compactMap { name -> (Int, Int)? in
      let parts = name.split(separator: "-")
      guard parts.count == 3, parts[0] == "promote", let trial = Int(parts[1]), let epoch = Int(parts[2]) else {
        return nil
      }
      return (trial, epoch)
    }
    return Dictionary(pairs, uniquingKeysWith: max)
  }

  private func request(_ name: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: requests, withIntermediateDirectories: true)
    } catch {
      throw StoreError(error, path: requests)
    }
    try DurableFile.write(Data(), to: requests + "/" + name)
  }
}
