import Dispatch
import EngineProtocol
import Synchronization
import Tensors

/// Who has sent a command: a client, the steering script or the engine itself.
struct Sender: Sendable {
  /// The command, which the answer names.
  let command: CommandID
  /// The sender's name, for the journal; empty within the engine's own process.
  let origin: String

  /// The sender of a command.
  init(_ command: CommandID, _ origin: String) {
    self.command = command
    self.origin = origin
  }
}

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

  /// An order, and who has sent it.
  struct Message: Sendable {
    let order: Order
    let sender: Sender
  }

  private struct State {
    var messages: [Message] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  /// Leaves an order for the lane.
  /// - Returns: false where the lane has ended and nobody reads it any more.
  func post(_ order: Order, from sender: Sender) -> Bool {
    let isPosted = state.withLock { state in
      guard !state.isClosed else { return false }
      state.messages.append(Message(order: order, sender: sender))
      return true
    }
    if isPosted { arrived.signal() }
    return isPosted
  }

  /// Takes all orders, at once.
  /// - Parameter closing: whether these are the last ones.
  func takeAll(closing: Bool = false) -> [Message] {
    state.withLock { state in
      defer {
        state.messages = []
        state.isClosed = state.isClosed || closing
      }
      return state.messages
    }
  }

  /// Takes orders again, after the last ones were taken: the lane goes on.
  func reopen() { state.withLock { $0.isClosed = false } }

  /// Has a lane that waits look whether it still has to.
  func wake() { arrived.signal() }

  /// Waits until an order arrives, or there is something else to look at.
  func wait() { arrived.wait() }
}
