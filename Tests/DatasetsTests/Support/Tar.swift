/// A writer of tar archives, for archives that no tar program creates.
enum Tar {
  /// An entry: a name of at most 100 bytes, its type, where it links to, and its contents.
  struct Entry {
    var name: String
    /// `0` a file, `1` a hard link, `2` a symbolic link, `3` a device, `5` a folder.
    var type: Character = "0"
    var target = ""
    var bytes: [UInt8] = []
  }

  /// A .tar.gz with these entries.
  static func archive(_ entries: [Entry]) -> [UInt8] {
    Gzip.stored(entries.flatMap(block) + [UInt8](repeating: 0, count: 1024))
  }

  private static func block(_ entry: Entry) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) {
      header.replaceSubrange(place..<place + text.utf8.count, with: Array(text.utf8))
    }
    func octal(_ value: Int, digits: Int) -> String {
      let text = String(value, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(entry.name, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(entry.bytes.count, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    put("        ", at: 148)
    put(String(entry.type), at: 156)
    put(entry.target, at: 157)
    put("ustar", at: 257)
    put("00", at: 263)
    put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6), at: 148)
    header[154] = 0
    return header + entry.bytes + [UInt8](repeating: 0, count: (512 - entry.bytes.count % 512) % 512)
  }
}
