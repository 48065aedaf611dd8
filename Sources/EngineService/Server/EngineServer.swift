package import EngineProtocol
package import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Serves an engine to clients on a Unix-domain socket, on a thread of its own.
///
/// Clients of other users are refused before a byte is read. Nothing is queued for a client: when it has read the last
/// buffer, it is sent what is new since its own place in the engine's record.
package final class EngineServer: Sendable {
  private struct State {
    var group: MultiThreadedEventLoopGroup?
    var channel: (any Channel)?
    var hall: NIOLoopBound<ClientHall>?
    var path: String?
    var clients = 0
    var connections = 0
    var lastChange = ContinuousClock.now
    // When a connection last came or went, and whether any of them has watched.
    var lastVisit = ContinuousClock.now
    var wasWatched = false
  }

  private let engine: any HostedEngine
  private let program: String
  private let owner: uid_t
  private let state = Mutex(State())

  /// A server of an engine.
  /// - Parameters:
  ///   - program: the program's version, as clients are told it.
  ///   - owner: the only user who may connect.
  package init(engine: any HostedEngine, program: String, owner: uid_t = getuid()) {
    self.engine = engine
    self.program = program
    self.owner = owner
  }

  /// How many clients are connected.
  package var clientCount: Int { state.withLock(\.clients) }

  /// How many connections there are, of clients and of those that have not said hello.
  package var connectionCount: Int { state.withLock(\.connections) }

  /// For how long no client has been connected; nil while there are some.
  package var loneliness: Duration? {
    state.withLock { $0.clients == 0 ? ContinuousClock.now - $0.lastChange : nil }
  }

  /// For how long no connection has come or gone.
  package var quietness: Duration { ContinuousClock.now - state.withLock(\.lastVisit) }

  /// Whether a client that follows the training has been connected at some time.
  package var wasWatched: Bool { state.withLock(\.wasWatched) }

  /// Where clients find the engine; nil before the start and after the end.
  package var path: String? { state.withLock(\.path) }

  /// Serves on a new socket at a path.
  /// - Throws: `ServiceError.unsafeSocket`.
  package func start(at path: String) throws {
    try start(on: ListeningSocket(at: path).descriptor)
  }

  /// Serves on a socket that is bound and listens; it is the server's from now on.
  /// - Throws: `ServiceError.unsafeSocket` where the descriptor is no such socket.
  package func start(on descriptor: Int32) throws {
    precondition(state.withLock(\.group) == nil, "a server starts once")
    try ListeningSocket.check(descriptor)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let (engine, program, owner) = (engine, program, owner)
    let onCount: @Sendable (Int, Int) -> Void = { [weak self] in self?.count($0, connections: $1) }
    do {
      let hall = try loop.submit {
        Thread.current.name = "service"
        let hall = ClientHall(engine: engine, program: program, loop: loop, onCount: onCount)
        return NIOLoopBound(hall, eventLoop: loop)
      }.wait()
      let channel = try ServerBootstrap(group: group)
        .childChannelOption(.maxMessagesPerRead, value: 4)
        .childChannelInitializer { channel in
          Self.owner(of: channel).flatMapThrowing { peer in
            guard peer == owner else { throw ServiceError(.unsafeSocket, "user \(peer) is not user \(owner)") }
            try channel.pipeline.syncOperations.addHandler(ClientSession(hall: hall.value))
          }
        }
        .withBoundSocket(descriptor).wait()
      state.withLock {
        ($0.group, $0.channel, $0.hall) = (group, channel, hall)
        ($0.path, $0.lastChange, $0.lastVisit) = (channel.localAddress?.pathname, .now, .now)
      }
    } catch {
      try? group.syncShutdownGracefully()
      throw ServiceError(.unsafeSocket, "descriptor \(descriptor): expected a listening socket: \(error)")
    }
  }

  /// Removes the socket, sends the clients the remaining messages and a goodbye, and ends. Blocks until that is done.
  package func stop(_ reason: String = "the engine has ended") {
    let (group, channel, hall, path) = state.withLock { state in
      defer { (state.group, state.channel, state.hall, state.path) = (nil, nil, nil, nil) }
      return (state.group, state.channel, state.hall, state.path)
    }
    guard let group, let channel, let hall else { return }
    if let path { unlink(path) }
    try? channel.close().wait()
    try? group.next().flatSubmit { hall.value.sayGoodbye(reason) }.wait()
    try? group.syncShutdownGracefully()
  }

  private func count(_ clients: Int, connections: Int) {
    state.withLock { state in
      if state.clients != clients { (state.clients, state.lastChange) = (clients, .now) }
      if state.connections != connections { state.lastVisit = .now }
      if clients > 0 { state.wasWatched = true }
      state.connections = connections
    }
  }

  // Who is at the other end, as the kernel says.
  private static func owner(of channel: any Channel) -> EventLoopFuture<uid_t> {
    guard let provider = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ServiceError(.unsafeSocket, "the other side can't be told"))
    }
    return provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
      .map { (credentials: PeerCredentials) in credentials.user }
  }
}
