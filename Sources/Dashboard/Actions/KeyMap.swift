package import TerminalUI

/// Maps keys to actions: the table's keys, or rebound ones.
package struct KeyMap: Sendable {
  private let keys: [Action: [Key]]
  private let launcherActions: [Key: Action]
  private let liveActions: [Key: Action]
  private let sweepActions: [Key: Action]
  // Local actions by the shown view.
  private let localActions: [Action: [Key: Action]]

  /// The table's keys, with `rebound` actions on other keys. A rebound key loses its former action.
  package init(rebound: [Action: [Key]] = [:]) {
    var keys: [Action: [Key]] = [:]
    for definition in ActionTable.all {
      let takers = rebound.filter { ActionTable.definition(of: $0.key).takesKeys(from: definition) }
      keys[definition.action] =
        rebound[definition.action] ?? definition.keys.filter { key in !takers.values.contains { $0.contains(key) } }
    }
    self.keys = keys
    launcherActions = Self.actions(ActionTable.all.filter { $0.context.contains(.launcher) }, keys)
    liveActions = Self.actions(ActionTable.all.filter { $0.context.contains(.live) && !$0.isLocal }, keys)
    sweepActions = Self.actions(ActionTable.all.filter { $0.context.contains(.sweep) }, keys)
    let local = Dictionary(grouping: ActionTable.all.filter(\.isLocal)) { $0.view ?? $0.action }
    localActions = local.mapValues { Self.actions($0, keys) }
  }

  /// Returns the action of `key`; nil if there is none.
  /// - Parameter view: the shown view, identified by the action that shows it.
  package func action(for key: Key, in context: ActionContext, view: Action? = nil) -> Action? {
    if context.contains(.sweep) { return sweepActions[key] }
    guard context.contains(.live) else { return launcherActions[key] }
    return view.flatMap { localActions[$0]?[key] } ?? liveActions[key]
  }

  /// Returns the keys of an action; the first one is displayed.
  package func keys(for action: Action) -> [Key] { keys[action] ?? [] }

  // MARK: Refusals

  // Actions without which a user would be stuck.
  private static let indispensable: [Action] = [.quit, .command, .help]

  /// Returns why a user could not work with these keys, and the action that is to blame; nil if all is well.
  ///
  /// A key has one meaning in each place: the launcher, the live screen, and each of its views. In every place some key
  /// quits, some opens the `:` line, and some the help.
  package static func refusal(of rebound: [Action: [Key]]) -> (Action, String)? {
    let actions = rebound.keys.sorted { $0.rawValue < $1.rawValue }
    for (index, first) in actions.enumerated() {
      for second in actions[(index + 1)...] {
        guard ActionTable.definition(of: first).sharesPlace(with: ActionTable.definition(of: second)),
          let key = rebound[first]?.first(where: { rebound[second]?.contains($0) == true })
        else { continue }
        return (second, "\(key.name) cannot be both \(first.rawValue) and \(second.rawValue) in the same place")
      }
    }
    let map = KeyMap(rebound: rebound)
    let places: [(ActionContext, Action?)] =
      [(.launcher, nil), (.sweep, nil)] + LiveViews.all.map { (.live, $0.tab.action) }
    for action in indispensable {
      for (context, view) in places
      where !map.keys(for: action).contains(where: { map.action(for: $0, in: context, view: view) == action }) {
        let place =
          view.map { "on the screen \($0.rawValue)" }
          ?? (context == .sweep ? "on the screen of a sweep" : "in the launcher")
        return (action, "\(action.rawValue) needs a key, and has none \(place)")
      }
    }
    return nil
  }

  private static func actions(_ definitions: [ActionDefinition], _ keys: [Action: [Key]]) -> [Key: Action] {
    var actions: [Key: Action] = [:]
    for definition in definitions {
      for key in keys[definition.action] ?? [] { actions[key] = definition.action }
    }
    return actions
  }
}

extension ActionDefinition {
  /// Whether a key can be pressed at a place where both actions are available.
  fileprivate func sharesPlace(with other: ActionDefinition) -> Bool {
    !context.isDisjoint(with: other.context) && (!isLocal || !other.isLocal || view == other.view)
  }

  /// Whether its keys are no longer those of another action. A view's own keys take others away only while it is shown.
  fileprivate func takesKeys(from other: ActionDefinition) -> Bool {
    sharesPlace(with: other) && (!isLocal || other.isLocal)
  }
}

extension Key {
  /// The key in a hint: `space`, `^l`, `⇧→`.
  package var label: String {
    switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .control(let letter): "^\(letter)"
    case .enter: "enter"
    case .escape: "esc"
    case .tab: "tab"
    case .backTab: "⇧tab"
    case .backspace: "backspace"
    case .delete: "del"
    case .insert: "ins"
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .shiftLeft: "⇧←"
    case .shiftRight: "⇧→"
    case .shiftUp: "⇧↑"
    case .shiftDown: "⇧↓"
    case .pageUp: "pgup"
    case .pageDown: "pgdn"
    case .home: "home"
    case .end: "end"
    case .function(let number): "F\(number)"
    }
  }
}
