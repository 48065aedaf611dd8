package import TerminalUI

/// Which key does what: the table's keys, or those put in their place.
package struct KeyMap: Sendable {
  private let keys: [Action: [Key]]
  private let launcherActions: [Key: Action]
  private let liveActions: [Key: Action]

  /// The table's keys, with `rebound` actions on other keys. A key that is taken loses its former action.
  package init(rebound: [Action: [Key]] = [:]) {
    let taken = Set(rebound.values.flatMap { $0 })
    var keys: [Action: [Key]] = [:]
    for definition in ActionTable.all {
      keys[definition.action] = rebound[definition.action] ?? definition.keys.filter { !taken.contains($0) }
    }
    self.keys = keys
    launcherActions = Self.actions(in: .launcher, keys: keys)
    liveActions = Self.actions(in: .live, keys: keys)
  }

  /// The action of `key` on a screen, nil where it has none.
  package func action(for key: Key, in context: ActionContext) -> Action? {
    context.contains(.live) ? liveActions[key] : launcherActions[key]
  }

  /// The keys of an action, the one shown first.
  package func keys(for action: Action) -> [Key] { keys[action] ?? [] }

  private static func actions(in context: ActionContext, keys: [Action: [Key]]) -> [Key: Action] {
    var actions: [Key: Action] = [:]
    for definition in ActionTable.all where definition.context.contains(context) {
      for key in keys[definition.action] ?? [] { actions[key] = definition.action }
    }
    return actions
  }
}
