import EngineProtocol
import Foundation
import TerminalUI
import TrainingMetrics

// Choosing an experiment and starting it.

extension Dashboard {
  /// Does what an action says where the launcher gives it a meaning of its own.
  /// - Returns: whether it does; else the action means what it means everywhere.
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

  /// Takes a key that is no action's: a digit on a field that takes numbers begins to type its value.
  mutating func takeInLauncher(_ key: Key) {
    guard launcher.side == .form, case .character(let character) = key, character.isASCII, character.isNumber,
      launcher.field != .dataset
    else { return }
    beginTyping(launcher.field, text: String(character))
  }

  /// Trains what is chosen.
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
          ? "\(missing.name) is being downloaded: it can start when that is done"
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

  /// Goes back to the launcher, as it was left, where nothing could be started; leaves where there is none.
  mutating func backToLauncher(_ reason: String) {
    guard case .launcher = beginning else {
      effects.append(.end(.failed(reason)))
      return
    }
    mode = .launcher
    overlay = nil
    say(reason, .bad)
  }

  /// Looks for data sets again.
  mutating func rescan() {
    send(.describeCatalog(dataDirectory: launcher.dataDirectory))
    say("looking for data sets again")
  }

  // From the list of experiments, → goes over to the form.
  private mutating func moveRight(_ size: StepSize) {
    if launcher.side == .experiments { launcher.side = .form } else { launcher.step(direction: 1, size: size) }
  }

  // MARK: Lanes, values, files

  /// `:toggle [LANE]`: trains that lane, or the chosen one, or leaves it out.
  mutating func toggleLane(_ name: String?) {
    var lane = name
    if lane == nil, launcher.side == .form, case .lane(let chosen) = launcher.field { lane = chosen }
    guard let lane else { return say("choose a lane first; space trains it or leaves it out") }
    if !launcher.toggle(lane) { say("one lane must stay", .warning) }
  }

  /// Begins to type the value of the chosen field.
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

  /// `:open [FILE]`: takes that YAML file as the experiment, or asks for its path.
  mutating func openFile(_ path: String?) {
    if let path { return readFile(path) }
    open(LineEntry(.file, prompt: "YAML file ", text: launcher.file ?? ""))
  }

  /// Takes a YAML file as the experiment; `~` is the home folder.
  mutating func readFile(_ path: String) {
    guard isInLauncher, !path.isEmpty else { return }
    let path = (path as NSString).expandingTildeInPath
    guard FileManager.default.isReadableFile(atPath: path) else {
      return say("\(path): expected a YAML file, found nothing that can be read", .warning)
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
