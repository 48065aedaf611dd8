package import EngineProtocol

/// A question before something that cannot be taken back.
package struct Confirmation: Hashable, Sendable {
  /// What yes does.
  package enum Deed: Hashable, Sendable {
    /// Leave while lanes train.
    case quit
    /// End the training of lanes.
    case stop(LaneSelection)
  }

  /// What yes does.
  package var deed: Deed
  /// The question.
  package var question: String
  /// What yes and no mean here.
  package var explanation: String

  static let quit = Confirmation(
    deed: .quit, question: "Leave while lanes train?",
    explanation: "The lanes stop at once; the summary tells what they came to.")

  static func stop(_ selection: LaneSelection) -> Confirmation {
    let what = if case .lane(let name) = selection { name } else { "all lanes" }
    return Confirmation(
      deed: .stop(selection), question: "Stop \(what)?",
      explanation: "Training ends here; the best weights are kept and tested.")
  }
}
