package import EngineProtocol
package import TerminalUI

/// A question before something that cannot be taken back.
package struct Confirmation: Hashable, Sendable {
  /// What yes does.
  package enum Deed: Hashable, Sendable {
    /// Leave while lanes train.
    case quit
    /// End the training of lanes.
    case stop(LaneSelection)
    /// Put a lane back to a checkpoint; `list` comes back where the answer is no.
    case rewind(Checkpoint, list: CheckpointListState?)
  }

  /// What the person says.
  package enum Answer: String, Hashable, Sendable {
    /// Do it.
    case yes
    /// Leave, and let it train.
    case leave
    /// Do nothing.
    case no
  }

  /// An answer with its keys, the one shown first, and what it is called here.
  package struct Choice: Hashable, Sendable {
    /// The answer.
    package var answer: Answer
    /// Its keys.
    package var keys: [Key]
    /// What it is called.
    package var title: String
  }

  /// What yes does.
  package var deed: Deed
  /// The question.
  package var question: String
  /// What the answers mean here.
  package var explanation: String
  /// The answers.
  package var choices: [Choice]
  /// The answer that enter gives: the harmless one, until an arrow key has chosen another.
  package private(set) var chosen: Answer

  /// The answer of a key; nil where it is none.
  package func answer(for key: Key) -> Answer? {
    if key == .enter { return chosen }
    if case .character(let character) = key {
      return choices.first { $0.keys.contains(.character(Character(character.lowercased()))) }?.answer
    }
    return choices.first { $0.keys.contains(key) }?.answer
  }

  /// Chooses the answer beside the chosen one, where the key is an arrow or tab.
  /// - Returns: whether it is.
  mutating func choose(by key: Key) -> Bool {
    let distance: Int
    switch key {
    case .right, .down, .tab: distance = 1
    case .left, .up, .backTab: distance = -1
    default: return false
    }
    let place = choices.firstIndex { $0.answer == chosen } ?? 0
    chosen = choices[(place + distance + choices.count) % choices.count].answer
    return true
  }

  private static let yesAndNo = [
    Choice(answer: .yes, keys: [.character("y")], title: "yes"),
    Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "no"),
  ]
  private static let stay = Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "stay")

  /// What a training does that somebody leaves.
  enum Course: Hashable, Sendable {
    case preparing, training, paused
    /// The engine does not answer.
    case unknown

    fileprivate var question: String {
      switch self {
      case .preparing: "Leave before the lanes start?"
      case .training: "Leave while lanes train?"
      case .paused: "Leave while the lanes are paused?"
      case .unknown: "Leave? The engine does not answer."
      }
    }

    fileprivate var explanation: String {
      switch self {
      case .preparing: "They can start without this screen; signflip attach comes back."
      case .training: "They can go on without this screen; signflip attach comes back."
      case .paused: "They can wait without this screen, paused; signflip attach comes back."
      case .unknown: "Nothing can be stopped from here now. signflip attach comes back when it answers again."
      }
    }

    fileprivate var title: String {
      switch self {
      case .preparing, .unknown: "leave"
      case .training: "leave it training"
      case .paused: "leave it paused"
      }
    }
  }

  /// Whether to leave a training.
  /// - Parameters:
  ///   - course: what it does.
  ///   - canLeave: whether it can go on without the screen.
  static func quit(_ course: Course, canLeave: Bool) -> Confirmation {
    let stop = Choice(answer: .yes, keys: [.character("s")], title: "stop it")
    if canLeave || course == .unknown {
      return Confirmation(
        deed: .quit, question: course.question, explanation: course.explanation,
        choices: [Choice(answer: .leave, keys: [.character("l")], title: course.title)]
          + (course == .unknown ? [] : [stop]) + [stay],
        chosen: .leave)
    }
    return Confirmation(
      deed: .quit, question: course.question,
      explanation: "The lanes stop at once; the summary tells what they came to.",
      choices: [Choice(answer: .yes, keys: [.character("s"), .character("y")], title: "stop and leave"), stay],
      chosen: .no)
  }

  static func stop(_ selection: LaneSelection) -> Confirmation {
    let what = if case .lane(let name) = selection { name } else { "all lanes" }
    return Confirmation(
      deed: .stop(selection), question: "Stop \(what)?",
      explanation: "Training ends here; the best weights are kept and tested.", choices: yesAndNo,
      chosen: .no)
  }

  static func rewind(_ checkpoint: Checkpoint, list: CheckpointListState?) -> Confirmation {
    Confirmation(
      deed: .rewind(checkpoint, list: list),
      question: "Rewind \(checkpoint.lane) to step \(NumberFormat.grouped(checkpoint.step))?",
      explanation: "What came after stays as a ghost curve.", choices: yesAndNo, chosen: .no)
  }
}
