import Dashboard
import EngineProtocol
import TerminalUI

/// Sweeps for the tests of their screen.
enum FakeSweep {
  /// A grid of three rates and two optimizers over two seeds: the first trials have finished, one has failed, two are
  /// trained now, and the last ones wait.
  static var running: SweepSnapshot {
    var sweep = finished
    for place in sweep.trials.indices.dropFirst(6) {
      sweep.trials[place].state = .waiting
      (sweep.trials[place].objective, sweep.trials[place].epochs, sweep.trials[place].seconds) = (nil, 0, 0)
      (sweep.trials[place].curve, sweep.trials[place].host) = ([], nil)
    }
    for place in [6, 7] {
      sweep.trials[place].state = .training
      sweep.trials[place].worker = "process \(810 + place) on node1"
      sweep.trials[place].epochs = place - 3
      sweep.trials[place].seconds = Double(place - 3) * 60
      sweep.trials[place].curve = Array(finished.trials[place].curve.prefix(place - 2))
      sweep.trials[place].objective = sweep.trials[place].curve.last?.validationAccuracy
    }
    sweep.trials[2].state = .failed
    sweep.trials[2].objective = nil
    sweep.trials[2].failure = "binary: the loss is NaN"
    for setting in 2...6 { sweep.intervals[setting] = nil }
    sweep.intervals[3] = finished.intervals[3]
    sweep.controller = "process 805 on node1"
    return sweep
  }

  /// The same sweep when every trial has finished.
  static var finished: SweepSnapshot {
    let settings: [[String?]] = [
      ["1e-3", "adam", nil], ["1e-3", "sgd", "0.9"], ["1e-2", "adam", nil], ["1e-2", "sgd", "0.9"],
      ["0.1", "adam", nil],
      ["0.1", "sgd", "0.9"],
    ]
    var trials: [SweepSnapshot.Trial] = []
    for (index, values) in settings.enumerated() {
      for seed in 1...2 {
        var trial = SweepSnapshot.Trial(
          number: trials.count + 1, setting: index + 1, seed: UInt64(seed), values: values, plannedEpochs: 10)
        let best = [0.95, 0.93, 0.98, 0.96, 0.9, 0.88][index] + Double(seed) * 0.002
        trial.curve = (0...10).map { epoch -> TrialEpoch in
          let accuracy = best - 0.5 / Double(1 + epoch * epoch)
          let loss = 1 / Double(1 + epoch)
          return TrialEpoch(
            epoch: epoch, validationAccuracy: accuracy, validationLoss: loss, trainLoss: epoch == 0 ? nil : 0.9 * loss,
            seconds: Double(60 * epoch))
        }
        (trial.state, trial.objective, trial.epochs) = (.finished, trial.curve[10].validationAccuracy, 10)
        (trial.seconds, trial.host) = (600, "node1")
        trials.append(trial)
      }
    }
    var sweep = SweepSnapshot(
      name: "rates", path: "/runs/rates", search: "grid",
      objective: .init(text: "binary.validationAccuracy", lane: "binary", isMaximized: true),
      parameters: [
        .init(name: "binary.learningRate", scale: .logarithmic),
        .init(name: "binary.optimizer", scale: .categories(["adam", "sgd"])),
        .init(name: "binary.momentum", scale: .linear),
      ], trials: trials)
    sweep.plannedEpochs = 120
    sweep.importances = [.init(share: 0.81, groups: 3), .init(share: 0.07, groups: 2), .init(share: 0.07, groups: 2)]
    for setting in 1...settings.count {
      let values = trials.filter { $0.setting == setting }.compactMap(\.objective).sorted()
      sweep.intervals[setting] = values[0]...values[1]
    }
    return sweep
  }

  /// Trials of successive halving, of which some are held.
  static var halving: SweepSnapshot {
    var sweep = finished
    sweep.search = "halving"
    for place in [0, 1, 8, 9, 10, 11] {
      sweep.trials[place].state = .held
      sweep.trials[place].epochs = 3
      sweep.trials[place].curve = Array(sweep.trials[place].curve.prefix(4))
      sweep.trials[place].objective = sweep.trials[place].curve[3].validationAccuracy
    }
    return sweep
  }
}

/// A dashboard with a sweep.
struct SweepHarness: KeyPressing {
  var dashboard: Dashboard
  private(set) var effects: [Effect] = []
  var now = 0.0

  init(_ sweep: SweepSnapshot = FakeSweep.running, glyphs: GlyphSet = .braille, theme: Theme = .standard) {
    dashboard = Dashboard(
      beginning: .sweep(sweep), theme: theme, themeName: theme.name, library: ThemeLibrary(searchPath: []),
      glyphs: glyphs, isRecording: true)
    perform(dashboard.begin())
  }

  var model: SweepModel { dashboard.sweep?.model ?? SweepModel(FakeSweep.running) }

  /// The numbers of the shown trials.
  var numbers: [Int] { model.visible.map { model.snapshot.trials[$0].number } }

  mutating func take(_ sweep: SweepSnapshot, _ reports: [SweepReport] = []) {
    now += 1
    dashboard.consume(sweep, reports, now: now)
  }

  mutating func command(_ text: String) {
    press(.character(":"))
    type(text)
    press(.enter)
  }

  mutating func frame(_ width: Int, _ height: Int) -> Frame { dashboard.render(width: width, height: height) }

  mutating func screen(_ width: Int = 120, _ height: Int = 40) -> String { FrameText.plain(frame(width, height)) }

  mutating func perform(_ effects: [Effect]) { self.effects += effects }
}
