/// Limits the bytes sent to the terminal, so that the response to a key is not queued behind a lot of other output.
///
/// A pseudo-terminal or ssh buffers many kilobytes before a write blocks, so that on a slow line a response appears seconds
/// late. Therefore status reports (DSR) are requested within the output: the terminal answers when it has processed
/// everything before. The unanswered output is kept below a window: about 1 kB, and more while answers are quick. A terminal
/// that does not answer gets all output until it blocks. If it then takes bytes slowly, all further output is sent at the
/// rate at which it took them, responses to keys first.
///
/// A buffer hides how slow such a line is. Therefore a large screen is drawn twice at first: either the terminal takes more
/// than a slow line could have taken and a buffer could hold, or it blocks. Otherwise the first keys on several large
/// screens would wait for seconds.
///
/// It has no clock: times are seconds of any monotonic clock.
package struct OutputPacer: Sendable {
  /// The purpose of output.
  package enum Purpose: Hashable, Sendable {
    /// The response to a user action, or a completely new screen.
    case answer
    /// Everything else, which can wait.
    case picture
  }

  /// What is known about the terminal.
  package enum Terminal: Hashable, Sendable {
    /// It has not answered yet.
    case unknown
    /// It answers status reports.
    case answering
    /// It does not answer, or no longer does.
    case silent
  }

  /// The initial window, also used on slow lines, in bytes.
  package static let smallestWindow = 1024
  /// The window on the fastest lines, in bytes.
  package static let largestWindow = 64 * 1024
  /// A line that transmits fewer bytes per second, after it has blocked, is slow.
  package static let slowRate = 20_000.0
  /// A line of fewer bytes per second is no terminal that was only busy.
  package static let verySlowRate = 5000.0
  /// The assumed buffer size of a pseudo-terminal, in bytes.
  package static let capacity = 20_480.0
  /// The assumed rate of a silent terminal on a slow line before it is measured, in bytes per second.
  package static let silentRate = 1600.0
  /// The share of its measured rate at which a slow line is used.
  package static let usedShare = 0.8
  /// The seconds of output that a silent terminal on a slow line may be behind, for pictures and for responses.
  package static let silentDelay = (picture: 0.32, answer: 0.5)
  /// A line that has taken more than a buffer beyond this rate without blocking is fast, in bytes per second.
  package static let hiddenRate = 2500.0
  /// Bytes beyond that rate that are worth a second drawing, and that prove a line to be fast.
  package static let hidden = (large: 10_000.0, proof: 24_000.0)
  /// How long to wait for the first answer before anything is drawn, in seconds.
  package static let firstPatience = 0.2
  /// The window is doubled if the line takes twice its bytes in less than this time, in seconds.
  package static let quickDelay = 0.4
  /// An answer is late if its delay exceeds the shortest by this, in seconds.
  package static let lateDelay = 0.3
  /// After this time an answer is no longer expected, in seconds.
  package static let patience = 3.0
  /// After this time a terminal that has never answered is considered silent, in seconds.
  package static let unknownPatience = 1.0
  /// This many missing answers in a row make a terminal silent.
  package static let missesUntilSilent = 3

  /// What is known about the terminal.
  package private(set) var terminal = Terminal.unknown
  /// The limit of unanswered bytes.
  package private(set) var window = OutputPacer.smallestWindow

  private struct Request {
    // How many bytes had been sent with it.
    var mark: Int
    var time: Double
    // How many of them had not been answered.
    var waiting: Int
  }

  private let canAsk: Bool
  private var written = 0
  private var answered = 0
  private var requests: [Request] = []
  private var quickest = Double.infinity
  private var misses = 0
  // Whether the window has limited output since the last answer.
  private var wasFull = false
  private var backlog = 0.0
  private var backlogTime = -Double.infinity
  // The rate at which the backlog of a silent terminal on a slow line shrinks.
  private var lineRate = OutputPacer.silentRate
  // Bytes that a silent terminal has taken beyond the hidden rate.
  private var hidden = 0.0
  private var hiddenTime = -Double.infinity
  private var isFast = false
  private var probes = 0
  // When the terminal blocked, and the bytes that it has taken since.
  private var blocked: (since: Double, taken: Int)?
  // Until when the line is considered slow; nil if it has not been slow.
  private var slowUntil: Double?
  private var slowTime = 60.0
  private var lastAsked = -Double.infinity
  private var firstAsked: Double?

  /// A pacer for a terminal about which nothing is known.
  /// - Parameter canAsk: whether status reports can be requested: whether the terminal understands ANSI sequences.
  package init(canAsk: Bool) {
    self.canAsk = canAsk
    if !canAsk { terminal = .silent }
  }

  /// The number of bytes sent and not answered.
  package var unanswered: Int { written - answered }

  /// The number of outstanding answers.
  package var answersDue: Int { requests.count }

  /// The number of bytes that may be sent now; 0 if none.
  package mutating func allowance(for purpose: Purpose, now: Double) -> Int {
    settle(now)
    switch terminal {
    case .answering:
      // An overdue answer shows that the line has become slow.
      let isLate = requests.first.map { now - $0.time > quickest + Self.lateDelay } ?? false
      let window = isLate ? Self.smallestWindow : window
      // Pictures leave half of the window free for responses.
      let room = (purpose == .answer ? window : window / 2) - unanswered
      if room <= 0 { wasFull = true }
      return max(0, room)
    case .unknown where isFirstAnswerNear(now):
      return 0
    case .unknown, .silent:
      let isSlow = isSlow(now)
      if !isSlow, purpose == .answer || terminal == .silent { return .max }
      return max(0, Int(lineRate * delay(of: purpose) - backlog(now)))
    }
  }

  /// The time until more bytes may be sent if no answer arrives; nil if some may be sent now.
  package mutating func delay(for purpose: Purpose, now: Double) -> Double? {
    if allowance(for: purpose, now: now) > 0 { return nil }
    switch terminal {
    case .answering: return requests.first.map { max(0.01, $0.time + longestWait - now) } ?? 0.01
    case .unknown where isFirstAnswerNear(now):
      return max(0.005, (firstAsked ?? now) + Self.firstPatience - now)
    // Do not wake up for only a few bytes.
    case .unknown, .silent: return max(0.05, backlog(now) / lineRate - delay(of: purpose) / 2)
    }
  }

  /// Records that more is to be sent than may be.
  package mutating func wantsRoom() { wasFull = true }

  /// Records that bytes were written.
  package mutating func didWrite(_ count: Int, now: Double) {
    backlog = backlog(now) + Double(count)
    backlogTime = now
    written += count
    if terminal != .answering { answered = requests.isEmpty ? written : answered }
  }

  /// Whether the whole screen should be drawn again now, to find out whether the line is slow.
  package mutating func takesProbe(now: Double) -> Bool {
    guard terminal == .silent, !isFast, !isSlow(now), probes < 3, hidden(now) >= Self.hidden.large else { return false }
    probes += 1
    return true
  }

  /// Records that the terminal has taken bytes.
  package mutating func didSend(_ count: Int, now: Double) {
    (hidden, hiddenTime) = (hidden(now) + Double(count), now)
    if hidden > Self.hidden.proof { isFast = true }
    guard let blocked else { return }
    // It accepts output again.
    self.blocked = now - blocked.since > 3 ? nil : (blocked.since, blocked.taken + count)
  }

  /// Records that the terminal has blocked.
  package mutating func didBlock(now: Double) {
    guard let blocked else { return self.blocked = (now, 0) }
    let time = now - blocked.since
    guard time >= 0.5 else { return }
    self.blocked = nil
    let rate = Double(blocked.taken) / time
    guard rate < Self.slowRate else { return }
    // What is in its buffer: no more than was sent lately.
    let waiting = min(Self.capacity, max(hidden(now), backlog(now)))
    lineRate = max(100, Self.usedShare * rate)
    (isFast, probes, hidden) = (false, 0, 0)
    // Retry a terminal that was only busy after a while, a slow line at increasing intervals.
    if rate < Self.verySlowRate { slowTime = max(600, slowTime) }
    slowUntil = now + slowTime
    slowTime = min(3600, 2 * slowTime)
    (backlog, backlogTime) = (waiting, now)
  }

  /// Whether a status report should be requested now.
  package mutating func wantsRequest(now: Double) -> Bool {
    settle(now)
    guard canAsk else { return false }
    switch terminal {
    // A few bytes may remain unanswered: most frames do not need a request.
    case .answering: return written - (requests.last?.mark ?? answered) >= (requests.isEmpty ? 128 : window / 4)
    case .unknown: return requests.isEmpty
    // It may be replaced by another terminal: a session attached elsewhere.
    case .silent: return requests.isEmpty && now - lastAsked > 30
    }
  }

  /// Records that a status report was requested.
  package mutating func didAsk(now: Double) {
    requests.append(Request(mark: written, time: now, waiting: unanswered))
    lastAsked = now
    if firstAsked == nil { firstAsked = now }
  }

  /// Records an answer of the terminal.
  package mutating func didAnswer(now: Double) {
    terminal = .answering
    misses = 0
    guard !requests.isEmpty else { return }
    let request = requests.removeFirst()
    answered = max(answered, request.mark)
    let time = now - request.time
    quickest = min(quickest, time)
    let delay = time - quickest
    if delay > Self.lateDelay || time > 2 * Self.lateDelay {
      window = max(Self.smallestWindow, window / 2)
    } else if 4 * request.waiting < window {
      // A quick answer to few bytes does not show that the line is fast.
      return
    } else if wasFull, delay * Double(2 * window) < Self.quickDelay * Double(request.waiting) {
      window = min(Self.largestWindow, window * 2)
    }
    wasFull = false
  }

  /// Forgets outstanding answers, after the terminal was used by another program.
  package mutating func forget() {
    requests = []
    answered = written
  }

  private var longestWait: Double { Self.patience + (quickest.isFinite ? quickest : 0) }

  private func isFirstAnswerNear(_ now: Double) -> Bool {
    firstAsked.map { now - $0 < Self.firstPatience } ?? canAsk
  }

  private func backlog(_ now: Double) -> Double { max(0, backlog - max(0, now - backlogTime) * lineRate) }

  private func hidden(_ now: Double) -> Double { max(0, hidden - max(0, now - hiddenTime) * Self.hiddenRate) }

  private func isSlow(_ now: Double) -> Bool { slowUntil.map { now < $0 } ?? false }

  private func delay(of purpose: Purpose) -> Double {
    purpose == .answer ? Self.silentDelay.answer : Self.silentDelay.picture
  }

  // Drops overdue answers.
  private mutating func settle(_ now: Double) {
    let isUnknown = terminal == .unknown
    guard let oldest = requests.first, now - oldest.time > (isUnknown ? Self.unknownPatience : longestWait)
    else { return }
    forget()
    window = Self.smallestWindow
    misses += 1
    if isUnknown || misses >= Self.missesUntilSilent { terminal = .silent }
  }
}
