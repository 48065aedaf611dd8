import Datasets
package import EngineProtocol

extension ExperimentResolver {
  /// What can be trained here: the presets, the one for the data set found first, and the data sets.
  package func catalog(dataDirectory: String? = nil) -> Catalog {
    let library = DatasetLibrary(dataDirectory: dataDirectory, environment: environment)
    let found = library.defaultName()
    let quick = PresetLibrary.quickPreset(dataset: found.name)
    let names = [quick] + PresetLibrary.names.filter { $0 != quick }
    let presets = names.compactMap { name in
      // The tests read every preset; one that can't be read would be missing here, not break the list.
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
