import Foundation
import Synchronization
import Tensors
import Testing

@Suite("Thread teams")
struct ThreadTeamTests {
  @Test("every pass visits every element once, whether threads were awake or asleep")
  func everyPart() {
    let team = ThreadTeam(threads: 4)
    for pass in 0..<5000 {
      let count = 1 + pass * 37 % 900
      let visits = (0..<count).map { _ in Visits() }
      team.forEachRange(of: count, multipleOf: 1 + pass % 5, cost: 1 << 20) { part, range in
        #expect(part < 4)
        for index in range { visits[index].add() }
      }
      #expect(visits.allSatisfy { $0.count == 1 }, "pass \(pass)")
      if pass % 500 == 0 { Thread.sleep(forTimeInterval: 0.002) }
    }
  }

  @Test("a pass has written everything when it ends")
  func results() {
    let team = ThreadTeam(threads: 3)
    for pass in 0..<5000 {
      nonisolated(unsafe) var sums = [0, 0, 0]
      sums.withUnsafeMutableBufferPointer { buffer in
        nonisolated(unsafe) let buffer = buffer
        team.forEachRange(of: 3000, multipleOf: 1, cost: 1 << 20) { part, range in
          buffer[part] = range.reduce(0) { $0 + $1 * pass }
        }
      }
      #expect(sums.reduce(0, +) == 2999 * 1500 * pass)
    }
  }

  @Test("the threads end with their team")
  func threadsEnd() throws {
    func threads() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count }
    func passes() {
      for _ in 0..<40 {
        ThreadTeam(threads: 8).forEachRange(of: 800, multipleOf: 1, cost: 1 << 20) { _, _ in }
      }
    }
    let before = try threads()
    passes()
    // The number of other tests' threads varies, but 280 remaining threads would be detected.
    let deadline = Date.now + 20
    while try threads() > before + 100, Date.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
    #expect(try threads() <= before + 100)
  }
}

private final class Visits: Sendable {
  private let visits = Atomic<Int>(0)

  var count: Int { visits.load(ordering: .relaxed) }

  func add() { visits.add(1, ordering: .relaxed) }
}
