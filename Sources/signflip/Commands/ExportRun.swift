import ArgumentParser
import Deployment
import EngineProtocol
import Foundation
import RunStore
import Training

struct ExportRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Export a run's metrics and journal.",
    discussion: """
      csv: a folder with one file per series, with the columns Wall time, Step, Value. json: one document. steering: \
      the journal as a script for train --steer. json and steering are written to standard output (or --to -), or to a new file.
      """)

  /// The format of the export.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case csv, json, steering
  }

  @Option(help: "csv, json or steering.")
  var format = Format.csv

  @Option(name: .customLong("to"), help: ArgumentHelp("The folder (csv), or the new file.", valueName: "path"))
  var target: String?

  @OptionGroup var recorded: RecordedRunOptions

  func run() throws {
    switch format {
    case .csv:
      guard target != "-" else { throw TrainingError("--to -: expected a folder for csv, found standard output") }
      let (files, remarks) = try RunExport.reading(recorded.directory()) { export in
        (try export.csv(to: target ?? export.history.description.id), export.history.remarks)
      }
      try StandardStream.output.print(files.joined(separator: "\n"))
      for remark in remarks { try StandardStream.error.print(remark) }
    case .json:
      try RunExport.reading(recorded.directory()) { export in
        try NewFile.write(to: target ?? "-") { write in
          try export.json(to: write)
          try write("\n")
        }
      }
    case .steering: try NewFile.write(SteeringJournal.text(of: recorded.outline()), to: target ?? "-")
    }
  }
}
