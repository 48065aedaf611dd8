import Dispatch
import EngineProtocol
import Synchronization
import Tensors

/// Where a lane finds its commands, between two batches.
final class LaneMailbox: Sendable {
  /// What a lane can be told.
  enum Order: Sendable {
    case pause
    case resume
    case singleStep
    case runToEpoch(Int)
    case stop
    case suspend
    case set(Hyperparameter, HyperparameterValue)
    case checkpoint
    case rewind(SafetensorsImage, branch: Int, of: Checkpoint)
  }

  /// An order, and the command that it came from.
  struct Letter: Sendable {
    let command: CommandID
    let order: Order
    /// Who asked for it.
    let origin: String
  }

  private struct State {
    var letters: [Letter] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  /// Leaves an order for the lane.
  /// - Returns: false where the lane has ended and nobody reads it any more.
  func post(_ order: Order, from command: CommandID, origin: String) -> Bool {
    let isPosted = state.withLock { state in
      guard !state.isClosed else { return false }
      state.letters.append(Letter(command: command, order: order, origin: origin))
      return true
    }
    if isPosted { arrived.signal() }
    return isPosted
  }

  /// Takes all orders, at once.
  /// - Parameter closing: whether these are the last ones.
  func takeAll(closing: Bool = false) -> [Letter] {
    state.withLock { state in
      defer {
        state.letters = []
        state.isClosed = state.isClosed || closing
      }
      return state.letters
    }
  }

  /// Takes orders again, after the last ones were taken: the lane goes on.
  func reopen() { state.withLock { $0.isClosed = false } }

  /// Has a lane that waits look whether it still has to.
  func wake() { arrived.signal() }

  /// Waits until an order arrives, or there is something else to look at.
  func wait() { arrived.wait() }
}
