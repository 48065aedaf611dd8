import Datasets
import EngineProtocol
import Tensors

// Between two batches, a lane carries out its orders and the changes that are due.

extension LaneTrainer {
  /// Makes the changes that are due, carries out pending orders, and waits while the lane is held.
  func readMailbox() {
    makeScriptedChanges()
    handleMessages()
    refuseStepsWithoutTeacher()
    var wasHeld = false
    repeat {
      while let reason = held, !isStopped, !isSuspended {
        if !says(reason) { setState(reason) }
        wasHeld = true
        hold.rest(model.plan.name)
        mailbox.wait()
        handleMessages()
        refuseStepsWithoutTeacher()
      }
      // A hold may have begun since it was last looked at.
    } while !hold.leave(model.plan.name, isEnding: isStopped || isSuspended)
    if wasHeld, !isStopped { setState(.training) }
  }

  // If a single step would have to wait for another lane, the lane stays paused.
  private func refuseStepsWithoutTeacher() {
    guard isPaused, !stepsAllowed.isEmpty, let missing = missingTeacher else { return }
    for step in stepsAllowed {
      report(.refused(step.command, "lane \(model.plan.name) needs \(missing) for a step, which is not available yet"))
    }
    stepsAllowed = []
  }

  // The state if no update may be done now.
  private var held: LaneSnapshot.State? {
    if isPaused, stepsAllowed.isEmpty { return .paused }
    return (hold.reason ?? missingTeacher).map { .waiting($0) }
  }

  /// Pauses the lane if it was told to train up to this epoch.
  func holdIfAsked() {
    guard let hold = holdAtEpoch, epoch >= hold.epoch else { return }
    holdAtEpoch = nil
    isPaused = true
    apply(.paused, hold.sender)
  }

  /// Confirms a single step.
  func acknowledgeStep() {
    guard !stepsAllowed.isEmpty else { return }
    apply(.stepped, stepsAllowed.removeFirst())
  }

  private func handleMessages() {
    for message in mailbox.takeAll() { handle(message.order, message.sender) }
  }

  private func makeScriptedChanges() {
    while let change = script.first, change.step <= model.step, !isStopped {
      script.removeFirst()
      if let index = change.scriptIndex { steered = index + 1 }
      let sender = Sender(.unasked, change.origin)
      switch change.action {
      case .stop:
        isStopped = true
        apply(.stopped, sender, scriptIndex: change.scriptIndex)
      case .set(let hyperparameter, let value):
        set(try CheckedSetting(hyperparameter, value), sender, script: change)
      }
    }
  }

  private func handle(_ order: LaneMailbox.Order, _ sender: Sender) {
    switch order {
    case .pause:
      guard !isPaused else { return refuse(sender, "lane \(model.plan.name) is already paused") }
      isPaused = true
      apply(.paused, sender)
    case .resume:
      guard isPaused else { return refuse(sender, "lane \(model.plan.name) is not paused") }
      isPaused = false
      apply(.resumed, sender)
    case .singleStep:
      guard isPaused else { return refuse(sender, "lane \(model.plan.name) is not paused: pause it to step") }
      stepsAllowed.append(sender)
    case .runToEpoch(let target):
      guard target > epoch, target <= model.plan.epochs else {
        return refuse(
          sender,
          "run to epoch: expected \(epoch + 1)...\(model.plan.epochs) for lane \(model.plan.name), found \(target)")
      }
      holdAtEpoch = (target, sender)
      isPaused = false
      apply(.runsToEpoch(target), sender)
    case .stop:
      isStopped = true
      apply(.stopped, sender)
    case .suspend:
      isSuspended = true
    case .set(let setting): set(setting, sender)
    case .checkpoint:
      if !checkpoint(.asked) {
        refuse(sender, "lane \(model.plan.name) already has a checkpoint at step \(model.step)")
      }
    case .capture(let capture):
      capture.fulfil(Result { try weights(isForTraining: capture.isForTraining) })
    case .readLayer(let name, let capture):
      capture.fulfil(Result { try layerTensors(name) })
    case .rewind(let image, let branch, let checkpoint):
      rewind(to: image, of: checkpoint, as: branch, sender)
    }
  }

  private func set(
    _ setting: @autoclosure () throws -> CheckedSetting, _ sender: Sender, script: ScriptedChange? = nil
  ) {
    let isJournaled = script?.isJournaled ?? false
    do {
      let setting = try setting()
      let old = model.plan.value(of: setting.hyperparameter, atEpoch: epochPosition)
      var changed = model.plan
      try changed.set(setting, atEpoch: epochPosition)
      // A refused change leaves no checkpoint.
      if !isJournaled { checkpoint(.change) }
      model.follow(changed)
      changes += 1
      if isJournaled { return }
      let change = JournalEntry.Change.set(setting.hyperparameter, old: old ?? setting.value, new: setting.value)
      apply(change, sender, scriptIndex: script?.scriptIndex)
      if setting.hyperparameter == .batchSize, let note = model.plan.batchNote(images: data.split.training.count) {
        warn(note, .information)
      }
    } catch {
      if let script, script.place != nil { return miss(script, "was refused: \(error)") }
      refuse(sender, "\(error)")
    }
  }

  /// Reports the changes of the steering script that the ended lane will never make.
  func tellOfMissedChanges(isFailed: Bool) {
    let end = isFailed ? "failed" : isStopped ? "was stopped" : "ended"
    for change in script where change.place != nil && !change.isJournaled {
      miss(change, "was not made: the lane \(end) at step \(model.step)")
    }
    script = []
  }

  private func miss(_ change: ScriptedChange, _ reason: String) {
    let words = "\(change.place ?? change.origin): lane \(model.plan.name): \(change.words) \(reason)"
    missed.append(words)
    warn(words)
  }

  private func rewind(
    to image: SafetensorsImage, of checkpoint: Checkpoint, as number: Int, _ sender: Sender
  ) {
    let left = ended?.step ?? model.step
    ended = nil
    do {
      try restore(image)
    } catch {
      return refuse(sender, "\(error)")
    }
    branch = number
    isStopped = false
    // The steering script continues from there, so its later changes are made again.
    script = Array(steering.dropFirst(steered))
    forgetCourse()
    report(
      .branched(
        LaneBranch(
          lane: model.plan.name, number: number, parent: checkpoint.branch, step: checkpoint.step, changes: changes)))
    apply(.rewound(from: left), sender)
  }

  private func apply(_ change: JournalEntry.Change, _ sender: Sender, scriptIndex: Int? = nil) {
    publish(urgent: true)
    let event = EngineEvent.applied(
      sender.command,
      JournalEntry(
        lane: model.plan.name, branch: branch, step: model.step, change: change, seconds: clock.activeSeconds,
        origin: sender.origin, scriptIndex: scriptIndex))
    switch change {
    // Changes that affect the future must be written to disk before they are acknowledged; others need not.
    case .set, .rewound, .stopped, .forked: reportDurably(event)
    case .paused, .resumed, .stepped, .runsToEpoch, .noted: report(event)
    }
  }

  private func refuse(_ sender: Sender, _ reason: String) { report(.refused(sender.command, reason)) }
}
