import TerminalUI

/// Collects hints by their actions, with the keys that these have.
struct HintList {
  /// The hints, the most important first.
  private(set) var hints: [Footer.Hint] = []
  let keyMap: KeyMap
  /// Whether an action does something now; what does not is left out.
  let isUseful: (Action) -> Bool

  init(keyMap: KeyMap, isUseful: @escaping (Action) -> Bool) {
    self.keyMap = keyMap
    self.isUseful = isUseful
  }

  /// Adds an action, under its own title or another.
  mutating func add(_ action: Action, _ title: String? = nil) {
    guard isUseful(action), let key = keyMap.keys(for: action).first else { return }
    let title = title ?? ActionTable.definition(of: action).title
    hints.append(.init(keys: key.label, title: title, invocation: Invocation(action)))
  }

  /// Adds two actions that belong together under one title; a click does the second.
  mutating func add(_ first: Action, _ second: Action, _ title: String) {
    guard isUseful(first), isUseful(second) else { return }
    let keys = [first, second].compactMap { keyMap.keys(for: $0).first?.label }
    guard !keys.isEmpty else { return }
    hints.append(.init(keys: keys.joined(), title: title, invocation: Invocation(second)))
  }
}
