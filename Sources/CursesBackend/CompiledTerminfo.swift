import Foundation

/// A compiled terminfo entry, read and written in the format of term(5).
///
/// ncurses uses exact colours only if the entry has `RGB`, and entries with it are rarely installed: most terminals
/// set
/// \`TERM=xterm-256color` and announce more colours in `COLORTERM`. So the missing capabilities are added to the entry,
/// which is passed to ncurses in the environment (`TERMINFO=hex:`).
package struct CompiledTerminfo {
  private var names: [UInt8]
  private var booleans: [UInt8]
  private var numbers: [Int32]
  private var strings: [[UInt8]?]

  // Indices in the entry, in the order of term.h.
  private static let maxColors = 13
  private static let maxPairs = 14
  private static let setForeground = 359
  private static let setBackground = 360

  /// The number of colours of the entry.
  package var colorCount: Int { numbers.count > Self.maxColors ? Int(numbers[Self.maxColors]) : -1 }

  /// Reads an entry; nil if the bytes are not an entry or it has no colours.
  package init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard let magic = reader.short(), magic == 0o432 || magic == 0o1036,
      let nameSize = reader.short(), let booleanCount = reader.short(), let numberCount = reader.short(),
      let stringCount = reader.short(), let tableSize = reader.short(),
      let names = reader.take(nameSize), let booleans = reader.take(booleanCount)
    else { return nil }
    if (nameSize + booleanCount) % 2 == 1 { _ = reader.take(1) }
    var numbers: [Int32] = []
    for _ in 0..<numberCount {
      guard let number = magic == 0o432 ? reader.short().map(Int32.init) : reader.long() else { return nil }
      numbers.append(number)
    }
    var offsets: [Int] = []
    for _ in 0..<stringCount {
      guard let offset = reader.short() else { return nil }
      offsets.append(offset)
    }
    guard let table = reader.take(tableSize) else { return nil }
    self.names = names
    self.booleans = booleans
    self.numbers = numbers
    strings = offsets.map { offset in
      guard offset >= 0, offset < table.count else { return nil }
      return Array(table[offset...].prefix { $0 != 0 })
    }
    guard numbers.count > Self.maxPairs, strings.count > Self.setBackground else { return nil }
  }

  /// Reads the entry of a terminal from the directories that ncurses searches; nil if there is none.
  package static func load(_ name: String) -> CompiledTerminfo? {
    guard let first = name.utf8.first, !name.contains("/") else { return nil }
    let environment = ProcessInfo.processInfo.environment
    var folders = [environment["TERMINFO"], environment["HOME"].map { $0 + "/.terminfo" }].compactMap { $0 }
    folders += (environment["TERMINFO_DIRS"] ?? "").split(separator: ":").map(String.init)
    folders += ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo"]
    for folder in folders {
      for letter in [String(Character(Unicode.Scalar(first))), String(first, radix: 16)] {
        if let data = FileManager.default.contents(atPath: "\(folder)/\(letter)/\(name)"),
          let entry = CompiledTerminfo(Array(data))
        {
          return entry
        }
      }
    }
    return nil
  }

  /// The entry with direct colour: numbers below 16 are palette colours, the others `0xRRGGBB`.
  package func withDirectColor() -> CompiledTerminfo {
    var result = self
    result.numbers[Self.maxColors] = 0x100_0000
    result.numbers[Self.maxPairs] = 0x10000
    func sequence(_ plain: Int, _ bright: Int, _ exact: Int) -> [UInt8] {
      let own = "%?%p1%{8}%<%t\(plain)%p1%d%e%p1%{16}%<%t\(bright)%p1%{8}%-%d%e"
      let components = "\(exact);2;%p1%{65536}%/%d;%p1%{256}%/%{255}%&%d;%p1%{255}%&%d%;"
      return Array("\u{1B}[\(own)\(components)m".utf8)
    }
    result.strings[Self.setForeground] = sequence(3, 9, 38)
    result.strings[Self.setBackground] = sequence(4, 10, 48)
    return result
  }

  /// The entry's bytes, with `RGB` as the only extended capability.
  package var bytes: [UInt8] {
    var table: [UInt8] = []
    var offsets: [Int] = []
    for string in strings {
      if let string {
        offsets.append(table.count)
        table += string + [0]
      } else {
        offsets.append(-1)
      }
    }
    var result: [UInt8] = []
    func short(_ value: Int) { result += [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)] }
    func even() { if result.count % 2 == 1 { result.append(0) } }
    for value in [0o1036, names.count, booleans.count, numbers.count, strings.count, table.count] { short(value) }
    result += names + booleans
    even()
    for number in numbers {
      short(Int(number))
      short(Int(number) >> 16)
    }
    for offset in offsets { short(offset) }
    result += table
    even()
    // Extended: one boolean, no numbers, no strings; one name in a table of four bytes.
    for value in [1, 0, 0, 1, 4] { short(value) }
    result.append(1)
    even()
    short(0)
    result += Array("RGB".utf8) + [0]
    return result
  }

  /// The entry in the format of the environment variable `TERMINFO`.
  package var environmentValue: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text = Array("hex:".utf8)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    mutating func take(_ count: Int) -> [UInt8]? {
      guard count >= 0, place + count <= bytes.count else { return nil }
      defer { place += count }
      return Array(bytes[place..<place + count])
    }

    mutating func short() -> Int? {
      take(2).map { Int(Int16(bitPattern: UInt16($0[0]) | UInt16($0[1]) << 8)) }
    }

    mutating func long() -> Int32? {
      take(4).map { Int32(bitPattern: $0.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }) }
    }
  }
}
