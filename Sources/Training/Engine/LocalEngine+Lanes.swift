import EngineProtocol
import Foundation
import RunStore
import Tensors
import TrainingMetrics

// Commands that lanes carry out.

extension LocalEngine {
  // Sends an order to lanes. An order to all lanes goes to those that it `suits`; an order to one lane always goes to
  // it, and the lane may refuse it.
  func post(
    _ order: LaneMailbox.Order, to selection: LaneSelection, _ sender: Sender,
    suits: (LaneSnapshot.State) -> Bool = { _ in true }
  ) {
    guard let lanes = lanes(in: selection, sender.command) else { return }
    let open = lanes.filter { !$0.record.snapshot.state.hasEnded }
    guard !open.isEmpty else { return refuse(sender, "\(name(of: selection)) has ended") }
    let suited = open.filter { suits($0.record.snapshot.state) }
    for lane in selection == .all && !suited.isEmpty ? suited : open { post(order, to: lane, sender) }
  }

  func set(
    _ hyperparameter: Hyperparameter, _ value: HyperparameterValue, _ selection: LaneSelection, _ sender: Sender
  ) {
    let order: LaneMailbox.Order
    do { order = .set(try CheckedSetting(hyperparameter, value)) } catch { return refuse(sender, "\(error)") }
    guard selection == .all else { return post(order, to: selection, sender) }
    // “All lanes” means all that have the hyperparameter: a baseline has no clip value, which is not an error.
    guard let lanes = lanes(in: selection, sender.command) else { return }
    let having = lanes.filter { lane in
      let snapshot = lane.record.snapshot
      return !snapshot.state.hasEnded && snapshot.hyperparameters.contains { $0.hyperparameter == hyperparameter }
    }
    guard !having.isEmpty else {
      return refuse(sender, "no training lane has a \(hyperparameter.specification.title)")
    }
    for lane in having { post(order, to: lane, sender) }
  }

  /// Makes lanes that are to end wait for the disk only for a limited time, including lanes that have ended but for that.
  func hurry(_ selection: LaneSelection) {
    for lane in record.lanes where selection == .all || selection == .lane(lane.name) { lane.mailbox.hurry() }
  }

  func suspend(_ sender: Sender) {
    // A run without a directory can't be suspended, so its lanes are stopped and tested.
    guard run?.recorder != nil else { return post(.stop, to: .all, sender) }
    record.suspend()
    hurry(.all)
    // Lanes that have ended have a result; the others write a checkpoint.
    for lane in record.lanes where !lane.hasEnded {
      _ = lane.mailbox.post(.suspend, from: sender)
    }
  }

  func rewind(_ name: String, branch: Int, step: Int, _ sender: Sender) {
    guard isRecorded(sender), let lane = lanes(in: .lane(name), sender.command)?.first,
      let checkpoint = checkpoint(of: name, branch: branch, step: step, sender)
    else { return }
    reading.async { [self] in
      guard let image = image(of: checkpoint, sender) else { return }
      let order = LaneMailbox.Order.rewind(image, branch: lane.nextBranch(), of: checkpoint)
      if lane.mailbox.post(order, from: sender) { return }
      // The lane has ended or is being tested. After that it can train again.
      while !lane.hasEnded { Thread.sleep(forTimeInterval: 0.005) }
      guard record.restart(lane) else { return refuse(sender, "the run is being suspended") }
      var start = LaneStart()
      start.image = image
      let snapshot = lane.record.snapshot
      (start.branch, start.ended) = (snapshot.branch, snapshot)
      lane.start(start, first: .init(order: order, sender: sender))
    }
  }

  func fork(_ request: ForkRequest, _ sender: Sender) {
    guard isRecorded(sender), let parent = lanes(in: .lane(request.lane), sender.command)?.first,
      let checkpoint = checkpoint(of: request.lane, branch: request.branch, step: request.step, sender)
    else { return }
    reading.async { [self] in
      guard let run = self.run, let image = image(of: checkpoint, sender) else { return }
      do {
        let state = try LaneStateFile.state(in: image)
        var plan = state.plan
        plan.name = try newName(request, parent: parent.name)
        // Checks the values before the lane is created.
        var trial = plan
        for setting in request.settings {
          try trial.set(setting.hyperparameter, to: setting.value, atEpoch: Double(state.epoch))
        }
        var description = run.describe(plan)
        description.fork = RunDescription.Fork(
          lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step, changes: state.changes,
          settings: request.settings)
        let lane = Lane(plan, run.surroundings)
        var start = LaneStart()
        start.image = image
        start.script = request.settings.map {
          ScriptedChange(
            step: checkpoint.step, action: .set($0.hyperparameter, $0.value), isJournaled: false, origin: sender.origin)
        }
        guard record.add(lane, .laneAdded(description)) else { return refuse(sender, "the run is being suspended") }
        saveFirst(image, of: plan, like: checkpoint, run.recorder)
        run.surroundings.reportDurably(
          .applied(
            sender.command,
            JournalEntry(
              lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step, change: .forked(into: plan.name),
              seconds: state.seconds, origin: sender.origin)),
          { false })
        lane.start(start)
      } catch {
        refuse(sender, "\(error)")
      }
    }
  }

