import EngineProtocol
import Foundation
import Sweeps
import Synchronization
import Testing

/// Claims: one holder at a time, and what happens when it dies.
@Suite struct SweepClaimTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "claims-\(UUID().uuidString)").path

  private func take() throws -> SweepClaim { try SweepClaim.take(folder, of: "trial 1") }

  // A claim as another process would have left it.
  private func leave(_ number: Int, _ changes: [String: Any], age: Double = 0) throws {
    let claim = try take()
    var owner = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: claim.path))) as? [String: Any])
    try FileManager.default.removeItem(atPath: claim.path)
    owner.merge(changes) { $1 }
    let path = "\(folder)/claim-\(number)"
    try JSONSerialization.data(withJSONObject: owner).write(to: URL(filePath: path))
    let date = Date(timeIntervalSinceNow: -age)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
  }

  @Test func aSecondProcessIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let claim = try take()
    #expect(claim.isHeld)
    #expect(SweepClaim.holder(of: folder)?.process == getpid())
    #expect { try take() } throws: {
      ($0 as? SweepError)?.code == .claimed && "\($0)".contains("process \(getpid()) on")
    }
    claim.release()
    #expect(!claim.isHeld)
    #expect(SweepClaim.holder(of: folder) == nil)
    let next = try take()
    #expect(next.isHeld && next.path.hasSuffix("claim-2"))
  }

  @Test func aDeadProcessOfThisMachineLosesItsClaimAtOnce() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try leave(1, ["process": 0x3fff_fff0])
    #expect(SweepClaim.holder(of: folder) == nil)
    #expect(try take().path.hasSuffix("claim-2"))
  }

  @Test func aReusedProcessIDIsAnotherProcess() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try leave(1, ["startTicks": "1"])
    #expect(SweepClaim.holder(of: folder) == nil)
  }

  @Test func aProcessOfAnotherMachineKeepsItsClaimWhileItIsRenewed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try leave(1, ["boot": "another", "host": "node7", "process": 12], age: SweepClaim.lease - 60)
    #expect(SweepClaim.holder(of: folder)?.words == "process 12 on node7")
    #expect { try take() } throws: { "\($0)" == "trial 1: process 12 on node7 has it" }
    // Not renewed for a lease, by the clock of the file server.
    let date = Date(timeIntervalSinceNow: -SweepClaim.lease - 60)
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: "\(folder)/claim-1")
    #expect(SweepClaim.holder(of: folder) == nil)
    #expect(try take().isHeld)
  }

  @Test func whoLosesItsClaimNotices() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let claim = try take()
    try Data().write(to: URL(filePath: "\(folder)/claim-2"))
    #expect(!claim.isHeld)
  }

  @Test func ofManyThatWantADeadClaimOneGetsIt() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for round in 1...20 {
      // The last claim of each round is dead: its process has ended.
      try leave(1000 * round, ["process": 0x3fff_fff0])
      let taken = Mutex<[SweepClaim]>([])
      DispatchQueue.concurrentPerform(iterations: 8) { _ in
        if let claim = try? take() { taken.withLock { $0.append(claim) } }
      }
      let claims = taken.withLock { $0 }
      #expect(claims.count == 1)
      for claim in claims { claim.release() }
    }
  }
}
