internal import TrainingMetrics

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
      let unit = ByteUnit(of: total)
      words.append("\(Int(share * 100)) %")
      words.append("\(unit.number(Double(received))) of \(unit.text(Double(total)))")
    } else {
      words.append(ByteUnit(of: received).text(Double(received)))
    }
    if let rate = bytesPerSecond {
      words.append(ByteUnit(of: Int(rate)).text(rate) + "/s")
      if let total, rate >= 1 {
        words.append(NumberFormat.duration(seconds: (Double(total - received) / rate).rounded(.up)) + " left")
      }
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
}

/// Who watches a download, and may end it.
package struct DownloadObserver {
  /// Told what is being done, in a sentence without a full stop.
  let note: (String) -> Void
  /// Told how far a file is, about ten times a second.
  let progress: (DownloadProgress) -> Void
  /// Whether to end now. What has come stays for the next time.
  let isInterrupted: () -> Bool

  /// A watcher; all is called on the calling thread.
  package init(
    note: @escaping (String) -> Void, progress: @escaping (DownloadProgress) -> Void,
    isInterrupted: @escaping () -> Bool
  ) {
    self.note = note
    self.progress = progress
    self.isInterrupted = isInterrupted
  }
}
