import CursesBackend
import Testing

@Suite("The pace of output")
struct OutputPacerTests {
  /// A connection of limited speed with a terminal, simulated in steps of 10 ms.
  private struct Line {
    var pacer: OutputPacer
    let rate: Double
    let roundTrip: Double
    let answers: Bool
    var now = 0.0
    /// The bytes in transit, and the queries among them by their position.
    var sent = 0
    var arrived = 0.0
    var questions: [Int] = []
    var replies: [Double] = []

    init(rate: Double, roundTrip: Double = 0, answers: Bool) {
      pacer = OutputPacer(canAsk: true)
      (self.rate, self.roundTrip, self.answers) = (rate, roundTrip, answers)
      write(120)
    }

    var backlog: Int { sent - Int(arrived) }

    mutating func write(_ count: Int) {
      sent += count
      pacer.didWrite(count, now: now)
      pacer.didSend(count, now: now)
      ask()
    }

    /// Whether a pseudo-terminal would accept more bytes.
    private var takesMore: Bool { backlog < Int(OutputPacer.capacity) }

    mutating func ask() {
      guard pacer.wantsRequest(now: now) else { return }
      sent += 4
      pacer.didWrite(4, now: now)
      pacer.didAsk(now: now)
      if answers { questions.append(sent) }
    }

    mutating func step() {
      now += 0.01
      arrived = min(Double(sent), arrived + rate * 0.01)
      while let question = questions.first, Double(question) <= arrived {
        questions.removeFirst()
        replies.append(now + roundTrip)
      }
      while let reply = replies.first, reply <= now {
        replies.removeFirst()
        pacer.didAnswer(now: now)
        ask()
      }
    }

    /// Draws frames without pause for some seconds.
    /// - Returns: the largest number of bytes in transit.
    mutating func draw(seconds: Double) -> Int {
      var most = 0
      let end = now + seconds
      while now < end {
        step()
        while true {
          let room = pacer.allowance(for: .picture, now: now)
          guard room > 0 else { break }
          guard takesMore else {
            pacer.didBlock(now: now)
            break
          }
          write(min(room, 400))
          if sent > 10_000_000 { break }
        }
        most = max(most, backlog)
      }
      return most
    }

    /// The seconds until the response to a key has arrived completely.
    mutating func answer(bytes: Int) -> Double {
      let begin = now
      var rest = bytes
      while true {
        let room = pacer.allowance(for: .answer, now: now)
        if room > 0, rest > 0 {
          // As many bytes as the terminal takes; then it has blocked.
          let wanted = min(room, rest)
          let part = min(wanted, max(0, Int(OutputPacer.capacity) - backlog))
          write(part)
          rest -= part
          if part < wanted { pacer.didBlock(now: now) }
        }
        if rest == 0, backlog == 0 || now - begin > 60 { return now - begin }
        step()
      }
    }
  }

  @Test("On a slow line that answers little is in transit, and keys show within a second", arguments: [0, 0.05, 0.2])
  func slowLine(roundTrip: Double) {
    var line = Line(rate: 2000, roundTrip: roundTrip, answers: true)
    let most = line.draw(seconds: 20)
    #expect(line.pacer.terminal == .answering)
    #expect(most <= 1100)
    #expect(line.arrived > 20 * 1000, "the line is used")
    for _ in 0..<5 {
      let time = line.answer(bytes: 700)
      #expect(time < 1)
      _ = line.draw(seconds: 3)
    }
  }

  @Test("On a slow line that does not answer little is in transit")
  func silentLine() {
    var line = Line(rate: 2000, answers: false)
    // It is known to be slow once it accepts no more bytes; then the bytes in transit must arrive first.
    _ = line.draw(seconds: 30)
    #expect(line.pacer.terminal == .silent)
    let most = line.draw(seconds: 20)
    #expect(most <= 1100)
    let time = line.answer(bytes: 700)
    #expect(time < 1)
  }

  /// Sends a screen, and once more if the pacer wants to know whether the line is slow.
  private func drawScreen(_ line: inout Line, bytes: Int) {
    _ = line.answer(bytes: bytes)
    while line.pacer.takesProbe(now: line.now) { _ = line.answer(bytes: bytes) }
  }

  @Test(
    "On a slow line that does not answer, keys show within a second after the first large screen",
    arguments: [1000, 2000, 9000])
  func silentLineWithLargeScreens(rate: Double) {
    var line = Line(rate: rate, answers: false)
    for _ in 0..<200 { line.step() }
    _ = line.pacer.allowance(for: .answer, now: line.now)
    #expect(line.pacer.terminal == .silent)
    // Two screens that the buffer would hold, but not both.
    line.pacer.didSend(15_000, now: line.now)
    let wantsProbe = line.pacer.takesProbe(now: line.now)
    #expect(wantsProbe)
    _ = line.answer(bytes: 40_000)
    _ = line.draw(seconds: 5)
    // Another large screen is on its way in parts, and a key is pressed meanwhile.
    for _ in 0..<5 {
      let room = line.pacer.allowance(for: .answer, now: line.now)
      #expect(room <= Int(0.5 * rate), "the line is known to be slow")
      line.write(room)
      for _ in 0..<20 { line.step() }
    }
    #expect(line.answer(bytes: Int(rate / 10)) < 1)
  }

