package import EngineProtocol
package import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Serves an engine to clients on a Unix-domain socket, on its own thread.
///
/// Connections of other users are refused before a byte is read. Nothing is queued per client: after it has read the
/// last buffer, it gets what is new since its own position in the engine's record.
package final class EngineServer: Sendable {
  private struct State {
    var group: MultiThreadedEventLoopGroup?
    var channel: (any Channel)?
    var hall: NIOLoopBound<ClientHall>?
    var path: String?
    var clients = 0
    var connections = 0
    var lastChange = ContinuousClock.now
    // When a connection last opened or closed, and whether any client has watched.
    var lastVisit = ContinuousClock.now
    var wasWatched = false
  }

  private let engine: any HostedEngine
  private let program: String
  private let owner: uid_t
  private let state = Mutex(State())

  /// A server of an engine.
  /// - Parameters:
  ///   - program: the program's version, for clients.
  ///   - owner: the only user who may connect.
  package init(engine: any HostedEngine, program: String, owner: uid_t = getuid()) {
    self.engine = engine
    self.program = program
    self.owner = owner
  }

  /// Number of connected clients.
  package var clientCount: Int { state.withLock(\.clients) }

  /// Number of connections, including those that have not said hello.
  package var connectionCount: Int { state.withLock(\.connections) }

  /// For how long no client has been connected; nil while there are clients.
  package var loneliness: Duration? {
    state.withLock { $0.clients == 0 ? ContinuousClock.now - $0.lastChange : nil }
  }

  /// For how long no connection has opened or closed.
  package var quietness: Duration { ContinuousClock.now - state.withLock(\.lastVisit) }

  /// Whether a client that watches the training has ever been connected.
  package var wasWatched: Bool { state.withLock(\.wasWatched) }

  /// The socket's path; nil before the start and after the end.
  package var path: String? { state.withLock(\.path) }

  /// Creates a socket at a path and serves on it.
  /// - Throws: `ServiceError.unsafeSocket`.
  package func start(at path: String) throws {
    try start(on: ListeningSocket(at: path).descriptor)
  }

  /// Serves on a bound, listening socket, of which the server takes ownership.
  /// - Throws: `ServiceError.unsafeSocket` if the descriptor is not such a socket.
  package func start(on descriptor: Int32) throws {
    precondition(state.withLock(\.group) == nil, "a server can be started once")
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

  /// Removes the socket, sends the remaining messages and a goodbye to the clients, and ends. Blocks until done.
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

  // The user at the other end, according to the kernel.
  private static func owner(of channel: any Channel) -> EventLoopFuture<uid_t> {
    guard let provider = channel as? any SocketOptionProvider else {
      return channel.eventLoop.makeFailedFuture(ServiceError(.unsafeSocket, "the peer is unknown"))
    }
    return provider.unsafeGetSocketOption(level: .socket, name: .init(rawValue: SO_PEERCRED))
      .map { (credentials: PeerCredentials) in credentials.user }
  }
}
