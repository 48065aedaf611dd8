/// What a person did at the terminal, or what the terminal itself has answered.
package enum InputEvent: Hashable, Sendable {
  /// A key, with the modifiers that the terminal tells.
  case key(Key)
  /// The mouse, at a cell.
  case mouse(MouseEvent)
  /// The terminal has this size now.
  case resize(width: Int, height: Int)
  /// Text pasted as a whole.
  case paste(PastedText)
  /// The terminal's answer to a question of the program.
  case report(TerminalReport)
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

/// Text that was pasted between the marks of a bracketed paste.
package struct PastedText: Hashable, Sendable {
  /// The text's beginning, without control characters other than line ends and tabs.
  package var text: String
  /// How many characters (Unicode scalars) were left out at its end, because it was too long.
  package var omitted: Int

  /// A pasted text.
  package init(_ text: String, omitted: Int = 0) {
    self.text = text
    self.omitted = omitted
  }
}

/// An answer of the terminal to a question that the program has sent.
package enum TerminalReport: Hashable, Sendable {
  /// `ESC [ 0 n`, the answer to `ESC [ 5 n`; 3 says that the terminal has a fault.
  case status(Int)
  /// `ESC [ row ; column R`, the answer to `ESC [ 6 n`. Row 1 is never reported so: there it is a modified F3.
  case cursor(row: Int, column: Int)
  /// `ESC [ ? number ; value $ y`, the answer to DECRQM.
  case mode(Int, value: Int)
  /// `ESC [ ? … c`, the answer to `ESC [ c`.
  case attributes([Int])
}
