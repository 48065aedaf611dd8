/// What a person did at the terminal.
package enum InputEvent: Hashable, Sendable {
  /// A key, with the modifiers that the terminal tells.
  case key(Key)
  /// The mouse, at a cell.
  case mouse(MouseEvent)
  /// The terminal has this size now.
  case resize(width: Int, height: Int)
  /// Text pasted as a whole.
  case paste(String)
  /// The terminal is gone or a signal asks the program to end.
  case hangup
}

/// A key.
package enum Key: Hashable, Sendable {
  /// A printing character, as typed.
  case character(Character)
  /// A letter with Ctrl, in lower case.
  case control(Character)
  case enter, escape, tab, backTab, backspace, delete, insert
  case up, down, left, right
  case shiftLeft, shiftRight, shiftUp, shiftDown
  case pageUp, pageDown, home, end
  /// A function key, from 1.
  case function(Int)
}

/// A press, a release, a drag or a turn of the wheel, at a cell.
package struct MouseEvent: Hashable, Sendable {
  /// What the mouse did.
  package enum Kind: Hashable, Sendable { case press, release, drag, wheelUp, wheelDown }
  /// What it did.
  package var kind: Kind
  /// The column.
  package var x: Int
  /// The row.
  package var y: Int

  /// A mouse event at a cell.
  package init(_ kind: Kind, x: Int, y: Int) {
    self.kind = kind
    self.x = x
    self.y = y
  }
}
