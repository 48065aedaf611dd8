/// An action of the user at the terminal, or an answer of the terminal itself.
package enum InputEvent: Hashable, Sendable {
  /// A key, with the modifiers reported by the terminal.
  case key(Key)
  /// The mouse, at a cell.
  case mouse(MouseEvent)
  /// The terminal was resized.
  case resize(width: Int, height: Int)
  /// Text pasted as a whole.
  case paste(PastedText)
  /// The terminal's answer to a query.
  case report(TerminalReport)
  /// The terminal is gone, or a signal requests termination.
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

/// A press, release, drag or wheel step at a cell.
package struct MouseEvent: Hashable, Sendable {
  /// The kinds of mouse events.
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

/// Text from a bracketed paste.
package struct PastedText: Hashable, Sendable {
  /// The start of the text, without control characters other than line ends and tabs.
  package var text: String
  /// The number of characters (Unicode scalars) omitted at the end because the text was too long.
  package var omitted: Int

  /// A pasted text.
  package init(_ text: String, omitted: Int = 0) {
    self.text = text
    self.omitted = omitted
  }
}

/// The terminal's answer to a query of the program.
package enum TerminalReport: Hashable, Sendable {
  /// `ESC [ 0 n`, the answer to `ESC [ 5 n`; 3 means that the terminal has a fault.
  case status(Int)
  /// `ESC [ row ; column R`, the answer to `ESC [ 6 n`. Row 1 is never reported this way: it would be a modified F3.
  case cursor(row: Int, column: Int)
  /// `ESC [ ? number ; value $ y`, the answer to DECRQM.
  case mode(Int, value: Int)
  /// `ESC [ ? … c`, the answer to `ESC [ c`.
  case attributes([Int])
  /// `ESC _ G i=31;OK ESC \`, the answer of a terminal that draws images by Kitty's protocol. Who draws is told when the line
  /// has turned out to be fast enough.
  case drawsImages
}

/// Time limits of the input parser, in seconds.
package struct InputTiming: Hashable, Sendable {
  /// How long a lone ESC waits for the rest of a sequence before it counts as the Escape key.
  package var escape: Double
  /// How long after that the rest of a sequence is still recognized. Escape takes effect after this time.
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
