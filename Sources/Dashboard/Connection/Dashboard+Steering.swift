import EngineProtocol

// Steering lanes: pause, resume, single step, run to an epoch, stop.

extension Dashboard {
  /// Pauses or resumes all lanes, or the named one.
  mutating func pause(_ name: String?) {
    if let name { return pauseLane(name) }
    guard checkOpenLanes() else { return }
    // A second press reverts the first, whether it was answered or not.
    let isPaused =
      switch connection.pending.course?.course {
      case .pausing: true
      case .goingOn: false
      case .stepping, nil: model.isPaused
      }
    send(isPaused ? .resume(.all) : .pause(.all))
  }

  /// Pauses or resumes the lane in focus.
  mutating func pauseLane(_ name: String?) {
    guard checkOpenLanes(), let selection = selection(name) else { return }
    guard case .lane(let name) = selection, let index = model.index(of: name) else { return pause(nil) }
    send(model.lanes[index].state == .paused ? .resume(selection) : .pause(selection))
  }

  /// Resumes paused lanes.
  mutating func resume(_ name: String?) {
    guard checkOpenLanes() else { return }
    guard let name else {
      send(.resume(.all))
      return
    }
    if let selection = selection(name) { send(.resume(selection)) }
  }

  /// Does one update in paused lanes. Running lanes are paused first.
  mutating func singleStep(_ name: String?) {
    guard checkOpenLanes() else { return }
    let open = model.lanes.filter { !$0.state.hasEnded }
    if let name {
      if let selection = selection(name) { send(.singleStep(selection)) }
    } else if model.isPaused {
      send(.singleStep(.all))
    } else if open.contains(where: { $0.state == .paused }) {
      for lane in open where lane.state == .paused { send(.singleStep(.lane(lane.name))) }
    } else {
      send(.pause(.all))
      say("paused; now \(keyMap.keys(for: .step).first?.label ?? ":step") does one update")
    }
  }

  /// `:epoch N`.
  mutating func runToEpoch(_ argument: String?) {
    guard let argument else { return beginCommand("epoch ") }
    guard let epoch = Int(argument), epoch > 0 else {
      return say("epoch: expected a whole number from 1, found “\(argument)”", .warning)
    }
    guard checkOpenLanes() else { return }
    let selection: LaneSelection =
      if case .lane(let index) = live.focus { .lane(model.lanes[index].name) } else { .all }
    send(.runToEpoch(epoch, selection))
    say("training to epoch \(epoch), then pausing")
  }

  /// Asks whether to stop the named lane, or the one in focus.
  mutating func stop(_ name: String?) {
    guard let selection = selection(name) else { return }
    askToStop(selection)
  }

  /// Asks whether to stop lanes.
  mutating func askToStop(_ selection: LaneSelection) {
    guard checkOpenLanes() else { return }
    if case .lane(let name) = selection, let index = model.index(of: name), model.lanes[index].state.hasEnded {
      return say("\(name) has ended")
    }
    open(Question.stop(selection))
  }

  // The named lane, otherwise the one in focus, otherwise all; nil if there is no such lane.
  private mutating func selection(_ name: String?) -> LaneSelection? {
    if let name {
      guard model.index(of: name) != nil else {
        say(unknownLane(name), .warning)
        return nil
      }
      return .lane(name)
    }
    if case .lane(let index) = live.focus, model.lanes.indices.contains(index) { return .lane(model.lanes[index].name) }
    return .all
  }

  private mutating func checkOpenLanes() -> Bool {
    if hasOpenLanes { return true }
    say(model.lanes.isEmpty ? "the lanes are not ready yet" : "every lane has ended")
    return false
  }
}
