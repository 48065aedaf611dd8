import EngineService
import Foundation
import Testing

/// Other users have no access to an engine's socket.
@Suite struct SocketFolderTests {
  private func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test func theFolderAndTheSocketAreClosedToOthers() throws {
    let folder = try TestServer.newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let socket = try ListeningSocket(in: folder)
    defer { close(socket.descriptor) }
    #expect(try mode(folder.path) == 0o700)
    #expect(try mode(socket.path) == 0o600)
    #expect(folder.sockets() == [socket.path])
  }

  @Test func aFolderOpenToOthersIsRefused() throws {
    let folder = try TestServer.newFolder()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    chmod(folder.path, 0o755)
    let error = #expect(throws: ServiceError.self) { try ListeningSocket(in: folder) }
    #expect(error?.code == .unsafeSocket && error?.message.contains("found mode 755") == true)
    #expect(throws: ServiceError.self) { try EngineDirectory.list(in: folder) }
  }

  @Test func aFolderOfSomebodyElseIsRefused() throws {
    let ours = try TestServer.newFolder()
    defer { try? FileManager.default.removeItem(atPath: ours.path) }
    let folder = SocketFolder(path: ours.path, owner: getuid() + 1)
    let error = #expect(throws: ServiceError.self) { try ListeningSocket(in: folder) }
    #expect(error?.code == .unsafeSocket)
    #expect(error?.message == "\(ours.path): expected a folder of user \(getuid() + 1), found one of \(getuid())")
  }

  @Test func aLinkIsNoFolder() throws {
    let ours = try TestServer.newFolder()
    let link = ours.path + "-link"
    defer {
      try? FileManager.default.removeItem(atPath: ours.path)
      unlink(link)
    }
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: ours.path)
    let error = #expect(throws: ServiceError.self) { try SocketFolder(path: link).prepare() }
    #expect(error?.message == "\(link): expected a folder, found something else")
  }

  @Test func aPathThatIsTooLongIsRefused() throws {
    let folder = SocketFolder(path: "/tmp/signflip-" + String(repeating: "x", count: 100))
    defer { rmdir(folder.path) }
    let error = #expect(throws: ServiceError.self) { try ListeningSocket(in: folder) }
    #expect(error?.code == .unsafeSocket && error?.message.contains("too long") == true)
  }

  @Test func theStandardFolder() throws {
    let uid = getuid()
    #expect(SocketFolder.standard(environment: ["XDG_RUNTIME_DIR": "/tmp"]).path == "/tmp/signflip")
    #expect(SocketFolder.standard(environment: ["XDG_RUNTIME_DIR": "/no/such"]).path == "/tmp/signflip-\(uid)")
    #expect(SocketFolder.standard(environment: ["TMPDIR": "/var/tmp"]).path == "/var/tmp/signflip-\(uid)")
    #expect(SocketFolder.standard(environment: [:]).path == "/tmp/signflip-\(uid)")
  }
}
