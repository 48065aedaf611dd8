package import Datasets
package import EngineProtocol
import Foundation
import NeuralNetworks
import TrainingMetrics

/// Resolves a request to an experiment: finds the preset or file and the data set, and applies the requested changes.
package struct ExperimentResolver: Sendable {
  /// The environment in which data sets are looked for.
  package let environment: [String: String]

  /// Resolves in the given environment.
  package init(environment: [String: String]) { self.environment = environment }

  /// An experiment, and the source of its data.
  package struct Resolution: Sendable {
    /// The experiment, with its data set filled in.
    package var experiment: Experiment
    /// The data set's name or directory.
    package var dataset: String
    /// Why this data set was chosen; nil if the user named it.
    package var datasetReason: String?
    /// Notes for the user about how the experiment was read.
    package var notes: [String] = []
    /// Where to find the data set.
    package var library: DatasetLibrary
  }

  /// Resolves a request.
  /// - Throws: `ExperimentError`.
  package func resolve(_ request: ExperimentRequest) throws -> Resolution {
    let library = DatasetLibrary(dataDirectory: request.dataDirectory, environment: environment)
    var reason: String?
    var changes = try request.settings.map(SettingChange.init)
    if let epochs = request.epochs { changes.append(try SettingChange("epochs=\(epochs)")) }
    let source: String
    let text: String
    switch request.source {
    case .preset(let name?):
      (source, text) = ("preset \(name)", try PresetLibrary.text(of: name))
    case .preset(nil):
      let found = request.dataset.map { (name: $0, reason: "asked for") } ?? library.defaultName()
      reason = request.dataset == nil ? found.reason : nil
      let name = PresetLibrary.quickPreset(dataset: found.name)
      (source, text) = ("preset \(name)", try PresetLibrary.text(of: name))
    case .text(let words, let name):
      (source, text) = (name.printableLine, words)
    case .file(let path):
      (source, text) = (path.printableLine, try ExperimentResolver.read(path, as: "an experiment"))
    }
    var (experiment, notes) = try ExperimentReader(source: source, changes: changes).readWithNotes(text)
    if let seed = request.seed { experiment.seed = seed }
    if let dataset = request.dataset { experiment.dataset = dataset }
    try experiment.checkDataset()
    if let names = request.lanes {
      experiment.lanes = try chosen(names, of: experiment)
      try experiment.checkTeachers(source: source, reason: ", which is left out")
    }
    if experiment.dataset == nil {
      let found = library.defaultName()
      experiment.dataset = found.name
      reason = found.reason
    }
    return Resolution(
      experiment: experiment, dataset: experiment.dataset ?? "digits", datasetReason: reason, notes: notes,
      library: library)
  }

  private func chosen(_ names: [String], of experiment: Experiment) throws -> [LanePlan] {
    for name in names where !experiment.lanes.contains(where: { $0.name == name }) {
      let known = experiment.lanes.map(\.name)
      throw ExperimentError(
        code: .unknownLane,
        message: "expected a lane of \(known.joined(separator: ", ")), found “\(name)”"
          + NearestName.question(name, among: known))
    }
    let lanes = experiment.lanes.filter { names.contains($0.name) }
    guard !lanes.isEmpty else { throw ExperimentError(code: .unknownLane, message: "expected at least one lane") }
    return lanes
  }

  /// Reads a text file.
  /// - Parameter kind: what the file should contain, for the error.
  /// - Throws: `ExperimentError`.
  package static func read(_ path: String, as kind: String) throws -> String {
    // Uses a file handle, because a pipe such as <(signflip presets show …) has no size.
    let data = FileHandle(forReadingAtPath: path).flatMap { try? $0.readToEnd() ?? Data() }
    guard let text = data.flatMap({ String(data: $0, encoding: .utf8) }) else {
      let exists = FileManager.default.fileExists(atPath: path)
      throw ExperimentError(
        code: .unreadable,
        message:
          "\(path.printableLine): expected \(kind) in YAML (UTF-8), found \(exists ? "something other than text" : "no such file")"
      )
    }
    return text
  }
}

extension ExperimentResolver {
  /// Lists what can be trained: the presets, with the default for the found data set first, and the data sets.
  package func catalog(dataDirectory: String? = nil) -> Catalog {
    let library = DatasetLibrary(dataDirectory: dataDirectory, environment: environment)
    let found = library.defaultName()
    let quick = PresetLibrary.quickPreset(dataset: found.name)
    let names = [quick] + PresetLibrary.names.filter { $0 != quick }
    let presets = names.compactMap { name in
      // Tests read every preset. An unreadable one is left out here, rather than failing the whole list.
      try? Catalog.Preset(PresetLibrary.experiment(named: name))
    }
    let datasets = library.entries().map {
      Catalog.Dataset(
        name: $0.name, summary: $0.summary, location: $0.location, howToGet: $0.howToGet,
        downloadBytes: DownloadableDataset(rawValue: $0.name)?.files.compactMap(\.size).reduce(0, +))
    }
    return Catalog(
      presets: presets, datasets: datasets, searchPath: library.searchPath, defaultReason: found.reason)
  }
}

extension Catalog.Preset {
  /// Describes an experiment as a preset.
  package init(_ experiment: Experiment) {
    self.init(
      name: experiment.name, summary: experiment.summary, expectedResult: experiment.expectedResult,
      cost: experiment.cost, dataset: experiment.dataset ?? "",
      lanes: experiment.lanes.map { lane in
        Catalog.Lane(
          name: lane.name, method: lane.methodDescription,
          network: lane.network.shortDescription, hyperparameters: lane.settings())
      },
      epochs: experiment.lanes.map(\.epochs).max() ?? 0, seed: experiment.seed)
  }
}