  @Test("A fast line that does not answer is proven to be fast by its second large screen")
  func fastSilentScreens() {
    var line = Line(rate: 2_000_000, answers: false)
    for _ in 0..<200 { line.step() }
    _ = line.pacer.allowance(for: .answer, now: line.now)
    #expect(line.pacer.terminal == .silent)
    drawScreen(&line, bytes: 14_000)
    drawScreen(&line, bytes: 14_000)
    let (wantsProbe, room) = (line.pacer.takesProbe(now: line.now), line.pacer.allowance(for: .answer, now: line.now))
    #expect(!wantsProbe && room == .max)
  }

  @Test("A fast line that does not answer gets everything")
  func fastSilentLine() {
    var line = Line(rate: 200_000, answers: false)
    _ = line.draw(seconds: 10)
    #expect(line.pacer.terminal == .silent)
    let before = line.arrived
    _ = line.draw(seconds: 1)
    #expect(line.arrived - before > 100_000)
  }

  @Test("A fast line gets all it can take, with short and long delays", arguments: [0.0, 0.1])
  func fastLine(roundTrip: Double) {
    var line = Line(rate: 5_000_000, roundTrip: roundTrip, answers: true)
    _ = line.draw(seconds: 3)
    let before = line.arrived
    _ = line.draw(seconds: 1)
    #expect(line.arrived - before > 100_000)
    #expect(line.pacer.window > OutputPacer.smallestWindow)
  }

  @Test("Nothing is drawn before the first answer, or its timeout")
  func firstAnswer() {
    var pacer = OutputPacer(canAsk: true)
    pacer.didWrite(100, now: 0)
    #expect(pacer.wantsRequest(now: 0) == true)
    pacer.didAsk(now: 0)
    #expect(pacer.allowance(for: .answer, now: 0.01) == 0)
    #expect(pacer.delay(for: .answer, now: 0.01) != nil)
    var other = pacer
    other.didAnswer(now: 0.02)
    #expect(other.allowance(for: .answer, now: 0.02) == OutputPacer.smallestWindow)
    #expect(pacer.allowance(for: .answer, now: OutputPacer.firstPatience + 0.01) > 100_000)
  }

  @Test("A terminal that cannot be asked is not asked")
  func cannotAsk() {
    var pacer = OutputPacer(canAsk: false)
    #expect(pacer.terminal == .silent)
    #expect(pacer.wantsRequest(now: 0) == false)
    #expect(pacer.allowance(for: .answer, now: 0) > 100_000)
    pacer.didWrite(3000, now: 0)
    #expect(pacer.allowance(for: .picture, now: 0) > 100_000)
    // It accepts no more bytes, and then only a few for half a second.
    pacer.didBlock(now: 0)
    pacer.didSend(1000, now: 0.3)
    pacer.didBlock(now: 0.5)
    #expect(pacer.allowance(for: .picture, now: 0.5) == 0)
    // A response has more room than a picture, but no more than half a second of the measured rate.
    let delay = pacer.delay(for: .picture, now: 0.5) ?? 0
    let rooms = [OutputPacer.Purpose.picture, .answer].map { pacer.allowance(for: $0, now: 0.5 + delay) }
    #expect(rooms[0] > 0 && rooms[1] > rooms[0] && rooms[1] <= 1000)
  }

  @Test("A lost answer delays output only briefly; after several the terminal counts as silent")
  func lostAnswers() {
    var pacer = OutputPacer(canAsk: true)
    pacer.didAsk(now: 0)
    pacer.didAnswer(now: 0.01)
    var now = 0.1
    for round in 1...OutputPacer.missesUntilSilent {
      pacer.didWrite(2000, now: now)
      #expect(pacer.wantsRequest(now: now) == true)
      pacer.didAsk(now: now)
      #expect(pacer.allowance(for: .answer, now: now) == 0)
      let delay = pacer.delay(for: .answer, now: now) ?? 0
      #expect(delay > 1)
      now += delay + 0.01
      #expect(pacer.allowance(for: .answer, now: now) > 0)
      #expect((pacer.terminal == .silent) == (round == OutputPacer.missesUntilSilent))
    }
    // It replies again.
    now += 31
    #expect(pacer.wantsRequest(now: now) == true)
    pacer.didAsk(now: now)
    pacer.didAnswer(now: now + 0.01)
    #expect(pacer.terminal == .answering)
  }

  @Test("Answers to another program's requests are ignored")
  func forgotten() {
    var pacer = OutputPacer(canAsk: true)
    pacer.didAsk(now: 0)
    pacer.didAnswer(now: 0.01)
    pacer.didWrite(1024, now: 1)
    pacer.didAsk(now: 1)
    #expect(pacer.answersDue == 1 && pacer.unanswered == 1024)
    pacer.forget()
    #expect(pacer.answersDue == 0 && pacer.unanswered == 0)
    // A late reply has no effect.
    pacer.didAnswer(now: 1.1)
    #expect(pacer.unanswered == 0)
  }
}
