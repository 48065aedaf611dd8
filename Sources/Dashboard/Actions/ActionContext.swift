/// The screens on which an action has a meaning.
package struct ActionContext: OptionSet, Hashable, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// While an experiment is chosen.
  package static let launcher = ActionContext(rawValue: 1)
  /// While lanes train, and after.
  package static let live = ActionContext(rawValue: 2)
  /// On every screen.
  package static let everywhere: ActionContext = [.launcher, .live]
}
