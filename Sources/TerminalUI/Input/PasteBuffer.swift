/// Gathers a bracketed paste until its end mark. Keeps a bounded beginning of it, and counts the rest.
struct PasteBuffer: Sendable {
  /// How many bytes of a paste are kept: more than any line, path or value has.
  static let limit = 64 * 1024
  private static let endMark = Array("\u{1B}[201~".utf8)
  private static let answer = Array("\u{1B}[0n".utf8)

  private var bytes: [UInt8] = []
  private var omitted = 0
  // What may become the end mark, or an answer of the terminal: it stands at the end of what has come.
  private var pending: [UInt8] = []
  /// How many answers of the terminal to “are you there?” have come into the middle of the paste, and were taken out.
  private(set) var answers = 0

  /// Takes bytes in, up to the end mark where there is one.
  /// - Parameter place: where to begin; afterwards, where to go on.
  /// - Returns: the text when the end mark has come.
  mutating func append(_ input: ArraySlice<UInt8>, from place: inout Int) -> PastedText? {
    while place < input.endIndex {
      if pending.isEmpty {
        // Whole stretches at once: a paste may be long.
        let end = input[place...].firstIndex(of: Self.endMark[0]) ?? input.endIndex
        keep(input[place..<end])
        place = end
        if place == input.endIndex { return nil }
      }
      pending.append(input[place])
      place += 1
      if pending.suffix(Self.answer.count).elementsEqual(Self.answer) {
        pending.removeLast(Self.answer.count)
        answers += 1
      }
      if pending == Self.endMark { return text }
      while !pending.isEmpty, !isOpen { keep([pending.removeFirst()]) }
    }
    return nil
  }

  // Whether what is pending begins as the end mark does, maybe with the begin of an answer behind.
  private var isOpen: Bool {
    (0...min(pending.count, Self.endMark.count)).contains { count in
      Self.endMark.starts(with: pending.prefix(count)) && Self.answer.starts(with: pending.dropFirst(count))
    }
  }

  private mutating func keep(_ new: ArraySlice<UInt8>) {
    let room = max(0, Self.limit - bytes.count)
    bytes += new.prefix(room)
    if new.count > room { omitted += new.dropFirst(room).count { $0 & 0xC0 != 0x80 } }
  }

  private var text: PastedText {
    var result = String.UnicodeScalarView()
    var decoder = UTF8()
    var source = bytes.makeIterator()
    var isAfterReturn = false
    decoding: while true {
      switch decoder.decode(&source) {
      case .emptyInput: break decoding
      // Broken, or cut where it became too long.
      case .error: isAfterReturn = false
      case .scalarValue(let scalar):
        switch scalar {
        case "\n" where isAfterReturn: break
        case "\r", "\n": result.append("\n")
        case "\t": result.append(scalar)
        default: if scalar.properties.generalCategory != .control { result.append(scalar) }
        }
        isAfterReturn = scalar == "\r"
      }
    }
    return PastedText(String(result), omitted: omitted)
  }
}
