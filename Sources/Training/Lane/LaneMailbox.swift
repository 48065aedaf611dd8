import Dispatch
import EngineProtocol
import Synchronization

/// Where a lane finds its commands, between two batches.
final class LaneMailbox: Sendable {
  /// What a lane can be told.
  enum Order: Sendable {
    case pause
    case resume
    case singleStep
    case runToEpoch(Int)
    case stop
    case set(Hyperparameter, HyperparameterValue)
  }

  /// An order, and the command that it came from.
  struct Letter: Sendable {
    let command: CommandID
    let order: Order
  }

  private let letters = Mutex<[Letter]>([])
  private let arrived = DispatchSemaphore(value: 0)

  /// Leaves an order for the lane.
  func post(_ order: Order, from command: CommandID) {
    letters.withLock { $0.append(Letter(command: command, order: order)) }
    arrived.signal()
  }

  /// Takes all orders, at once.
  func takeAll() -> [Letter] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }

  /// Waits until an order arrives.
  func wait() { arrived.wait() }
}
