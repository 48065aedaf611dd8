import EngineProtocol
import TerminalUI
import TrainingMetrics

/// Draws the progress of a download, or why it failed, at the bottom of the launcher.
struct LauncherDownload {
  let download: Snapshot.Download?
  let fault: LauncherModel.Fault?
  let keyMap: KeyMap

  /// The number of rows it needs: 0 if there is neither a download nor a failure.
  func height(width: Int, screen: Int) -> Int {
    guard screen >= 3 else { return 0 }
    if let download { return screen >= 16 && !download.note.isEmpty ? 2 : 1 }
    guard fault != nil else { return 0 }
    return min(faultLines(width: width).count, max(1, screen / 3))
  }

  /// Draws it into the given rows.
  func draw(in area: Rect, on painter: inout Painter) {
    guard !area.isEmpty else { return }
    painter.fill(area, .bar)
    painter.on(.bar) { painter in
      if let download {
        if area.height > 1 { painter.text(" " + download.note, x: area.x, y: area.y, .faint, maxWidth: area.width - 1) }
        draw(download, in: area.row(area.height - 1), on: &painter)
      } else {
        for (row, line) in faultLines(width: area.width).prefix(area.height).enumerated() {
          let sign = row == 0 ? "\(painter.glyphs.failed) " : "  "
          let pieces = [painter.piece(" " + sign, .bad, .bold), painter.piece(line, .warning)]
          painter.frame.text(pieces, x: area.x, y: area.y + row, maxWidth: area.width)
        }
      }
    }
  }

  private func faultLines(width: Int) -> [String] {
    guard let fault else { return [] }
    let again = keyMap.keys(for: .download).first?.label ?? ":download"
    // What to do comes first, because the reason may be long.
    let text = "\(fault.dataset) was not downloaded (\(again) tries again): \(fault.reason)"
    return TextWrap.lines(text, width: max(1, width - 4))
  }

  // Name, bar, percentage, bytes, speed and remaining time, as far as they fit.
  private func draw(_ download: Snapshot.Download, in row: Rect, on painter: inout Painter) {
    let left = [painter.piece(" \(download.dataset) ", .strong, .bold)]
    var parts: [[StyledText]] = []
    let share = download.total.map { $0 > 0 ? min(1, Double(download.received) / Double($0)) : 1 }
    if let share { parts.append([painter.piece("\(Int(share * 100)) % ", .strong)]) }
    let rate = download.bytesPerSecond.map { max(0, $0) }
    if let rate { parts.append([painter.piece(" \(NumberFormat.bytes(Int(rate)))/s", .text)]) }
    if let rate, rate >= 1, let total = download.total {
      let seconds = (Double(max(0, total - download.received)) / rate).rounded(.up)
      parts.append([painter.piece("  \(NumberFormat.duration(seconds: seconds)) left", .text)])
    }
    let total = download.total.map { " of \(NumberFormat.bytes($0))" } ?? ""
    parts.append([painter.piece("  \(NumberFormat.bytes(download.received))\(total)", .text)])
    parts.append([painter.piece("  esc ends it", .faint)])
    var room = row.width - displayWidth(left) - 1
    var pieces: [StyledText] = []
    for part in parts where displayWidth(part) <= room {
      pieces += part
      room -= displayWidth(part)
    }
    let barWidth = min(40, room - 1)
    if let share, barWidth >= 6 {
      let done = Int((share * Double(barWidth)).rounded(.down))
      let bar = [
        painter.piece(String(repeating: "\(painter.glyphs.progressDone)", count: done), .accent),
        painter.piece(String(repeating: "\(painter.glyphs.progressRest)", count: barWidth - done) + " ", .border),
      ]
      pieces = bar + pieces
    }
    painter.frame.text(left + pieces, x: row.x, y: row.y, maxWidth: row.width)
  }
}

// Missing data sets, which the engine downloads.

extension Dashboard {
  /// Whether a data set is being downloaded.
  var isDownloading: Bool { model.snapshot.download != nil || connection.pending.isDownloading }

  /// `:download [NAME] [FROM]`: downloads the named data set, or the selected experiment's.
  mutating func download(_ argument: String?) {
    if let loss = model.loss { return say(loss.words, .bad) }
    if isEngineSilent { return say("the engine does not answer: nothing was sent", .warning) }
    guard let catalog = launcher.catalog else { return say("the engine has not listed the presets yet") }
    if let standing = model.snapshot.download {
      return say("\(standing.dataset) is being downloaded: esc ends that", .warning)
    }
    let words = (argument ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    let source = words.count > 1 ? words[1] : nil
    guard let name = words.first ?? launcher.dataset else {
      return say("choose a data set first, or type :download NAME", .warning)
    }
    let names = catalog.datasets.filter { $0.downloadBytes != nil }.map(\.name).joined(separator: ", ")
    guard let dataset = catalog.datasets.first(where: { $0.name == name }) else {
      return say("download: expected one of \(names), found “\(name)”", .warning)
    }
    if let location = dataset.location { return say("\(name) is here already: \(location)") }
    guard dataset.downloadBytes != nil else { return say("\(name) was not found here. \(dataset.howToGet)", .warning) }
    launcher.fault = nil
    messages.dismiss()
    send(.download(DownloadRequest(dataset: name, dataDirectory: launcher.dataDirectory, from: source)))
  }

  /// Cancels the download.
  mutating func cancelDownload() { send(.cancelDownload) }

  /// Handles the end of a download: requests the catalog again.
  mutating func didDownload(_ result: DownloadResult) {
    if let folder = result.folder {
      say("\(result.dataset) is in \(folder)", .good)
    } else if result.wasCancelled {
      say("download of \(result.dataset) cancelled; received data is kept, and the next download resumes")
    } else if isInLauncher {
      launcher.fault = LauncherModel.Fault(dataset: result.dataset, reason: result.failure ?? "")
    } else {
      say("\(result.dataset) was not downloaded: \(result.failure ?? "")", .bad)
    }
    guard isInLauncher, result.folder != nil else { return }
    send(.describeCatalog(dataDirectory: launcher.dataDirectory))
  }
}
