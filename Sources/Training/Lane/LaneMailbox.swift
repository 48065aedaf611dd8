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

/// The orders for a lane, which it reads between two batches.
final class LaneMailbox: Sendable {
  /// An order to a lane.
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
  /// - Returns: false if the lane has ended.
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

  /// Wakes a lane that waits, so that it checks again why.
  func wake() { arrived.signal() }

  /// Waits until an order arrives or `wake` is called.
  func wait() { arrived.wait() }
}
