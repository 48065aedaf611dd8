internal import TrainingMetrics

/// The progress of a file's download.
package struct DownloadProgress: Hashable, Sendable {
  /// The file's name.
  package let name: String
  /// Number of bytes received.
  package let received: Int
  /// Total number of bytes; nil if unknown.
  package let total: Int?
  /// Speed; nil if not known yet.
  package let bytesPerSecond: Double?

  /// The progress of a file's download.
  package init(name: String, received: Int, total: Int?, bytesPerSecond: Double?) {
    self.name = name
    self.received = received
    self.total = total
    self.bytesPerSecond = bytesPerSecond
  }

  /// The fraction received, from 0 to 1.
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

  /// Returns a line of limited width: name, bar and figures, as far as they fit.
  /// - Parameters:
  ///   - columns: the width of the terminal; the last column stays free, because a terminal would wrap there.
  ///   - bar: draws a bar with this number of columns.
  package func line(columns: Int, bar: (_ share: Double, _ columns: Int) -> String) -> String {
    let room = columns - 1
    let (name, figures) = (name, figures)
    let rest = room - name.count - figures.count - 4
    if let share, rest >= 8 { return "\(name)  \(bar(share, min(rest, 40)))  \(figures)" }
    if rest >= -2 { return "\(name)  \(figures)" }
    return String(figures.prefix(max(0, room)))
  }
}

/// Observes a download, and may cancel it.
package struct DownloadObserver {
  /// Called with the current activity, as a sentence without a full stop.
  let note: (String) -> Void
  /// Called with the progress of a file, about ten times a second.
  let progress: (DownloadProgress) -> Void
  /// Returns whether to cancel. Received data is kept for the next download.
  let isInterrupted: () -> Bool

  /// An observer; all functions are called on the calling thread.
  package init(
    note: @escaping (String) -> Void, progress: @escaping (DownloadProgress) -> Void,
    isInterrupted: @escaping () -> Bool
  ) {
    self.note = note
    self.progress = progress
    self.isInterrupted = isInterrupted
  }
}
