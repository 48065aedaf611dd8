package import TerminalUI

/// The help as it is open: what is searched for, and where it is scrolled to.
package struct HelpState: Sendable {
  /// The words searched for.
  package var search: TextField
  /// Where the list is scrolled to.
  package var position = ListPosition.start

  /// The help, showing what has `words`.
  package init(words: String = "") { search = TextField(words) }

  /// A line of the help.
  package enum Row: Sendable {
    /// A heading over the rows that follow.
    case heading(ActionGroup)
    /// An action.
    case action(ActionDefinition)
  }

  /// The rows that have all words searched for, in title, help, key or command.
  package func rows(keyMap: KeyMap) -> [Row] {
    let words = search.text.lowercased().split(separator: " ").map(String.init)
    return ActionGroup.allCases.flatMap { group -> [Row] in
      let found = ActionTable.all.filter { definition in
        guard definition.group == group else { return false }
        let keys = keyMap.keys(for: definition.action).map(\.label).joined(separator: " ")
        let text = "\(definition.title) \(definition.help) \(definition.usage) \(keys) \(group.rawValue)".lowercased()
        return words.allSatisfy { text.contains($0) }
      }
      return found.isEmpty ? [] : [.heading(group)] + found.map(Row.action)
    }
  }
}
