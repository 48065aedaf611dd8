import EngineProtocol

// Data sets that are not here: downloaded by the engine, shown where the experiments are chosen.

extension Dashboard {
  /// Whether a data set is on its way.
  var isDownloading: Bool { model.snapshot.download != nil || downloadID != nil }

  /// `:download [NAME] [FROM]`: the data set named, else the chosen experiment's.
  mutating func download(_ argument: String?, _ launcher: inout LauncherModel) {
    if let loss = model.loss { return say(loss.words, .bad) }
    if isEngineSilent { return say("the engine does not answer: nothing was sent", .warning) }
    guard let catalog = launcher.catalog else { return say("the engine has not told yet what can be trained") }
    if let standing = model.snapshot.download {
      return say("\(standing.dataset) is being downloaded: esc ends that", .warning)
    }
    let words = (argument ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    let source = words.count > 1 ? words[1] : nil
    guard let name = words.first ?? launcher.dataset else {
      return say("choose a data set first, or say :download NAME", .warning)
    }
    let names = catalog.datasets.filter { $0.downloadBytes != nil }.map(\.name).joined(separator: ", ")
    guard let dataset = catalog.datasets.first(where: { $0.name == name }) else {
      return say("download: expected one of \(names), found “\(name)”", .warning)
    }
    if let location = dataset.location { return say("\(name) is here already: \(location)") }
    guard dataset.downloadBytes != nil else { return say("\(name) was not found here. \(dataset.howToGet)", .warning) }
    launcher.fault = nil
    toast = nil
    effects.append(
      .send(.download(DownloadRequest(dataset: name, dataDirectory: launcher.dataDirectory, from: source))))
  }

  /// Ends the download.
  mutating func cancelDownload() { effects.append(.send(.cancelDownload)) }

  /// Takes in what came of a download: what can be trained is asked for anew.
  mutating func didDownload(_ result: DownloadResult) {
    if let folder = result.folder {
      say("\(result.dataset) is in \(folder)", .good)
    } else if result.wasCancelled {
      say("download of \(result.dataset) ended; what has come is kept, and the next one goes on from there")
    } else if case .launcher(var launcher) = mode {
      launcher.fault = LauncherModel.Fault(dataset: result.dataset, reason: result.failure ?? "")
      mode = .launcher(launcher)
    } else {
      say("\(result.dataset) was not downloaded: \(result.failure ?? "")", .bad)
    }
    guard case .launcher(let launcher) = mode, result.folder != nil else { return }
    effects.append(.send(.describeCatalog(dataDirectory: launcher.dataDirectory)))
  }
}
