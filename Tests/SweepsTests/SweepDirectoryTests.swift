import EngineProtocol
import Foundation
import Sweeps
import Testing
import Training

/// The directory of a sweep, where its trials stand, and what is trained next.
@Suite struct SweepDirectoryTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "sweep-\(UUID().uuidString)").path
  private static let text = """
    experiment: digits-quick
    sweep:
      lanes: [binary]
      epochs: 9
      seeds: [1, 2]
      parameters:
        binary.learningRate: [0.01, 0.1]
    """
  private static let halving = """
    experiment: digits-quick
    sweep:
      lanes: [binary]
      epochs: 9
      search: halving
      trials: 6
      parameters:
        binary.learningRate: {log: [0.001, 0.1]}
    """

  private func start(_ text: String = Self.text) throws -> SweepDirectory {
    try SweepDirectory.start(
      path, text: text, source: "sweep.yaml", dataDirectory: nil, program: "test", environment: [:])
  }

  // A trial as its process would have left it.
  private func record(
    _ directory: SweepDirectory, _ number: Int, accuracies: [Double], state: TrialRecord.State = .finished,
    target: Int? = nil
  ) throws {
    var record = TrialRecord(trial: number)
    (record.state, record.target, record.starts) = (state, target, 1)
    for (epoch, accuracy) in accuracies.enumerated() {
      record.add(
        EpochReport(
          lane: "binary", epoch: epoch + 1, step: epoch, trainLoss: 1, validationLoss: 1 - accuracy,
          validationAccuracy: accuracy, latentValidationAccuracy: nil, learningRate: 1, flipRate: nil,
          imagesPerSecond: nil, seconds: Double(epoch + 1)))
    }
    if state != .open {
      record.add(
        LaneResult(
          lane: "binary", failure: state == .failed ? "the loss is NaN" : nil, wasStopped: state == .stopped,
          testAccuracy: 0.5, bestValidationAccuracy: accuracies.max(), bestEpoch: 1, weightsSHA256: "abc\(number)",
          parameters: 1, seconds: 1, steps: 1), packedBytes: 12)
    }
    let folder = directory.folder(of: number)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try record.write(in: folder)
  }

  @Test func aSweepIsOpenedAsItWasStarted() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    #expect(directory.trials.count == 4)
    #expect(try start().trials == directory.trials)
    #expect(try SweepDirectory.open(path, environment: [:]).trials == directory.trials)
    let request = directory.request(for: directory.trials[1])
    #expect(request.runsDirectory == path + "/runs" && request.runName == "trial-0002" && request.seed == 2)
    #expect { try start(Self.halving) } throws: {
      "\($0)".contains(
        "has another sweep than sweep.yaml, which differs in line 5: “seeds: [1, 2]” there, “search: halving” here")
    }
    try Data("changed".utf8).write(to: URL(filePath: path + "/experiment.yaml"))
    #expect { try SweepDirectory.open(path, environment: [:]) } throws: { ($0 as? SweepError)?.code == .changed }
  }

  @Test func whatIsOpenIsTrainedInOrder() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    let scheduler = SweepScheduler(directory.definition)
    #expect(scheduler.left(try SweepSurvey(directory)) == [1, 2, 3, 4])
    try record(directory, 1, accuracies: [0.5, 0.6])
    try record(directory, 2, accuracies: [0.5], state: .open)
    try record(directory, 3, accuracies: [0.4], state: .failed)
    var survey = try SweepSurvey(directory)
    #expect(survey.standings.map(\.state) == [.finished, .interrupted, .failed, .waiting])
    #expect(scheduler.next(survey) == .train(trial: 2, epochs: nil))
    #expect(scheduler.next(survey, excluding: [2]) == .train(trial: 4, epochs: nil))
    survey.begin(2)
    #expect(scheduler.next(survey, excluding: [4]) == .wait)
    #expect(survey.ranking.map(\.standing.trial.number) == [1, 2])
    #expect(survey.epochsTrained == 4 && survey.secondsTrained == 4)
  }

  @Test func aBudgetOfEpochsEndsTheListOfTrials() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start(Self.text + "\n  budget: {epochs: 20}")
    let scheduler = SweepScheduler(directory.definition)
    #expect(scheduler.left(try SweepSurvey(directory)) == [1, 2])
    for number in [1, 2] { try record(directory, number, accuracies: [0.5]) }
    #expect(scheduler.next(try SweepSurvey(directory)) == .end(.budget))
  }

  @Test func halvingHoldsTrialsAtTheirRung() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start(Self.halving)
    let scheduler = SweepScheduler(directory.definition)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 1, epochs: 1))
    for (number, accuracy) in [(1, 0.3), (2, 0.5), (3, 0.4)] {
      try record(directory, number, accuracies: [accuracy], state: .open, target: 1)
    }
    #expect(try SweepSurvey(directory).standings.map(\.state).prefix(4) == [.held, .held, .held, .waiting])
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 2, epochs: 3))
    // Interrupted on its way to the next rung.
    try record(directory, 2, accuracies: [0.5, 0.6], state: .open, target: 3)
    #expect(try SweepSurvey(directory).standings[1].state == .interrupted)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 2, epochs: 3))
    try record(directory, 2, accuracies: [0.5, 0.6, 0.6], state: .open, target: 3)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 4, epochs: 1))
  }

  @Test func theIndexKeepsEndedTrials() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    try record(directory, 1, accuracies: [0.5, 0.6])
    try record(directory, 2, accuracies: [0.7], state: .open)
    try SweepIndex.write(try SweepSurvey(directory))
    // From now on the record of the ended trial is in the index.
    try FileManager.default.removeItem(atPath: directory.folder(of: 1) + "/record.json")
    let survey = try SweepSurvey(directory)
    #expect(survey.standings.map(\.state) == [.finished, .interrupted, .waiting, .waiting])
    #expect(survey.objective(survey.standings[0]) == 0.6)
    // A broken index is as none.
    try Data("nonsense".utf8).write(to: URL(filePath: path + "/sweep.sqlite"))
    #expect(try SweepSurvey(directory).standings[0].state == .waiting)
  }

  @Test func resultsRankSettingsOverSeeds() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    for (number, accuracy) in [(1, 0.5), (2, 0.7), (3, 0.8), (4, 0.6)] {
      try record(directory, number, accuracies: [accuracy, 0.1])
    }
    let results = SweepResults(try SweepSurvey(directory))
    #expect(results.ranking.map(\.number) == [2, 1])
    #expect(results.chosen?.statistics?.mean == 0.7)
    let comparison = try #require(results.comparison(results.ranking[1]))
    // Seed 1: 0.5 - 0.8, seed 2: 0.7 - 0.6.
    #expect(abs(comparison.difference.mean + 0.1) < 1e-12 && comparison.wins == 1)
    let parameter = directory.definition.parameters[0]
    #expect(results.bestByValue(of: parameter).map(\.setting.number) == [1, 2])
    let table = SweepTable.trials(results.survey).split(separator: "\n")
    #expect(table.count == 5)
    #expect(
      table[0].hasPrefix(
        "trial,setting,seed,binary.learningRate,state,objective,epochs,seconds,starts,binary.validation"))
    #expect(table[1].hasPrefix("1,1,1,0.01,finished,0.5,2,2,1,0.5,1,1,12,abc1,,"))
    #expect(SweepTable.curves(results.survey).split(separator: "\n").count == 9)
  }

  @Test func aSurveyFollowsItsFolderAndReadsOnlyWhatHasChanged() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    try record(directory, 1, accuracies: [0.5])
    var survey = try SweepSurvey(directory)
    #expect(try survey.follow() == [])
    try record(directory, 2, accuracies: [0.5], state: .open)
    #expect(try survey.follow() == [2])
    #expect(try survey.follow() == [])
    #expect(survey.standings[1].state == .interrupted)
    let claim = try SweepClaim.take(directory.folder(of: 2), of: "trial 2")
    // As long as a process has it, it is read: the process may die without a trace in the folder.
    #expect(try survey.follow() == [2])
    #expect(try survey.follow() == [2])
    #expect(survey.standings[1].state == .training)
    claim.release()
    try record(directory, 2, accuracies: [0.5, 0.6])
    #expect(try survey.follow() == [2])
    #expect(try survey.follow() == [])
    #expect(survey.standings.map(\.state) == [.finished, .finished, .waiting, .waiting])
    // What can't be read hides nothing else.
    try record(directory, 3, accuracies: [0.4])
    try FileManager.default.createDirectory(atPath: directory.folder(of: 4), withIntermediateDirectories: true)
    try Data("{".utf8).write(to: URL(filePath: directory.folder(of: 4) + "/record.json"))
    #expect { try survey.follow() } throws: { "\($0)".contains("0004/record.json: expected the record of a trial") }
    #expect(survey.standings[2].state == .finished)
  }

  @Test func aRecordThatIsTornForAMomentKeepsItsFormerValue() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    try record(directory, 1, accuracies: [0.5], state: .open)
    var survey = try SweepSurvey(directory)
    _ = try survey.follow()
    try record(directory, 1, accuracies: [0.5, 0.6])
    let file = URL(filePath: directory.folder(of: 1) + "/record.json")
    let whole = try Data(contentsOf: file)
    try whole.prefix(whole.count / 2).write(to: file)
    try survey.refreshAll()
    _ = try survey.follow()
    #expect(survey.standings[0].record?.longestEpochs == 1)
    // Who has not read it before can't go on.
    #expect { try SweepSurvey(directory) } throws: { "\($0)".contains("0001/record.json: expected the record") }
    try whole.write(to: file)
    #expect(try survey.follow() == [1])
    #expect(survey.standings[0].state == .finished)
  }

  @Test func anExcludedTrialIsComparedAndNotTrained() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start(Self.halving)
    let scheduler = SweepScheduler(directory.definition)
    for (number, accuracy) in [(1, 0.3), (2, 0.5), (3, 0.4)] {
      try record(directory, number, accuracies: [accuracy], state: .open, target: 1)
    }
    // One of three goes on. Without trial 2 none would be among the best third of two, with it none but trial 2.
    #expect(scheduler.next(try SweepSurvey(directory), excluding: [2]) == .train(trial: 4, epochs: 1))
    try record(directory, 4, accuracies: [0.2], state: .open, target: 1)
    // Left out, it would let trial 3 go on: the best of three.
    #expect(scheduler.next(try SweepSurvey(directory), excluding: [2]) == .train(trial: 5, epochs: 1))
  }

  @Test func aPromotedTrialGoesOnBeforeBetterOnes() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start(Self.halving)
    let scheduler = SweepScheduler(directory.definition)
    for (number, accuracy) in [(1, 0.3), (2, 0.5), (3, 0.4)] {
      try record(directory, number, accuracies: [accuracy], state: .open, target: 1)
    }
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 2, epochs: 3))
    try directory.askToPromote(trial: 1, toEpoch: 3)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 1, epochs: 3))
    // Once.
    try record(directory, 1, accuracies: [0.3, 0.3, 0.3], state: .open, target: 3)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 2, epochs: 3))
    try directory.askToPromote(trial: 1, toEpoch: 9)
    #expect(scheduler.next(try SweepSurvey(directory)) == .train(trial: 1, epochs: nil))
  }

  @Test func aWatcherTellsChangesAndCarriesOutRequests() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start(Self.halving)
    try record(directory, 1, accuracies: [0.3], state: .open, target: 1)
    try record(directory, 2, accuracies: Array(repeating: 0.5, count: 9))
    let watcher = try SweepWatcher(directory) { trial, changes in "trial \(trial.number) with \(changes)" }
    defer { watcher.close() }
    let snapshot = watcher.snapshot()
    #expect(snapshot.trials.map(\.state).prefix(3) == [.held, .finished, .waiting])
    #expect(snapshot.trials[1].objective == 0.5 && snapshot.trials[1].curve.count == 9)
    #expect(snapshot.parameters == [.init(name: "binary.learningRate", scale: .logarithmic)])
    #expect(snapshot.trials[0].values == [directory.trials[0].values[0].value])
    #expect(snapshot.objective.text == "binary.validationAccuracy" && snapshot.search == "halving")
    try record(directory, 3, accuracies: [0.4], state: .open, target: 1)
    wait("a change") { watcher.snapshot().trials[2].state == .held }
    #expect(watcher.snapshot().version > snapshot.version)
    func report(_ command: SweepCommand) -> SweepReport {
      watcher.send(command)
      var reports: [SweepReport] = []
      wait("a report") {
        reports += watcher.reports()
        return !reports.isEmpty
      }
      return reports.first ?? SweepReport("nothing", isDone: false)
    }
    #expect(report(.promote(trial: 1)).text.hasPrefix("trial 1 goes on to epoch 3 when the sweep is resumed"))
    #expect(report(.promote(trial: 2)).text == "trial 2 is finished: only a held one can be promoted")
    #expect(report(.stop(trial: 3)) == SweepReport("trial 3 is stopped", isDone: true))
    #expect(report(.stop(trial: 2)) == SweepReport("trial 2 has ended already", isDone: false))
    #expect(report(.fork(trial: 2, changes: "a=1")) == SweepReport("trial 2 with a=1", isDone: true))
    wait("the stop") { watcher.snapshot().trials[2].state == .stopped }
    // A trial that was never started is never started.
    #expect(report(.stop(trial: 4)).isDone)
    #expect(try SweepSurvey(directory).standings[3].state == .stopped)
    // That of another process is only asked.
    let claim = try SweepClaim.take(directory.folder(of: 5), of: "trial 5")
    #expect(report(.stop(trial: 5)).text.hasPrefix("trial 5 is "))
    #expect(directory.isToStop(trial: 5) && !directory.isToStop(trial: 6))
    claim.release()
    // The folder's end is said.
    try FileManager.default.removeItem(atPath: path)
    wait("the loss of the folder") { watcher.snapshot().problem?.contains("can't be read") == true }
  }

  @Test func aWatcherComputesTheIntervalsOfSettings() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let directory = try start()
    for (number, accuracy) in [(1, 0.5), (2, 0.6), (3, 0.7)] { try record(directory, number, accuracies: [accuracy]) }
    let watcher = try SweepWatcher(directory) { _, _ in "" }
    defer { watcher.close() }
    wait("the interval") { !watcher.snapshot().intervals.isEmpty }
    let interval = try #require(SeedStatistics([0.5, 0.6])?.interval)
    // The other setting has one finished seed.
    #expect(watcher.snapshot().intervals == [1: interval.lower...interval.upper])
    try record(directory, 4, accuracies: [0.8])
    wait("the second interval") { watcher.snapshot().intervals[2] != nil }
  }

  private func wait(_ what: String, _ isReached: () -> Bool) {
    let end = ContinuousClock.now + .seconds(20)
    while !isReached(), ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.02) }
    #expect(isReached(), "\(what) within 20 s")
  }

  @Test func slurmsScriptTrainsTheTrialsThatAreLeft() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let script = SlurmArray(program: "/opt/it's/signflip", partition: "cpu").script(
      try start(), trials: [1002, 1003, 1005])
    #expect(script.contains("#SBATCH --array=1-2,4\n"))
    #expect(script.contains("#SBATCH --partition=cpu\n"))
    #expect(
      script.hasSuffix(
        "exec '/opt/it'\\''s/signflip' sweep trial --slurm '\(path)' $((SLURM_ARRAY_TASK_ID + 1001))\n"))
    #expect(SlurmArray.ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10")
    var array = SlurmArray(program: "signflip")
    array.workers = 3
    #expect(array.script(try start(), trials: [1, 2]).contains("#SBATCH --array=1-2%3\n"))
    let workers = array.script(try start(), workers: 5)
    #expect(workers.contains("#SBATCH --array=1-5\n"))
    #expect(workers.hasSuffix("exec 'signflip' sweep worker --slurm '\(path)'\n"))
  }
}
