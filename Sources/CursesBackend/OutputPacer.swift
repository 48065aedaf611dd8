/// Decides how many bytes may be sent to the terminal now, so that the answer to a key does not wait behind many others.
///
/// A pseudo-terminal or ssh takes many kilobytes before a write blocks, and a slow line then shows a key seconds late.
/// So the terminal is asked for a status report (DSR) behind what is sent, and answers when it has come that far. What is
/// sent and not yet answered is kept below a window: about 1 kB, and more as long as the answers are quick. A terminal
/// that does not answer gets all at once until it takes no more; on a line that proves slow then it gets its pictures at a rate
/// that the slowest keeps up with, and answers to keys at once.
///
/// It has no clock: times are seconds of any clock that does not go back.
package struct OutputPacer: Sendable {
  /// What bytes are for.
  package enum Purpose: Hashable, Sendable {
    /// What the person has just done, or a screen that is new as a whole.
    case answer
    /// All else: it can wait.
    case picture
  }

  /// What is known of the terminal.
  package enum Terminal: Hashable, Sendable {
    /// It has not answered yet.
    case unknown
    /// It answers status reports.
    case answering
    /// It does not, or not any more.
    case silent
  }

  /// The window at the beginning and on slow lines, in bytes.
  package static let smallestWindow = 1024
  /// The window on the fastest lines, in bytes.
  package static let largestWindow = 64 * 1024
  /// A line that takes fewer bytes a second, once it has taken no more, is slow.
  package static let slowRate = 20_000.0
  /// What a pseudo-terminal holds when it takes no more, in bytes.
  package static let capacity = 20_480.0
  /// What a terminal that does not answer gets of pictures on a slow line, in bytes a second.
  package static let silentRate = 1600.0
  /// How much a terminal that does not answer may be behind, by that rate, when more of a picture is sent.
  package static let silentBacklog = 512.0
  /// For so long the first answer is waited for, in seconds, before anything is drawn.
  package static let firstPatience = 0.2
  /// An answer that takes so much longer than the quickest, in seconds, is quick.
  package static let quickDelay = 0.12
  /// An answer that takes so much longer than the quickest, in seconds, is late.
  package static let lateDelay = 0.3
  /// After so many seconds an answer is no longer waited for.
  package static let patience = 3.0
  /// After so many seconds a terminal that has never answered is taken for one that does not.
  package static let unknownPatience = 1.0
  /// So many answers in a row that do not come make a terminal silent.
  package static let missesUntilSilent = 3

  /// What is known of the terminal.
  package private(set) var terminal = Terminal.unknown
  /// How many bytes may be unanswered.
  package private(set) var window = OutputPacer.smallestWindow

  private struct Request {
    // How many bytes had been sent with it.
    var mark: Int
    var time: Double
  }

  private let canAsk: Bool
  private var written = 0
  private var answered = 0
  private var requests: [Request] = []
  private var quickest = Double.infinity
  private var misses = 0
  // Whether the window held something back since the last answer.
  private var wasFull = false
  private var backlog = 0.0
  private var backlogTime = -Double.infinity
  // Since when the terminal has taken no more for a while, and what it has taken since.
  private var blocked: (since: Double, taken: Int)?
  // Until when the line counts as slow; nil where it has not proved so.
  private var slowUntil: Double?
  private var slowTime = 60.0
  private var lastAsked = -Double.infinity
  private var firstAsked: Double?

  /// A pacer of a terminal of which nothing is known.
  /// - Parameter canAsk: whether status reports can be asked for: whether the terminal reads ANSI sequences.
  package init(canAsk: Bool) {
    self.canAsk = canAsk
    if !canAsk { terminal = .silent }
  }

  /// How many bytes are sent and not answered.
  package var unanswered: Int { written - answered }

  /// How many answers are on their way.
  package var answersDue: Int { requests.count }

  /// How many bytes may be sent now; 0 when none.
  package mutating func allowance(for purpose: Purpose, now: Double) -> Int {
    settle(now)
    switch terminal {
    case .answering:
      // A late answer says that the line has become slow, before it has come.
      let isLate = requests.first.map { now - $0.time > quickest + Self.lateDelay } ?? false
      let window = isLate ? Self.smallestWindow : window
      // Pictures leave half of the window to what may have to be said.
      let room = (purpose == .answer ? window : window / 2) - unanswered
      if room <= 0 { wasFull = true }
      return max(0, room)
    case .unknown where isFirstAnswerNear(now):
      return 0
    case .unknown, .silent:
      let mayBeSlow = terminal == .unknown || slowUntil.map { now < $0 } ?? false
      if purpose == .answer || !mayBeSlow { return .max }
      return max(0, Int(Self.silentBacklog - backlog(now)))
    }
  }

  /// How long until bytes may be sent that may not be now, if no answer comes; nil where they may be.
  package mutating func delay(for purpose: Purpose, now: Double) -> Double? {
    if allowance(for: purpose, now: now) > 0 { return nil }
    switch terminal {
    case .answering: return requests.first.map { max(0.01, $0.time + longestWait - now) } ?? 0.01
    case .unknown where isFirstAnswerNear(now):
      return max(0.005, (firstAsked ?? now) + Self.firstPatience - now)
    // For a few bytes it does not wake up.
    case .unknown, .silent: return max(0.05, (backlog(now) - Self.silentBacklog / 2) / Self.silentRate)
    }
  }

  /// Takes in that bytes were sent.
  package mutating func didWrite(_ count: Int, now: Double) {
    backlog = backlog(now) + Double(count)
    backlogTime = now
    written += count
    if terminal != .answering { answered = requests.isEmpty ? written : answered }
  }

  /// Takes in that the terminal has taken bytes.
  package mutating func didSend(_ count: Int, now: Double) {
    guard let blocked else { return }
    // It takes what comes again.
    self.blocked = now - blocked.since > 3 ? nil : (blocked.since, blocked.taken + count)
  }

  /// Takes in that the terminal takes no more for now.
  package mutating func didBlock(now: Double) {
    guard let blocked else { return self.blocked = (now, 0) }
    let time = now - blocked.since
    guard time >= 0.5 else { return }
    self.blocked = nil
    guard Double(blocked.taken) / time < Self.slowRate else { return }
    // A reader that was only busy is tried again after a while, a line that is slow more and more seldom.
    slowUntil = now + slowTime
    slowTime = min(3600, 2 * slowTime)
    (backlog, backlogTime) = (Self.capacity, now)
  }

  /// Whether a status report is worth its bytes now, behind what was sent.
  package mutating func wantsRequest(now: Double) -> Bool {
    settle(now)
    guard canAsk else { return false }
    switch terminal {
    // A few bytes may stay unanswered: most frames are not worth a question.
    case .answering: return written - (requests.last?.mark ?? answered) >= (requests.isEmpty ? 128 : window / 4)
    case .unknown: return requests.isEmpty
    // It may be another one some day: a window that is attached elsewhere.
    case .silent: return requests.isEmpty && now - lastAsked > 30
    }
  }

  /// Takes in that a status report was asked for.
  package mutating func didAsk(now: Double) {
    requests.append(Request(mark: written, time: now))
    lastAsked = now
    if firstAsked == nil { firstAsked = now }
  }

  /// Takes in that the terminal has answered.
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
    } else if delay < Self.quickDelay, wasFull {
      window = min(Self.largestWindow, window * 2)
    }
    wasFull = false
  }

  /// Forgets the answers on their way: the terminal was someone else's for a while.
  package mutating func forget() {
    requests = []
    answered = written
  }

  private var longestWait: Double { Self.patience + (quickest.isFinite ? quickest : 0) }

  private func isFirstAnswerNear(_ now: Double) -> Bool {
    firstAsked.map { now - $0 < Self.firstPatience } ?? canAsk
  }

  private func backlog(_ now: Double) -> Double {
    max(0, backlog - max(0, now - backlogTime) * Self.silentRate)
  }

  // Lets go of answers that do not come.
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
