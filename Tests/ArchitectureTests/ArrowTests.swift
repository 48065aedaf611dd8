import Foundation
import Testing

/// The arrows of the house, read from the sources: who may import whom, and what stays in its room.
@Suite struct ArrowTests {
  private static let sources = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Sources")

  // Each room with the rooms of the house that it may import.
  private static let hallway: Set<String> = ["EngineProtocol", "TrainingMetrics"]
  private static let allowed: [String: Set<String>] = [
    "TrainingMetrics": [],
    "EngineProtocol": ["TrainingMetrics"],
    "Tensors": ["COneDNN", "COpenSSL", "CBinaryKernels"],
    "NeuralNetworks": ["Tensors"],
    "Datasets": ["Tensors", "TrainingMetrics", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib"],
    "RunStore": hallway.union(["Tensors"]),
    "Training": hallway.union(["Datasets", "NeuralNetworks", "RunStore", "Tensors"]),
    "Reports": hallway.union(["RunStore"]),
    "Benchmarks": ["NeuralNetworks", "Tensors"],
    "EngineService": hallway,
    "TerminalUI": ["TrainingMetrics"],
    "Dashboard": hallway.union(["TerminalUI"]),
    "CursesBackend": ["TerminalUI", "CNcurses", "CTerminalGuard"],
    "signflip": hallway.union([
      "CursesBackend", "Dashboard", "TerminalUI", "EngineService", "Reports", "Benchmarks", "RunStore", "Tensors",
      "Training", "NeuralNetworks", "Datasets",
    ]),
  ]
  private static let rooms = Set(allowed.keys).union([
    "COneDNN", "COpenSSL", "CBinaryKernels", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib", "CNcurses",
    "CTerminalGuard",
  ])

  private func swiftFiles(of room: String) throws -> [(name: String, text: String)] {
    let folder = Self.sources.appending(path: room)
    let enumerator = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
    var files: [(String, String)] = []
    for case let file as URL in enumerator where file.pathExtension == "swift" {
      files.append((file.lastPathComponent, try String(contentsOf: file, encoding: .utf8)))
    }
    return files
  }

  @Test(arguments: allowed.keys.sorted())
  func aRoomImportsOnlyWhatStandsBelowIt(room: String) throws {
    let files = try swiftFiles(of: room)
    #expect(!files.isEmpty)
    for file in files {
      for line in file.text.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place <= 2, place + 1 < words.count else { continue }
        let module = String(words[place + 1])
        guard Self.rooms.contains(module) else { continue }
        #expect(Self.allowed[room]?.contains(module) == true, "\(room)/\(file.name) imports \(module)")
      }
    }
  }

  @Test(arguments: [
    "Dashboard", "TerminalUI", "EngineService", "Reports", "Benchmarks", "Training", "RunStore", "NeuralNetworks",
    "Datasets", "EngineProtocol", "TrainingMetrics", "signflip",
  ])
  func unsafePointersStayInTensors(room: String) throws {
    // Libraries in C fill memory of ours by pointers.
    let exceptions = ["ProcessEnvironment.swift", "GzipReader.swift", "JPEGDecoder.swift", "NPZArchive.swift"]
    for file in try swiftFiles(of: room) where !exceptions.contains(file.name) {
      #expect(!file.text.contains("UnsafeMutable"), "\(room)/\(file.name)")
      #expect(!file.text.contains("UnsafePointer"), "\(room)/\(file.name)")
    }
  }

  @Test func everyRoomIsChecked() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(Set(folders) == Self.rooms)
  }
}
