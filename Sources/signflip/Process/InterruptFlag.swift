@preconcurrency import Dispatch
import Foundation
import Synchronization

/// Detects Ctrl-C, SIGTERM or other signals once; a second one terminates the program as usual.
final class InterruptFlag: Sendable {
  private let isRaised = Atomic<Bool>(false)
  private let sources: [any DispatchSourceSignal]

  /// Detects these signals.
  init(_ numbers: Int32...) {
    // A dispatch source receives a signal only if its default action is disabled.
    sources = numbers.map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for (number, source) in zip(numbers, sources) {
      source.setEventHandler { [weak self] in
        self?.isRaised.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
      source.resume()
    }
  }

  /// Detects Ctrl-C and SIGTERM.
  convenience init() { self.init(SIGINT, SIGTERM) }

  /// Returns whether a signal has arrived since the last call.
  func takeNew() -> Bool { isRaised.exchange(false, ordering: .relaxed) }
}
