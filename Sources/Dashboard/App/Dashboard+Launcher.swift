import EngineProtocol
import TerminalUI

extension Dashboard {
  /// Does what an action says where the launcher gives it a meaning of its own.
  /// - Returns: whether it does; else the action means what it means everywhere.
  mutating func performInLauncher(_ invocation: Invocation, _ state: LauncherModel) -> Bool {
    var launcher = state
    let argument = invocation.argument
    switch invocation.action {
    case .down: launcher.move(by: 1)
    case .up: launcher.move(by: -1)
    case .pageDown: launcher.move(by: 5)
    case .pageUp: launcher.move(by: -5)
    case .first: launcher.move(by: -1000)
    case .last: launcher.move(by: 1000)
    case .lane, .previousLane: launcher.side = launcher.side == .experiments ? .form : .experiments
    case .increase: moveRight(&launcher, size: .fine)
    case .decrease: if launcher.side == .form { launcher.step(direction: -1, size: .fine) }
    case .increaseMore: moveRight(&launcher, size: .coarse)
    case .decreaseMore: if launcher.side == .form { launcher.step(direction: -1, size: .coarse) }
    case .toggle: toggle(argument, &launcher)
    case .back:
      if isDownloading {
        cancelDownload()
      } else if launcher.fault != nil {
        launcher.fault = nil
      } else if launcher.side == .form {
        launcher.side = .experiments
      } else {
        toast = nil
      }
    case .download: download(argument, &launcher)
    case .rescan:
      effects.append(.send(.describeCatalog(dataDirectory: launcher.dataDirectory)))
      say("looking for data sets again")
    case .type:
      beginTyping(launcher.field, text: "")
      launcher.side = .form
    case .open:
      if let argument {
        open(argument)
      } else {
        overlay = .entry(LineEntry(.file, prompt: "YAML file ", text: launcher.file ?? ""))
      }
      return true
    case .start: return start(launcher)
    default: return false
    }
    mode = .launcher(launcher)
    return true
  }

  private mutating func start(_ launcher: LauncherModel) -> Bool {
    if launcher.isFile, launcher.file == nil { return performInLauncher(Invocation(.open), launcher) }
    if let loss = model.loss {
      say(loss.words, .bad)
      return true
    }
    guard launcher.catalog != nil else {
      say("the engine has not told yet what can be trained")
      return true
    }
    if isEngineSilent {
      say("the engine does not answer: nothing was sent", .warning)
      return true
    }
    if let missing = launcher.missing, let bytes = missing.downloadBytes {
      let key = keyMap.keys(for: .download).first?.label ?? ":download"
      let isComing = model.snapshot.download?.dataset == missing.name
      say(
        isComing
          ? "\(missing.name) is being downloaded: it can start when that is done"
          : "\(missing.name) was not found here: \(key) downloads it, \(NumberFormat.bytes(bytes))", .warning)
      return true
    }
    do {
      let request = try launcher.request()
      savedLauncher = launcher
      mode = .live
      toast = nil
      effects.append(.send(.start(request)))
    } catch {
      say("\(error)", .warning)
    }
    return true
  }

  // From the list of experiments, → goes over to the form.
  private func moveRight(_ launcher: inout LauncherModel, size: StepSize) {
    if launcher.side == .experiments { launcher.side = .form } else { launcher.step(direction: 1, size: size) }
  }

  private mutating func toggle(_ name: String?, _ launcher: inout LauncherModel) {
    var lane = name
    if lane == nil, launcher.side == .form, case .lane(let chosen) = launcher.field { lane = chosen }
    guard let lane else { return say("choose a lane first; space trains it or leaves it out") }
    if !launcher.toggle(lane) { say("one lane must stay", .warning) }
  }
}
