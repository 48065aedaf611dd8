import Dispatch
import EngineProtocol
import Synchronization
import Tensors

/// The sender of a command: a client, the steering script or the engine itself.
struct Sender: Sendable {
  /// The command's ID, for the answer.
  let command: CommandID
  /// The sender's name, for the journal; empty for the engine's own process.
  let origin: String

  /// The sender of a command.
  init(_ command: CommandID, _ origin: String) {
    self.command = command
    self.origin = origin
  }
}

/// The orders to a lane, which it reads between two batches.
final class LaneMailbox: Sendable {
  /// An order to a lane.
  enum Order: Sendable {
    case pause
    case resume
    case singleStep
    case runToEpoch(Int)
    case stop
    case suspend
    case set(CheckedSetting)
    case checkpoint
    case capture(LaneCapture<SafetensorsImage>)
    case readLayer(String?, LaneCapture<LayerTensors>)
    case rewind(SafetensorsImage, branch: Int, of: Checkpoint)
  }

  /// An order with its sender.
  struct Message: Sendable {
    let order: Order
    let sender: Sender
  }

  private struct State {
    var messages: [Message] = []
    var isClosed = false
    var isHurried = false
  }

  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  /// Adds an order.
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

  /// Takes all orders at once.
  /// - Parameter closing: whether no further orders are accepted.
  func takeAll(closing: Bool = false) -> [Message] {
    state.withLock { state in
      defer {
        state.messages = []
        state.isClosed = state.isClosed || closing
      }
      return state.messages
    }
  }

  /// Accepts orders again after closing, because the lane continues.
  func reopen() { state.withLock { ($0.isClosed, $0.isHurried) = (false, false) } }

  /// Whether the lane is to end, so that it must not wait without limit.
  var isHurried: Bool { state.withLock { $0.isHurried } }

  /// Makes the lane wait only for a limited time, because it is to end.
  func hurry() { state.withLock { $0.isHurried = true } }

  /// Wakes a waiting lane, so that it checks its condition again.
  func wake() { arrived.signal() }

  /// Waits until an order arrives or `wake` is called.
  func wait() { arrived.wait() }
}
