import EngineProtocol
import EngineService
import Foundation
import NIOCore
import Testing
import TrainingMetrics

/// Clients that send invalid, too many or incomplete messages, or do not read.
@Suite(.serialized) struct HostilityTests {
  private static let hello = #"{"hello":{"protocol":1,"client":"rude","points":"packed"}}"#

  private func expectStillServing(_ served: TestServer) throws {
    let client = try served.connect("polite")
    let id = client.send(.pause(.all))
    var cursor = EventCursor()
    let answers = events(of: client, from: &cursor) { events, _ in
      events.contains { $0 == .refused(id, "only a record") }
    }
    #expect(answers.contains(.refused(id, "only a record")))
    client.close()
  }

  @Test(arguments: [
    ("{", "The given data was not valid JSON."), ("null", "null"), (#"{"id":4,"command":"explode"}"#, "explode"),
    (#"{"command":"pause"}"#, "expected a hello first"),
    ("[[[[[[[[", "The given data was not valid JSON."),
  ])
  func nonsenseIsAnsweredByAnError(text: String, words: String) throws {
    let served = try TestServer()
    let client = try RawClient(served.path)
    client.send(line: text)
    let answer = try #require(client.line())
    #expect(answer.hasPrefix(#"{"error":"#) && answer.contains(words))
    #expect(text.contains(#""id":4"#) == answer.hasSuffix(#""id":4}"#))
    // A hello is still accepted.
    client.send(line: Self.hello)
    #expect(client.line()?.hasPrefix(#"{"welcome":"#) == true)
    client.send(line: Self.hello)
    var lines: [String] = []
    while let line = client.line() {
      lines.append(line)
      if line.contains("error") { break }
    }
    #expect(lines.last == #"{"error":"expected a command, found a second hello","errorCode":"malformed"}"#)
  }

  @Test func theHundredthErrorEndsTheConnection() throws {
    let served = try TestServer()
    let client = try RawClient(served.path)
    for _ in 0..<120 { client.send(line: "no") }
    let lines = client.lines()
    #expect(lines.count <= 100)
    #expect(lines.allSatisfy { $0.hasPrefix(#"{"error":"#) })
    try expectStillServing(served)
  }

  @Test func aFloodOfCommandsIsNotCarriedOut() throws {
    let served = try TestServer()
    let client = try RawClient(served.path)
    client.send(line: Self.hello)
    for id in 1...2000 { client.send(line: #"{"id":\#(id),"command":"pause"}"#) }
    // The connection ends because of its errors; the number of commands executed before is within the limit.
    let lines = client.lines()
    #expect(lines.contains { $0.contains("too many commands") })
    let refusals = served.engine.events(after: .withoutPoints).events.count {
      if case .refused = $0 { true } else { false }
    }
    #expect((1...400).contains(refusals))
    try expectStillServing(served)
  }

  @Test func anOversizedLineEndsTheConnection() throws {
    let served = try TestServer()
    for prefix in ["", Self.hello + "\n"] {
      let client = try RawClient(served.path)
      client.send(prefix.utf8)
      client.send([UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20))
      client.send([UInt8](repeating: UInt8(ascii: "a"), count: 1 << 20))
      let last = client.lines().last ?? #"{"error":"#
      #expect(last.hasPrefix(#"{"error":"#))
    }
    #expect(eventually { served.server.clientCount == 0 })
    try expectStillServing(served)
  }

  @Test func aHundredThousandBadMessagesLeaveNothing() throws {
    let served = try TestServer()
    var generator = SystemRandomNumberGenerator()
    let noise = (0..<64).map { _ in (0..<200).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
    let half = Array(#"{"id":1,"command":"set","lane":"bin"#.utf8)
    let wrong = Array("{\"id\":1,\"command\":\"set\",\"value\":[]}\n".utf8)
    let large = [UInt8](repeating: UInt8(ascii: "{"), count: 1 << 18)
    func insult(_ count: Int) throws {
      var sent = 0
      while sent < count {
        let client = try RawClient(served.path)
        if sent % 3 == 0 { client.send(line: Self.hello) }
        var isOpen = true
        // Many more errors than needed to be disconnected: those in transit are discarded too.
        for index in 0..<500 where isOpen {
          sent += 1
          isOpen = client.send(index % 3 == 0 ? wrong : noise[index % 64] + [10])
        }
        sent += 1
        client.send(sent % 7 == 0 ? large : half)
      }
    }
    try RawClient(served.path).send(line: String(repeating: "[", count: 1_000_000))
    try insult(100_000)
    // Only the connection holds data for a client.
    #expect(eventually { served.server.connectionCount == 0 })
    #expect(served.engine.asked.isEmpty)
    try expectStillServing(served)
  }

  @Test func clientsThatDoNotReadCostNothing() throws {
    let served = try TestServer()
    let key = SeriesKey(lane: "a", branch: 1, MetricKey(.trainLoss))
    let deaf = try (0..<8).map { _ in try RawClient(served.path) }
    for client in deaf { client.send(line: Self.hello) }
    let listener = try served.connect()
    #expect(eventually { served.server.clientCount == 9 })
    var cursor = EventCursor()
    var (step, heard) = (0, 0)
    // 40 rounds of 50,000 points: 21 MB as packed text for each client.
    for _ in 0..<40 {
      served.engine.append((step..<step + 50_000).map { MetricPoint(step: $0, value: 1) }, to: key)
      step += 50_000
      _ = events(of: listener, from: &cursor) { _, cursor in cursor.pointCounts[key] == step }
      heard = cursor.pointCounts[key] ?? 0
    }
    #expect(heard == step)
    // Clients that do not read get at most one batch, the kernel's buffer, and what arrived in the meantime: there is no queue.
    #expect(served.engine.pointsTold < step + deaf.count * 200_000)
    withExtendedLifetime(deaf) {}
    try expectStillServing(served)
  }

  @Test func aLineIsHeldUpToTheLimitOnly() throws {
    var lines = LineSplitter(limit: 10)
    lines.append(ByteBuffer(string: "one\n\ntw"))
    #expect(try lines.next() == ByteBuffer(string: "one"))
    #expect(try lines.next() == ByteBuffer())
    #expect(try lines.next() == nil)
    lines.append(ByteBuffer(string: "o\n0123456789\n01234567890\n"))
    #expect(try lines.next() == ByteBuffer(string: "two"))
    #expect(try lines.next() == ByteBuffer(string: "0123456789"))
    #expect(throws: ServiceError.self) { try lines.next() }
    lines = LineSplitter(limit: 10)
    lines.append(ByteBuffer(string: "01234567890"))
    #expect(throws: ServiceError.self) { try lines.next() }
  }

  @Test func tooManyClientsAreSentAway() throws {
    let served = try TestServer()
    let many = try (0..<64).map { _ in try RawClient(served.path) }
    for client in many { client.send(line: Self.hello) }
    #expect(eventually { served.server.clientCount == 64 })
    let client = try RawClient(served.path)
    #expect(client.lines() == [#"{"error":"too many clients, or the engine is ending","errorCode":"unavailable"}"#])
    withExtendedLifetime(many) {}
  }
}
