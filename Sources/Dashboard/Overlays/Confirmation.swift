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
  /// The answers; that of the enter key is the default.
  package var choices: [Choice]

  /// The answer of a key; nil where it is none.
  package func answer(for key: Key) -> Answer? {
    if case .character(let character) = key {
      return choices.first { $0.keys.contains(.character(Character(character.lowercased()))) }?.answer
    }
    return choices.first { $0.keys.contains(key) }?.answer
  }

  private static let yesAndNo = [
    Choice(answer: .yes, keys: [.character("y"), .enter], title: "yes"),
    Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "no"),
  ]
  private static let stay = Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "stay")

  /// Whether to leave lanes that train.
  /// - Parameter canLeave: whether they can go on without the screen.
  static func quit(canLeave: Bool) -> Confirmation {
    if canLeave {
      return Confirmation(
        deed: .quit, question: "Leave while lanes train?",
        explanation: "They can go on without this screen; signflip attach comes back.",
        choices: [
          Choice(answer: .leave, keys: [.character("l"), .enter], title: "leave it training"),
          Choice(answer: .yes, keys: [.character("s")], title: "stop it"), stay,
        ])
    }
    return Confirmation(
      deed: .quit, question: "Leave while lanes train?",
      explanation: "The lanes stop at once; the summary tells what they came to.",
      choices: [
        Choice(answer: .yes, keys: [.character("s"), .character("y"), .enter], title: "stop and leave"), stay,
      ])
  }

  static func stop(_ selection: LaneSelection) -> Confirmation {
    let what = if case .lane(let name) = selection { name } else { "all lanes" }
    return Confirmation(
      deed: .stop(selection), question: "Stop \(what)?",
      explanation: "Training ends here; the best weights are kept and tested.", choices: yesAndNo)
  }

  static func rewind(_ checkpoint: Checkpoint, list: CheckpointListState?) -> Confirmation {
    Confirmation(
      deed: .rewind(checkpoint, list: list),
      question: "Rewind \(checkpoint.lane) to step \(NumberFormat.grouped(checkpoint.step))?",
      explanation: "What came after stays as a ghost curve.", choices: yesAndNo)
  }
}