  /// Writes a note on a step of a lane into the journal, also of a lane that has ended.
  func note(_ request: NoteRequest, _ sender: Sender) {
    guard let run, let lane = lanes(in: .lane(request.lane), sender.command)?.first else { return }
    let text = request.text.printableLine.trimmingCharacters(in: .whitespaces)
    guard (1...NoteRequest.mostCharacters).contains(text.count) else {
      return refuse(
        sender, "note: expected a text of 1 to \(NoteRequest.mostCharacters) characters, found \(text.count)")
    }
    let lineage = record.lineage(of: lane.name)
    let snapshot = lane.record.snapshot
    let branch = request.branch ?? lineage.newest
    guard branch == 1 || lineage.beginning(of: branch) != nil else {
      return refuse(
        sender,
        "note: expected a branch of \(lane.name) (\(lineage.numbers.map(String.init).joined(separator: ", "))), found \(branch)"
      )
    }
    let last = branch == snapshot.branch ? snapshot.step : lane.record.lastStep(of: branch)
    let step = request.step ?? last
    guard (0...last).contains(step) else {
      return refuse(sender, "note: expected a step from 0 to \(last) of \(lane.name), found \(step)")
    }
    // The branch of the history that has this step.
    let place = lineage.course(to: branch).first { ($0.first...$0.last).contains(step) }?.branch ?? branch
    let entry = JournalEntry(
      lane: lane.name, branch: place, step: step, change: .noted(text), seconds: snapshot.seconds, origin: sender.origin
    )
    reading.async { run.surroundings.reportDurably(.applied(sender.command, entry), { false }) }
  }

  /// Returns whether the run has a directory; refuses the command if not.
  func isRecorded(_ sender: Sender) -> Bool {
    let recorder = run?.recorder
    if recorder == nil { refuse(sender, "the run is not recorded, so it has no checkpoints") }
    return recorder != nil
  }

  // MARK: Parts

  // The parent's state becomes the fork's first checkpoint, so that the fork can be resumed from its start.
  private func saveFirst(
    _ image: SafetensorsImage, of plan: LanePlan, like checkpoint: Checkpoint, _ recorder: RunRecorder?
  ) {
    var first = checkpoint
    (first.lane, first.branch, first.reason) = (plan.name, 1, .fork)
    recorder?.save(image, as: first, isOptional: false)
    _ = recorder?.commit()
  }

  private func newName(_ request: ForkRequest, parent: String) throws -> String {
    let taken = Set(record.lanes.map(\.name))
    if let name = request.name {
      if let fault = LaneReader.fault(inName: name) {
        throw RefusedSetting(reason: "the new lane: expected \(fault), found “\(name)”")
      }
      guard !taken.contains(name) else {
        throw RefusedSetting(reason: "expected a unique name for the new lane, found “\(name)”")
      }
      return name
    }
    var number = 2
    while taken.contains("\(parent)-\(number)") { number += 1 }
    return "\(parent)-\(number)"
  }

  private func checkpoint(of lane: String, branch: Int, step: Int, _ sender: Sender) -> Checkpoint? {
    let all = run?.recorder?.checkpoints.filter { $0.lane == lane } ?? []
    if let found = all.first(where: { $0.branch == branch && $0.step == step }) { return found }
    let known = all.map { $0.branch == branch ? "\($0.step)" : "\($0.step) (branch \($0.branch))" }
    refuse(
      sender,
      "expected a checkpoint of \(lane)\(known.isEmpty ? ", which has none" : " (at step \(known.joined(separator: ", ")))"), found \(step)"
    )
    return nil
  }

  private func image(of checkpoint: Checkpoint, _ sender: Sender) -> SafetensorsImage? {
    do {
      guard let archive = run?.recorder?.archive else { return nil }
      let file = try archive.file(of: checkpoint)
      return try SafetensorsImage.read(file.path, sha256: file.sha256)
    } catch {
      refuse(sender, "\(error)")
      return nil
    }
  }

  private func post(_ order: LaneMailbox.Order, to lane: Lane, _ sender: Sender) {
    if !lane.mailbox.post(order, from: sender) { refuse(sender, "lane \(lane.name) has ended") }
  }

  private func refuse(_ sender: Sender, _ reason: String) { record.append(.refused(sender.command, reason)) }

  /// Returns the selected lanes; refuses the command if there are none.
  func lanes(in selection: LaneSelection, _ id: CommandID) -> [Lane]? {
    let lanes = record.lanes
    guard !lanes.isEmpty else {
      record.append(.refused(id, "nothing is training yet"))
      return nil
    }
    switch selection {
    case .all: return lanes
    case .lane(let name):
      guard let lane = lanes.first(where: { $0.name == name }) else {
        let known = lanes.map(\.name)
        let near = NearestName.question(name, among: known)
        record.append(.refused(id, "expected a lane of \(known.joined(separator: ", ")), found “\(name)”\(near)"))
        return nil
      }
      return [lane]
    }
  }

  private func name(of selection: LaneSelection) -> String {
    switch selection {
    case .all: "every lane"
    case .lane(let name): "lane \(name)"
    }
  }
}
