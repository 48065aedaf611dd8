import Foundation
import Testing

/// The dependencies between targets, read from `Package.swift` and the sources: allowed imports, unused dependencies, and
/// libraries that only one target may use.
@Suite struct ArrowTests {
  private static let shared: Set<String> = ["EngineProtocol", "TrainingMetrics"]

  // The targets of this package that each target may depend on.
  private static let allowed: [String: Set<String>] = [
    "TrainingMetrics": [],
    "EngineProtocol": ["TrainingMetrics"],
    "Tensors": ["COneDNN", "COpenSSL", "CBinaryKernels"],
    "NeuralNetworks": ["Tensors", "EngineProtocol", "TrainingMetrics"],
    "Datasets": ["Tensors", "TrainingMetrics", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib"],
    "RunStore": shared.union(["Tensors"]),
    "Deployment": ["NeuralNetworks", "Tensors", "TrainingMetrics"],
    "ModelInterface": ["Deployment", "NeuralNetworks", "Tensors", "CModelInterface"],
    "Training": shared.union(["Benchmarks", "Datasets", "Deployment", "NeuralNetworks", "RunStore", "Tensors"]),
    "Sweeps": ["Training", "RunStore", "Tensors", "EngineProtocol"],
    "Reports": shared.union(["Sweeps", "RunStore"]),
    "Benchmarks": ["Deployment", "NeuralNetworks", "Tensors"],
    "EngineService": shared,
    "TerminalUI": ["TrainingMetrics"],
    "Dashboard": shared.union(["TerminalUI"]),
    "CursesBackend": ["TerminalUI", "CNcurses", "CTerminalGuard"],
    "signflip": shared.union([
      "CursesBackend", "Dashboard", "TerminalUI", "EngineService", "Reports", "Sweeps", "Benchmarks", "RunStore",
      "Tensors",
      "Training", "Deployment", "NeuralNetworks", "Datasets",
    ]),
  ]
  private static let ofC: Set<String> = [
    "COneDNN", "COpenSSL", "CBinaryKernels", "CModelInterface", "CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib",
    "CNcurses",
    "CTerminalGuard",
  ]
  private static let checked = Set(allowed.keys).union(ofC)

  @Test(arguments: allowed.keys.sorted())
  func aTargetDependsOnlyOnTargetsBelowIt(name: String) throws {
    let target = try #require(try Manifest().targets.first { $0.name == name })
    let dependencies = try #require(Self.allowed[name])
    #expect(target.dependencies.intersection(Self.checked) == dependencies, "\(name) in Package.swift, and here")
    let files = try Manifest.swiftFiles(in: target.folder)
    #expect(!files.isEmpty)
    for file in files {
      let imports = Manifest.imports(in: file.text).intersection(Self.checked)
      #expect(
        imports.isSubset(of: dependencies), "\(name)/\(file.name) imports \(imports.subtracting(dependencies).sorted())"
      )
    }
  }

  @Test func everyDependencyIsUsed() throws {
    for target in try Manifest().targets {
      let imports = try Manifest.swiftFiles(in: target.folder).map { Manifest.imports(in: $0.text) }
      let unused = target.dependencies.subtracting(imports.reduce([]) { $0.union($1) })
      #expect(unused.isEmpty, "\(target.name) depends on \(unused.sorted()), which no file of it imports")
    }
  }

  @Test(arguments: [
    "Dashboard", "TerminalUI", "EngineService", "Reports", "Sweeps", "Benchmarks", "Training", "RunStore",
    "NeuralNetworks",
    "Datasets", "Deployment", "EngineProtocol", "TrainingMetrics", "signflip",
  ])
  func onlyTensorsHasUnsafePointers(name: String) throws {
    // C libraries write to our memory through pointers.
    let exceptions = ["ProcessEnvironment.swift", "GzipReader.swift", "JPEGDecoder.swift", "NPZArchive.swift"]
    let folder = Manifest.root.appending(path: "Sources").appending(path: name)
    for file in try Manifest.swiftFiles(in: folder) where !exceptions.contains(file.name) {
      #expect(!file.text.contains("UnsafeMutable"), "\(name)/\(file.name)")
      #expect(!file.text.contains("UnsafePointer"), "\(name)/\(file.name)")
    }
  }

  @Test func everyTargetIsChecked() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Manifest.root.appending(path: "Sources").path)
    #expect(Set(folders) == Self.checked)
    let targets = try Manifest().targets.filter { $0.kind != "testTarget" }
    #expect(Set(targets.map(\.name)) == Self.checked)
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
