import EngineProtocol
import Foundation
package import TrainingMetrics

/// Exports a run to formats that other programs read.
///
/// Points are read one series at a time, so memory use does not grow with their total number.
package struct RunExport {
  /// A series as recorded.
  package struct Series: Sendable {
    /// The points in order.
    package var points: [MetricPoint]
    /// When each point was recorded, in seconds since 1970; if unknown, the time before it.
    package var times: [Double]
  }

  /// The run, possibly without its series.
  package let history: RunHistory
  /// The names of the series, by lane, branch, metric and layer.
  let keys: [SeriesKey]
  private let read: (SeriesKey) throws -> Series

  /// An export of a run in memory.
  package init(_ history: RunHistory) {
    self.history = history
    keys = history.orderedSeries
    read = { key in Series(points: history.series[key] ?? [], times: history.wallTimes(of: key)) }
  }

  private init(_ reader: HistoryReader, path: String) throws {
    history = try reader.outline(points: false)
    let names = Dictionary(try reader.seriesNames().map { ($0.key, $0.id) }) { first, _ in first }
    // A series without points was removed by a truncation.
    keys = history.ordered(try names.filter { try reader.hasPoints($0.value) }.keys)
    let start = history.description.startedAt
    read = { key in
      try RunDatabase.attempt(path) {
        guard let id = names[key] else { return Series(points: [], times: []) }
        let points = try reader.points(of: id, after: .min, limit: (0, -1))
        let clock = try reader.times(of: BranchKey(lane: key.lane, branch: key.branch))
        return Series(points: points, times: clock.wallTimes(of: points, start: start))
      }
    }
  }

  /// Calls `body` with the export of a run's directory, read in one transaction, even while an engine is writing it.
  /// - Throws: `StoreError.notFound`, `.newerFormat`, `.damaged`; errors of `body` unchanged.
  package static func reading<Value>(_ directory: String, _ body: (RunExport) throws -> Value) throws -> Value {
    let path = URL(filePath: directory).standardizedFileURL.path
    let result: Result<Value, any Error> = try RunDatabase.read(path) { database in
      let export = try RunExport(HistoryReader(database, directory: path), path: RunDatabase.path(in: path))
      return Result { try body(export) }
    }
    return try result.get()
  }

  /// Returns the points of a series with their times.
  /// - Throws: `StoreError`.
  func series(_ key: SeriesKey) throws -> Series { try read(key) }

  /// Writes one file per series, `<lane>[~branch]-<metric>[-layer].csv`, with the columns `Wall time,Step,Value`.
  ///
  /// The wall time is in seconds since 1970. A value is written as a double, or as `nan`, `inf`, `-inf`.
  /// - Parameter folder: the directory, which is created if necessary.
  /// - Returns: the paths of the files in order.
  /// - Throws: `StoreError.exists` if one of the files exists already; then none is written.
  package func csv(to folder: String) throws -> [String] {
    try RunDatabase.attempt(folder) {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    let files = keys.map { key in (key, folder + "/" + Self.fileName(of: key)) }
    for (_, path) in files where FileManager.default.fileExists(atPath: path) {
      throw StoreError(.exists, "\(path): already exists: choose another folder, or remove it")
    }
    for (key, path) in files {
      let series = try series(key)
      try DurableFile.write(to: path) { write in
        var text = TextBuffer(write)
        try text.append("Wall time,Step,Value\n")
        for (point, time) in zip(series.points, series.times) {
          try text.append("\(time),\(point.step),\(Double(point.value))\n")
        }
        try text.flush()
      }
    }
    return files.map(\.1)
  }

  private static func fileName(of key: SeriesKey) -> String {
    let lane = FileName.unambiguous(key.lane, limit: 100) + (key.branch == 1 ? "" : "~\(key.branch)")
    let layer = key.key.layer.map { "-" + FileName.unambiguous($0, limit: 80) } ?? ""
    return "\(lane)-\(key.key.metric.rawValue)\(layer).csv"
  }
}

/// A buffer that passes on text in pieces.
struct TextBuffer {
  private static let size = 1 << 16
  private var text = ""
  private let write: (String) throws -> Void

  /// A buffer that passes its text to `write`.
  init(_ write: @escaping (String) throws -> Void) { self.write = write }

  mutating func append(_ piece: some StringProtocol) throws {
    text.append(contentsOf: piece)
    if text.utf8.count >= Self.size { try flush() }
  }

  /// Passes on the rest.
  mutating func flush() throws {
    guard !text.isEmpty else { return }
    try write(text)
    text.removeAll(keepingCapacity: true)
  }
}
