package import TerminalUI

/// Maps keys to actions: the table's keys, or rebound ones.
package struct KeyMap: Sendable {
  private let keys: [Action: [Key]]
  private let launcherActions: [Key: Action]
  private let liveActions: [Key: Action]
  // Local actions by the shown view.
  private let localActions: [Action: [Key: Action]]

  /// The table's keys, with `rebound` actions on other keys. A rebound key loses its former action.
  package init(rebound: [Action: [Key]] = [:]) {
    let taken = Set(rebound.values.flatMap { $0 })
    var keys: [Action: [Key]] = [:]
    for definition in ActionTable.all {
      keys[definition.action] = rebound[definition.action] ?? definition.keys.filter { !taken.contains($0) }
    }
    self.keys = keys
    launcherActions = Self.actions(ActionTable.all.filter { $0.context.contains(.launcher) }, keys)
    liveActions = Self.actions(ActionTable.all.filter { $0.context.contains(.live) && !$0.isLocal }, keys)
    let local = Dictionary(grouping: ActionTable.all.filter(\.isLocal)) { $0.view ?? $0.action }
    localActions = local.mapValues { Self.actions($0, keys) }
  }

  /// Returns the action of `key`; nil if there is none.
  /// - Parameter view: the shown view, identified by the action that shows it.
  package func action(for key: Key, in context: ActionContext, view: Action? = nil) -> Action? {
    guard context.contains(.live) else { return launcherActions[key] }
    return view.flatMap { localActions[$0]?[key] } ?? liveActions[key]
  }

  /// Returns the keys of an action; the first one is displayed.
  package func keys(for action: Action) -> [Key] { keys[action] ?? [] }

  private static func actions(_ definitions: [ActionDefinition], _ keys: [Action: [Key]]) -> [Key: Action] {
    var actions: [Key: Action] = [:]
    for definition in definitions {
      for key in keys[definition.action] ?? [] { actions[key] = definition.action }
    }
    return actions
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
