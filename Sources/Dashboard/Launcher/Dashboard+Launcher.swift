import EngineProtocol
import Foundation
import TerminalUI
import TrainingMetrics

// Choosing and starting an experiment.

extension Dashboard {
  /// Performs an action that has a special meaning in the launcher.
  /// - Returns: whether it has one.
  mutating func performInLauncher(_ invocation: Invocation) -> Bool {
    switch invocation.action {
    case .down: launcher.move(by: 1)
    case .up: launcher.move(by: -1)
    case .pageDown: launcher.move(by: 5)
    case .pageUp: launcher.move(by: -5)
    case .first: launcher.move(by: -1000)
    case .last: launcher.move(by: 1000)
    case .lane, .previousLane: launcher.side = launcher.side == .experiments ? .form : .experiments
    case .increase: moveRight(.fine)
    case .decrease: if launcher.side == .form { launcher.step(direction: -1, size: .fine) }
    case .increaseMore: moveRight(.coarse)
    case .decreaseMore: if launcher.side == .form { launcher.step(direction: -1, size: .coarse) }
    case .back:
      if isDownloading {
        cancelDownload()
      } else if launcher.fault != nil {
        launcher.fault = nil
      } else if launcher.side == .form {
        launcher.side = .experiments
      } else {
        messages.dismiss()
      }
    default: return false
    }
    return true
  }

  /// Handles a key that is not an action: a digit on a numeric field starts editing it.
  mutating func takeInLauncher(_ key: Key) {
    guard launcher.side == .form, case .character(let character) = key, character.isASCII, character.isNumber,
      launcher.field != .dataset
    else { return }
    beginTyping(launcher.field, text: String(character))
  }

  /// Starts the selected experiment.
  mutating func startExperiment() {
    if launcher.isFile, launcher.file == nil { return openFile(nil) }
    if let loss = model.loss { return say(loss.words, .bad) }
    guard launcher.catalog != nil else { return say("the engine has not listed the presets yet") }
    if isEngineSilent { return say("the engine does not answer: nothing was sent", .warning) }
    if let missing = launcher.missing, let bytes = missing.downloadBytes {
      let key = keyMap.keys(for: .download).first?.label ?? ":download"
      let isComing = model.snapshot.download?.dataset == missing.name
      return say(
        isComing
          ? "\(missing.name) is being downloaded: the experiment can start when that is done"
          : "\(missing.name) was not found here: \(key) downloads it, \(NumberFormat.bytes(bytes))", .warning)
    }
    do {
      let request = try launcher.request()
      mode = .live
      messages.dismiss()
      send(.start(request))
    } catch {
      say("\(error)", .warning)
    }
  }

  /// Returns to the launcher after a failed start; closes the dashboard if there is no launcher.
  mutating func backToLauncher(_ reason: String) {
    guard case .launcher = beginning else {
      effects.append(.end(.failed(reason)))
      return
    }
    mode = .launcher
    overlay = nil
    say(reason, .bad)
  }

  /// Searches for data sets again.
  mutating func rescan() {
    send(.describeCatalog(dataDirectory: launcher.dataDirectory))
    say("searching for data sets again")
  }

  // In the list of experiments, → moves to the form.
  private mutating func moveRight(_ size: StepSize) {
    if launcher.side == .experiments { launcher.side = .form } else { launcher.step(direction: 1, size: size) }
  }

  // MARK: Lanes, values, files

  /// `:toggle [LANE]`: includes or excludes the named lane, or the selected one.
  mutating func toggleLane(_ name: String?) {
    var lane = name
    if lane == nil, launcher.side == .form, case .lane(let chosen) = launcher.field { lane = chosen }
    guard let lane else { return say("select a lane first; space includes or excludes it") }
    if !launcher.toggle(lane) { say("at least one lane must be included", .warning) }
  }

  /// Starts editing the selected field.
  mutating func typeField() {
    beginTyping(launcher.field, text: "")
    launcher.side = .form
  }

  private mutating func beginTyping(_ field: LauncherField, text: String) {
    let prompt =
      switch field {
      case .dataset: "data set, by name or folder"
      case .epochs: "epochs"
      case .seed: "seed"
      case .batchSize: "batch"
      case .lane(let name): "learning rate of \(name)"
      }
    open(LineEntry(.field(field), prompt: prompt + " ", text: text))
  }

  /// `:open [FILE]`: uses a YAML file as experiment, or asks for its path.
  mutating func openFile(_ path: String?) {
    if let path { return readFile(path) }
    open(LineEntry(.file, prompt: "YAML file ", text: launcher.file ?? ""))
  }

  /// Uses a YAML file as experiment; `~` is the home directory.
  mutating func readFile(_ path: String) {
    guard isInLauncher, !path.isEmpty else { return }
    let path = LineEntry.expanded(path)
    guard FileManager.default.isReadableFile(atPath: path) else {
      return say("\(path): expected a YAML file, found no readable file", .warning)
    }
    launcher.open(path)
  }

  // MARK: Drawing

  /// Draws the launcher.
  func drawLauncher(_ context: ViewContext, on painter: inout Painter) {
    let download = LauncherDownload(download: model.snapshot.download, fault: launcher.fault, keyMap: keyMap)
    LauncherView(launcher: launcher, footer: footer(context, on: nil), keyMap: keyMap, download: download)
      .draw(in: painter.frame.bounds, on: &painter)
  }

  /// Adds the hints of the launcher.
  func addLauncherHints(to list: inout HintList) {
    if model.snapshot.download != nil { list.add(.back, "end the download") }
    list.add(.start)
    list.add(.download, launcher.missing.map { "download \($0.name)" })
    list.add(.up, .down, "choose")
    if launcher.side == .experiments {
      list.add(.lane, "settings")
    } else {
      list.add(.decrease, .increase, "change")
      list.add(.toggle, "lane on/off")
      list.add(.type)
      list.add(.lane, "experiments")
    }
    list.add(.open)
    list.add(.theme)
  }
}
