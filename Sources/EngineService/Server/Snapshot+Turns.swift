import EngineProtocol

extension Snapshot {
  /// The snapshot without what moves on with every update of a lane: what is left changes by turns, and is to be told
  /// at once. A lane that is held moves only when it is told to, so its figures are left.
  var turns: Snapshot {
    var turns = self
    turns.seconds = 0
    turns.storage?.bytes = 0
    for index in lanes.indices where lanes[index].state != .paused && !lanes[index].state.hasEnded {
      turns.lanes[index].step = 0
      turns.lanes[index].epoch = 0
      turns.lanes[index].trainingSeconds = 0
      turns.lanes[index].seconds = 0
      turns.lanes[index].latest = [:]
      // Those that a schedule moves; what a person changes has an answer.
      turns.lanes[index].hyperparameters = []
      turns.lanes[index].flips = []
      turns.lanes[index].latentWeights = []
    }
    return turns
  }

  /// Whether every lane is held or has ended, so that nothing comes unless it is asked for.
  var isAtRest: Bool { !lanes.isEmpty && lanes.allSatisfy { $0.state == .paused || $0.state.hasEnded } }
}
