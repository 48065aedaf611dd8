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

/// How long the input parser waits for the rest of what has begun. All in seconds.
package struct InputTiming: Hashable, Sendable {
  /// How long a lone ESC waits for the rest of a sequence, before it is taken for the Escape key.
  package var escape: Double
  /// How long after that the rest of a sequence is still recognized. Escape acts when this time is over too.
  package var lateTail = 0.05
  /// How long an unfinished sequence waits for its next byte, before it is dropped.
  package var abandoned = 1.0

  /// The usual times, with this wait for a lone ESC.
  package init(escape: Double = 0.025) { self.escape = escape }

  /// The times that suit a terminal: `ESCDELAY` in milliseconds, else 25 ms, and 100 ms where ssh or mosh carries the keys.
  /// - Parameter environment: the program's environment. A value of `ESCDELAY` that is no number from 0 to 10,000 is ignored.
  package init(environment: [String: String]) {
    if let value = environment["ESCDELAY"].flatMap({ Int($0) }), (0...10_000).contains(value) {
      self.init(escape: Double(value) / 1000)
    } else {
      let isRemote = ["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"].contains { !(environment[$0] ?? "").isEmpty }
      self.init(escape: isRemote ? 0.1 : 0.025)
    }
  }
}
