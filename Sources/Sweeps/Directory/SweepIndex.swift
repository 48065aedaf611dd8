import EngineProtocol
import Foundation
import GRDB
import RunStore

/// The file `sweep.sqlite`: a table of the trials for queries, and the records of those that have ended.
///
/// Any process may write it at any time, because it can be made anew from the trials' records: it is written under another
/// name and renamed. So no lock of SQLite is needed, which NFS may not have, and a reader always finds a whole database.
package enum SweepIndex {
  /// Writes the index.
  /// - Throws: `StoreError`.
  package static func write(_ survey: SweepSurvey) throws {
    let path = survey.directory.path + "/sweep.sqlite"
    let temporary = "\(path).\(UUID().uuidString)"
    defer { unlink(temporary) }
    do {
      let queue = try DatabaseQueue(path: temporary)
      // Not durable while it is written: only the finished file gets the name.
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF") }
      try queue.write { try fill($0, survey) }
      try queue.close()
      try DurableFile.rename(temporary, to: path)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// The records of trials that have ended, by number; empty if there is no index that can be read.
  static func endedRecords(in directory: String) -> [Int: TrialRecord] {
    let path = directory + "/sweep.sqlite"
    guard FileManager.default.fileExists(atPath: path) else { return [:] }
    var configuration = Configuration()
    configuration.readonly = true
    let records = try? DatabaseQueue(path: path, configuration: configuration).read { database in
      try Row.fetchAll(database, sql: "SELECT trial, record FROM records").map { row in
        (row["trial"] as Int, try EngineJSON.decoder().decode(TrialRecord.self, from: row["record"] as Data))
      }
    }
    return Dictionary(records ?? []) { first, _ in first }
  }

  private static func fill(_ database: Database, _ survey: SweepSurvey) throws {
    let parameters = survey.directory.definition.parameters.map(\.name)
    func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
    let columns = parameters.map { ", \(quoted($0)) ANY" }.joined()
    try database.execute(
      sql: """
        CREATE TABLE trials (
          trial INTEGER PRIMARY KEY, setting INTEGER NOT NULL, seed TEXT NOT NULL\(columns), state TEXT NOT NULL,
          objective REAL, epochs INTEGER NOT NULL, seconds REAL NOT NULL, starts INTEGER NOT NULL, host TEXT,
          weightsSHA256 TEXT, failure TEXT, run TEXT NOT NULL) STRICT;
        CREATE TABLE records (trial INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
        """)
    let places = Array(repeating: "?", count: 12 + parameters.count).joined(separator: ", ")
    let insertion = try database.makeStatement(sql: "INSERT INTO trials VALUES (\(places))")
    let lane = survey.directory.definition.objective.lane
    let encoder = EngineJSON.encoder()
    for standing in survey.standings {
      let (trial, record) = (standing.trial, standing.record)
      let values = parameters.map { name -> (any DatabaseValueConvertible)? in
        guard let text = trial.values.first(where: { $0.name == name })?.value else { return nil }
        return Double(text) ?? text
      }
      let head: [(any DatabaseValueConvertible)?] = [trial.number, trial.setting, String(trial.seed)]
      let tail: [(any DatabaseValueConvertible)?] = [
        standing.state.rawValue, survey.objective(standing), record?.longestEpochs ?? 0, record?.seconds ?? 0,
        record?.starts ?? 0, record?.host, record?.lanes.first { $0.lane == lane }?.weightsSHA256, record?.failure,
        "runs/" + SweepDirectory.runName(of: trial.number),
      ]
      try insertion.execute(arguments: StatementArguments(head + values + tail))
      if let record, record.hasEnded {
        try database.execute(
          sql: "INSERT INTO records VALUES (?, ?)", arguments: [trial.number, try encoder.encode(record)])
      }
    }
  }
}
