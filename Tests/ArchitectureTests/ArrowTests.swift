import Foundation
import Testing

/// The arrows between the targets, read from `Package.swift` and the sources: who may import whom, which arrows nobody
/// uses, and what stays in its room.
@Suite struct ArrowTests {
  private static let hallway: Set<String> = ["EngineProtocol", "TrainingMetrics"]

  // The targets of this package that each target may depend on.
  private static let allowed: [String: Set<String>] = [
    "TrainingMetrics": [],
    "EngineProtocol": ["TrainingMetrics"],
    "Tensors": ["COneDNN", "COpenSSL", "CBinaryKernels"],
    "NeuralNetworks": ["Tensors", "EngineProtocol"],
    "Datasets": ["Tensors", "TrainingMetrics", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib"],
    "RunStore": hallway.union(["Tensors"]),
    "Deployment": ["NeuralNetworks", "Tensors", "TrainingMetrics"],
    "ModelInterface": ["Deployment", "NeuralNetworks", "Tensors", "CModelInterface"],
    "Training": hallway.union(["Datasets", "Deployment", "NeuralNetworks", "RunStore", "Tensors"]),
    "Reports": hallway.union(["RunStore"]),
    "Benchmarks": ["Deployment", "NeuralNetworks", "Tensors"],
    "EngineService": hallway,
    "TerminalUI": ["TrainingMetrics"],
    "Dashboard": hallway.union(["TerminalUI"]),
    "CursesBackend": ["TerminalUI", "CNcurses", "CTerminalGuard"],
    "signflip": hallway.union([
      "CursesBackend", "Dashboard", "TerminalUI", "EngineService", "Reports", "Benchmarks", "RunStore", "Tensors",
      "Training", "Deployment", "NeuralNetworks", "Datasets",
    ]),
  ]
  private static let ofC: Set<String> = [
    "COneDNN", "COpenSSL", "CBinaryKernels", "CModelInterface", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib",
    "CNcurses",
    "CTerminalGuard",
  ]
  private static let rooms = Set(allowed.keys).union(ofC)

  @Test(arguments: allowed.keys.sorted())
  func aRoomDependsOnlyOnWhatStandsBelowIt(room: String) throws {
    let target = try #require(try Manifest().targets.first { $0.name == room })
    let arrows = try #require(Self.allowed[room])
    #expect(target.dependencies.intersection(Self.rooms) == arrows, "\(room) in Package.swift, and here")
    let files = try Manifest.swiftFiles(in: target.folder)
    #expect(!files.isEmpty)
    for file in files {
      let imports = Manifest.imports(in: file.text).intersection(Self.rooms)
      #expect(imports.isSubset(of: arrows), "\(room)/\(file.name) imports \(imports.subtracting(arrows).sorted())")
    }
  }

  @Test func everyArrowIsUsed() throws {
    for target in try Manifest().targets {
      let imports = try Manifest.swiftFiles(in: target.folder).map { Manifest.imports(in: $0.text) }
      let unused = target.dependencies.subtracting(imports.reduce([]) { $0.union($1) })
      #expect(unused.isEmpty, "\(target.name) depends on \(unused.sorted()), which no file of it imports")
    }
  }

  @Test(arguments: [
    "Dashboard", "TerminalUI", "EngineService", "Reports", "Benchmarks", "Training", "RunStore", "NeuralNetworks",
    "Datasets", "Deployment", "EngineProtocol", "TrainingMetrics", "signflip",
  ])
  func unsafePointersStayInTensors(room: String) throws {
    // Libraries in C fill memory of ours by pointers.
    let exceptions = ["ProcessEnvironment.swift", "GzipReader.swift", "JPEGDecoder.swift", "NPZArchive.swift"]
    let folder = Manifest.root.appending(path: "Sources").appending(path: room)
    for file in try Manifest.swiftFiles(in: folder) where !exceptions.contains(file.name) {
      #expect(!file.text.contains("UnsafeMutable"), "\(room)/\(file.name)")
      #expect(!file.text.contains("UnsafePointer"), "\(room)/\(file.name)")
    }
  }

  @Test func everyRoomIsChecked() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Manifest.root.appending(path: "Sources").path)
    #expect(Set(folders) == Self.rooms)
    let targets = try Manifest().targets.filter { $0.kind != "testTarget" }
    #expect(Set(targets.map(\.name)) == Self.rooms)
  }

  @Test func dependenciesAndImportsAreRead() {
    let text = """
      .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
      // .target(name: "Old", dependencies: ["CZlib"]),
      .target(
        name: "Files",
        dependencies: [
          "CZlib", .product(name: "NIOCore", package: "swift-nio"),
        ],
        exclude: ["FORMAT.md"]),
      .testTarget(name: "FilesTests", dependencies: ["Files"], resources: [.copy("Fixtures")]),
      """
    let targets = Manifest.targets(in: text)
    #expect(targets.map(\.name) == ["CZlib", "Files", "FilesTests"])
    #expect(targets.map(\.dependencies) == [[], ["CZlib", "NIOCore"], ["Files"]])
    let source = """
      import Foundation
      package import Tensors
      private import struct NIOCore.ByteBuffer
      // import Training
      @preconcurrency import Yams
      let text = "import CZlib"
      """
    #expect(Manifest.imports(in: source) == ["Foundation", "Tensors", "NIOCore", "Yams"])
  }
}
