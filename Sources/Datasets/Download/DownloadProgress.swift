/// How far a file is.
package struct DownloadProgress: Hashable, Sendable {
  /// The file's name.
  package let name: String
  /// How many bytes have come.
  package let received: Int
  /// How many there will be; nil where nobody says so.
  package let total: Int?
  /// How fast they come; nil where it is not known yet.
  package let bytesPerSecond: Double?

  /// How far a file is.
  package init(name: String, received: Int, total: Int?, bytesPerSecond: Double?) {
    self.name = name
    self.received = received
    self.total = total
    self.bytesPerSecond = bytesPerSecond
  }

  /// The share that has come, from 0 to 1.
  package var share: Double? {
    total.map { $0 > 0 ? min(1, Double(received) / Double($0)) : 1 }
  }

  /// The figures: `45 %  4.5 of 9.9 MB  2.3 MB/s  0:02 left`.
  package var figures: String {
    var words: [String] = []
    if let total, let share {
      let unit = Unit(of: total)
      words.append("\(Int(share * 100)) %")
      words.append("\(unit.number(Double(received))) of \(unit.text(Double(total)))")
    } else {
      words.append(Unit(of: received).text(Double(received)))
    }
    if let rate = bytesPerSecond {
      words.append(Unit(of: Int(rate)).text(rate) + "/s")
      if let total, rate >= 1 { words.append(Self.clock(Double(total - received) / rate) + " left") }
    }
    return words.joined(separator: "  ")
  }

  /// A line that fits into so many columns: name, bar, figures, as many of them as there is room for.
  /// - Parameters:
  ///   - columns: how many there are; the last is left free, where a terminal would wrap.
  ///   - bar: draws a bar of so many columns.
  package func line(columns: Int, bar: (_ share: Double, _ columns: Int) -> String) -> String {
    let room = columns - 1
    let (name, figures) = (name, figures)
    let rest = room - name.count - figures.count - 4
    if let share, rest >= 8 { return "\(name)  \(bar(share, min(rest, 40)))  \(figures)" }
    if rest >= -2 { return "\(name)  \(figures)" }
    return String(figures.prefix(max(0, room)))
  }

  /// `0:07`, `12:30`, `1:02:03`.
  private static func clock(_ seconds: Double) -> String {
    guard seconds < 360_000 else { return "days" }
    let seconds = Int(seconds.rounded(.up))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(seconds % 60))" : "\(minutes):\(two(seconds % 60))"
  }

  /// A unit in powers of ten, as disks are sold.
  private struct Unit {
    private static let names = ["B", "kB", "MB", "GB", "TB"]
    private let power: Int

    /// The one in which so many bytes are read best.
    init(of bytes: Int) {
      var (power, rest) = (0, bytes)
      while rest >= 1000, power < Self.names.count - 1 { (power, rest) = (power + 1, rest / 1000) }
      self.power = power
    }

    /// Bytes in this unit, with a decimal.
    func number(_ bytes: Double) -> String {
      let scale = (0..<power).reduce(1.0) { scale, _ in scale * 1000 }
      guard power > 0 else { return String(Int(bytes)) }
      let tenths = Int((bytes / scale * 10).rounded())
      return "\(tenths / 10).\(tenths % 10)"
    }

    /// The same with the unit's name.
    func text(_ bytes: Double) -> String { number(bytes) + " " + Self.names[power] }
  }
}

extension DownloadProgress {
  /// So many bytes in words: `9.9 MB`.
  static func size(_ bytes: Int) -> String { Unit(of: bytes).text(Double(bytes)) }
}
