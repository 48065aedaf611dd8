import EngineProtocol
import EngineService
import Foundation
import Testing

/// Finding running engines.
@Suite struct EngineDirectoryTests {
  @Test func enginesTellWhoTheyAreAndHowTheyStand() throws {
    let served = try TestServer()
    served.engine.append(.started(RecordedEngine.run("20261123-mnist", directory: "/runs/20261123-mnist")))
    served.engine.set(.training)
    served.engine.set([
      LaneSnapshot(name: "a", state: .paused, epoch: 3.25, epochs: 10, stepsPerEpoch: 1, hyperparameters: []),
      LaneSnapshot(name: "b", epoch: 3, epochs: 10, stepsPerEpoch: 1, hyperparameters: []),
    ])
    let watcher = try served.connect()
    let engine = try #require(try EngineDirectory.list(in: served.folder).first)
    #expect(engine.path == served.path)
    #expect(engine.welcome?.run == "20261123-mnist" && engine.welcome?.process == getpid())
    #expect(engine.welcome?.directory == "/runs/20261123-mnist" && engine.welcome?.experiment == "experiment")
    #expect(engine.snapshot?.clients == 1)
    #expect(engine.summary == "training: a 3.2 of 10 epochs paused, b 3.0 of 10 epochs")
    withExtendedLifetime(watcher) {}
  }

  @Test func theSocketsOfDeadEnginesAreTakenAway() throws {
    let served = try TestServer()
    let dead = try ListeningSocket(in: served.folder)
    close(dead.descriptor)
    #expect(FileManager.default.createFile(atPath: EngineLauncher.log(of: dead.path), contents: Data()))
    #expect(served.folder.sockets().count == 2)
    #expect(try EngineDirectory.list(in: served.folder).map(\.path) == [served.path])
    #expect(try FileManager.default.contentsOfDirectory(atPath: served.folder.path).count == 1)
  }

  @Test func anEngineThatDoesNotAnswerIsListed() throws {
    let folder = try TestServer.newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    // It listens but never answers, like a stopped engine.
    let socket = try ListeningSocket(in: folder)
    defer { close(socket.descriptor) }
    let engines = try EngineDirectory.list(in: folder, timeout: .milliseconds(100))
    #expect(engines == [EngineInfo(path: socket.path)])
    #expect(engines.first?.summary == "does not answer")
  }

  @Test func whereThereIsNoFolderThereIsNoEngine() throws {
    #expect(try EngineDirectory.list(environment: ["XDG_RUNTIME_DIR": "/sys"]).isEmpty)
  }

  private func engine(_ run: String, process: Int32) -> EngineInfo {
    let welcome = """
      {"protocol":1,"client":1,"program":"test","process":\(process),"run":"\(run)","directory":"/runs/\(run)"}
      """
    return EngineInfo(
      path: "/tmp/x.sock", welcome: try? EngineJSON.decoder().decode(Welcome.self, from: Data(welcome.utf8)),
      snapshot: Snapshot(phase: .training))
  }

  @Test func aRunIsFoundByWhatNamesItAlone() throws {
    let first = engine("20261123-1010-mnist", process: 100)
    let second = engine("20261123-1011-digits", process: 200)
    let both = [first, second]
    for name in ["20261123-1010-mnist", "20261123-1010", "mnist", "100", "/runs/20261123-1010-mnist/"] {
      #expect(try EngineDirectory.find(name, in: both) == first)
    }
    #expect(try EngineDirectory.find(nil, in: [second]) == second)
    let newest = [first, second].max { ($0.welcome?.run ?? "") < ($1.welcome?.run ?? "") }
    #expect(try EngineDirectory.find("last", in: both) == newest)
    let several = #expect(throws: ServiceError.self) { try EngineDirectory.find(nil, in: both) }
    #expect(
      several?.message == """
        expected the name of one of these:
          20261123-1010-mnist, process 100, training
          20261123-1011-digits, process 200, training
        """)
    #expect(throws: ServiceError.self) { try EngineDirectory.find("20261123", in: both) }
    // If one engine is training, ended and idle ones are not candidates.
    for phase in [Snapshot.Phase.idle, .finished, .failed("x.yaml: lanes:\n  expected a list")] {
      var other = engine("20261123-1012-other", process: 300)
      other.snapshot?.phase = phase
      #expect(try EngineDirectory.find(nil, in: [other, first]) == first)
      #expect(try EngineDirectory.find(nil, in: [other]) == other)
      #expect(!other.summary.contains("\n") && !other.trains)
    }
    let none = #expect(throws: ServiceError.self) { try EngineDirectory.find("fashion", in: both) }
    #expect(none?.message.hasPrefix("no engine has the run “fashion”; there are:\n") == true)
    let nothing = #expect(throws: ServiceError.self) { try EngineDirectory.find(nil, in: []) }
    #expect(nothing?.message == "no engine is running")
  }
}
