import EngineProtocol
import Foundation
import TrainingMetrics

/// A run in formats that other programs read.
package enum RunExport {
  /// Writes a file for each series, `<lane>[~branch]-<metric>[-layer].csv`, with the columns `Wall time,Step,Value`.
  ///
  /// The wall time is in seconds since 1970. A value is the number as a double tells it, or `nan`, `inf`, `-inf`.
  /// - Parameter folder: made where it is missing.
  /// - Returns: the paths of the files, in order.
  /// - Throws: `StoreError.exists` where a file of one of the names is there already: then none is written.
  package static func csv(_ history: RunHistory, to folder: String) throws -> [String] {
    try RunDatabase.attempt(folder) {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    let files = history.orderedSeries.map { key in (key, folder + "/" + fileName(of: key)) }
    for (_, path) in files where FileManager.default.fileExists(atPath: path) {
      throw StoreError(.exists, "\(path): is there already: name another folder, or remove it")
    }
    for (key, path) in files {
      var text = "Wall time,Step,Value\n"
      for (point, time) in zip(history.series[key] ?? [], history.wallTimes(of: key)) {
        text += "\(time),\(point.step),\(Double(point.value))\n"
      }
      try DurableFile.write(Data(text.utf8), to: path)
    }
    return files.map(\.1)
  }

  private static func fileName(of key: SeriesKey) -> String {
    let lane = FileName.unambiguous(key.lane, limit: 100) + (key.branch == 1 ? "" : "~\(key.branch)")
    let layer = key.key.layer.map { "-" + FileName.unambiguous($0, limit: 80) } ?? ""
    return "\(lane)-\(key.key.metric.rawValue)\(layer).csv"
  }
}
