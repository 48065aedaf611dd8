import EngineProtocol
import EngineService
import Foundation
import Testing

/// Starts, failed starts, deaths and ends of engines.
@Suite struct EngineProcessTests {
  // A folder with a script that is run as the engine.
  private final class Place {
    let folder: SocketFolder
    let program: String
    var environment: [String: String] { ["XDG_RUNTIME_DIR": folder.path, "PATH": "/usr/bin:/bin", "MINE": "yes"] }

    init(_ script: String) throws {
      folder = try TestServer.newFolder()
      program = folder.path + "/engine.sh"
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: program))
      chmod(program, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder.path) }

    func spawn() throws -> RemoteEngine {
      try EngineLauncher.spawn(
        program: program, arguments: ["--later"], environment: environment, name: "test", timeout: .seconds(5))
    }

    var sockets: [String] { SocketFolder(path: folder.path + "/signflip").sockets() }
  }

  @Test func anEngineThatFailsTellsWhy() throws {
    let place = try Place("echo 'no such data set' >&2; exit 3")
    let error = #expect(throws: ServiceError.self) { try place.spawn() }
    #expect(error?.code == .notStarted)
    #expect(error?.message == "the engine could not be started: no such data set")
    #expect(place.sockets.isEmpty)
  }

  @Test func anEngineThatFailsWithoutAWordIsNoticed() throws {
    let place = try Place("exit 3")
    let error = #expect(throws: ServiceError.self) { try place.spawn() }
    #expect(error?.message == "the engine could not be started: it ended with exit status 3")
    #expect(throws: ServiceError.self) {
      try EngineLauncher.spawn(program: "/no/such/program", environment: place.environment, name: "test")
    }
    #expect(place.sockets.isEmpty)
  }

  // The script writes its arguments to standard error and fails. Descriptor 4 is the folder that ls reads.
  @Test func anEngineStartsInItsOwnWorld() throws {
    let place = try Place(
      """
      exec >&2
      echo "$@"
      echo "$OMP_WAIT_POLICY $SWIFT_BACKTRACE $MINE"
      ls -l /proc/self/fd
      test "$(cut -d' ' -f6 /proc/$$/stat)" = $$ && echo leader
      grep SigBlk /proc/self/status
      """)
    // A descriptor without close-on-exec and a blocked signal must not be inherited.
    let open = dup(STDERR_FILENO)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer {
      pthread_sigmask(SIG_SETMASK, &before, nil)
      close(open)
    }
    let error = #expect(throws: ServiceError.self) { try place.spawn() }
    let lines = error?.message.split(separator: "\n").map(String.init) ?? []
    #expect(lines.first == "the engine could not be started: engine --descriptor 3 --later")
    #expect(lines.contains("passive enable=no yes"))
    let descriptors = lines.compactMap { line -> (number: Substring, target: Substring)? in
      let words = line.split(separator: " ")
      guard words.count > 3, words[words.count - 2] == "->" else { return nil }
      return (words[words.count - 3], words[words.count - 1])
    }
    #expect(descriptors.map(\.number) == ["0", "1", "2", "3", "4"])
    #expect(descriptors.first?.target == "/dev/null")
    #expect(descriptors.dropFirst(3).first?.target.hasPrefix("socket:") == true)
    #expect(descriptors.last?.target.hasPrefix("/proc/") == true)
    #expect(lines.contains("leader"))
    #expect(lines.contains("SigBlk:\\t0000000000000000"))
  }

  // A Python script answers like an engine, then dies.
  @Test func theLossOfAnEngineIsToldOnce() throws {
    let place = try Place(
      """
      exec python3 -c '
      import socket, os, sys, time
      client = socket.socket(fileno=3).accept()[0]
      hello = client.recv(1000)
      client.sendall(b"{\\"welcome\\":{\\"protocol\\":1,\\"client\\":5,\\"program\\":\\"p\\",\\"process\\":%d,\\"run\\":\\"r\\"}}\\n" % os.getpid())
      client.sendall(b"{\\"event\\":\\"failed\\",\\"reason\\":\\"half\\"}\\n{\\"snapshot\\":{\\"phase\\":\\"training\\",\\"seconds\\":2,\\"lanes\\":[],\\"clients\\":1}}\\n{\\"event\\":")
      client.recv(1000)
      os.kill(os.getpid(), 9)
      '
      """)
    let engine = try place.spawn()
    try engine.waitForHistory()
    #expect(engine.isConnected && engine.welcome.client == 5)
    engine.send(.pause(.all))
    #expect(eventually { !engine.isConnected })
    let batch = engine.events(after: EventCursor())
    #expect(batch.events == [.failed("half"), .engineLost("the engine (process \(engine.process)) has died")])
    #expect(engine.events(after: batch.cursor).events.isEmpty)
    #expect(engine.snapshot() == Snapshot(phase: .training, seconds: 2, clients: 1))
    #expect(engine.goodbye == nil)
  }

  private func host(
    _ engine: RecordedEngine, patience: Duration, _ body: (String, pthread_t) throws -> Void
  ) throws -> Bool {
    let folder = try TestServer.newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let socket = try ListeningSocket(in: folder)
    let (started, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    nonisolated(unsafe) var thread = pthread_self()
    let runner = Thread {
      thread = pthread_self()
      started.signal()
      try? EngineHost(engine: engine, program: "test", patience: patience).run(on: socket.descriptor)
      ended.signal()
    }
    runner.start()
    started.wait()
    try body(socket.path, thread)
    let hasEnded = ended.wait(timeout: .now() + 10) == .success
    #expect(!hasEnded || folder.sockets().isEmpty)
    return hasEnded
  }

  @Test func anEngineWithNothingToDoEnds() throws {
    let engine = RecordedEngine()
    engine.set(.training)
    let hasEnded = try host(engine, patience: .milliseconds(100)) { path, _ in
      // Training continues without clients; with a client, the engine stays after the end of the training.
      usleep(600_000)
      let client = try RemoteEngine.connect(path: path, name: "test")
      engine.set(.finished)
      usleep(600_000)
      #expect(client.isConnected && client.snapshot().phase == .finished)
      client.close()
    }
    #expect(hasEnded)
    #expect(engine.asked.isEmpty)
  }

  @Test func anEngineThatCouldStartNothingEndsWithItsClient() throws {
    let engine = RecordedEngine()
    let hasEnded = try host(engine, patience: .seconds(3600)) { path, _ in
      let client = try RemoteEngine.connect(path: path, name: "test")
      engine.set(.failed("x.yaml: expected a mapping"))
      usleep(300_000)
      #expect(client.isConnected)
      client.close()
    }
    #expect(hasEnded)
  }

  @Test func aSignalSuspendsTheTraining() throws {
    let engine = RecordedEngine()
    engine.set(.training)
    engine.onSuspend(.finished)
    let hasEnded = try host(engine, patience: .seconds(100)) { path, thread in
      let client = try RemoteEngine.connect(path: path, name: "test")
      pthread_kill(thread, SIGTERM)
      #expect(eventually { !client.isConnected })
      #expect(client.goodbye == "the engine was suspended")
    }
    #expect(hasEnded)
    #expect(engine.asked == [.init(command: .suspend, id: CommandID(0), origin: "signal")])
  }
}
