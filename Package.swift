// swift-tools-version: 6.2
import PackageDescription

// The targets form two stacks, the user interface and the engine, above two shared targets. A target depends only on targets
// below it in its stack, and on the shared ones. Only the executable depends on both stacks.

let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "signflip",
  products: [
    .executable(name: "signflip", targets: ["signflip"]),
    // libsignflip_model.so: packed models for C, Python, Rust. Its header is in `CModelInterface`.
    .library(name: "signflip_model", type: .dynamic, targets: ["ModelInterface"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // MARK: Executable, one file per subcommand

    .executableTarget(
      name: "signflip",
      dependencies: [
        "CursesBackend", "Dashboard", "TerminalUI", "EngineService", "Reports", "Sweeps", "Benchmarks", "Training",
        "Deployment",
        "RunStore", "Datasets", "NeuralNetworks", "Tensors", "EngineProtocol", "TrainingMetrics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["Manual"],
      swiftSettings: house),

    // MARK: User interface

    // The only target that calls ncurses: draws frames, reads keys and the mouse, restores the terminal.
    .target(
      name: "CursesBackend",
      dependencies: ["CNcurses", "CTerminalGuard", "TerminalUI"],
      swiftSettings: house),
    .systemLibrary(name: "CNcurses", providers: [.apt(["libncursesw5-dev"])]),
    // Restores the terminal if a signal or a trap ends the program.
    .target(name: "CTerminalGuard"),

    // The screens: model, layout, actions. Uses the engine only through the shared targets.
    .target(
      name: "Dashboard",
      dependencies: ["TerminalUI", "EngineProtocol", "TrainingMetrics", .product(name: "Yams", package: "Yams")],
      swiftSettings: house),
    // Frames of cells, themes, glyphs, charts and other widgets, independent of training.
    .target(
      name: "TerminalUI",
      dependencies: ["TrainingMetrics", .product(name: "Yams", package: "Yams")],
      swiftSettings: house),

    // MARK: Engine

    // The engine's process and socket: server, client, list of running engines.
    .target(
      name: "EngineService",
      dependencies: [
        "EngineProtocol", "TrainingMetrics",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ],
      exclude: ["PROTOCOL.md"],
      swiftSettings: house),
    // Sweeps: many runs over settings and seeds, on this machine or on a cluster.
    .target(
      name: "Sweeps",
      dependencies: [
        "Training", "RunStore", "Tensors", "EngineProtocol", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Library/Shipped")], swiftSettings: house),
    // Pages about finished runs and sweeps.
    .target(
      name: "Reports", dependencies: ["Sweeps", "RunStore", "EngineProtocol", "TrainingMetrics"], swiftSettings: house),
    // Measures products, training steps and memory on this machine.
    .target(name: "Benchmarks", dependencies: ["Deployment", "NeuralNetworks", "Tensors"], swiftSettings: house),
    // The functions of the C library. No other target imports it.
    .target(
      name: "ModelInterface", dependencies: ["CModelInterface", "Deployment", "NeuralNetworks", "Tensors"],
      swiftSettings: house),
    .systemLibrary(name: "CModelInterface"),
    // Exported networks: the packed model, its file and runtime, exporters and importers.
    .target(
      name: "Deployment",
      dependencies: [
        "NeuralNetworks", "Tensors", "TrainingMetrics", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Exporters/ONNX/Proto/onnx.proto"],
      swiftSettings: house),
    // Experiments, presets, lanes on their threads, the in-process engine.
    .target(
      name: "Training",
      dependencies: [
        "Benchmarks", "Datasets", "Deployment", "NeuralNetworks", "RunStore", "Tensors", "EngineProtocol",
        "TrainingMetrics", .product(name: "Yams", package: "Yams"),
      ],
      resources: [.embedInCode("Presets"), .embedInCode("Networks")],
      swiftSettings: house),
    // Recorded runs: the run directory with metrics, journal, checkpoints and TensorBoard events.
    .target(
      name: "RunStore",
      dependencies: [
        "Tensors", "EngineProtocol", "TrainingMetrics", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["CHECKPOINTS.md", "TensorBoard/Proto/tensorboard.proto", "TensorBoard/Proto/hparams.proto"],
      swiftSettings: house),
    // Readers, downloads, the built-in digits, splits and batches.
    .target(
      name: "Datasets",
      dependencies: ["CArchive", "CCurl", "CPNG", "CTurboJPEG", "CZlib", "Tensors", "TrainingMetrics"],
      exclude: ["DATA.md"], swiftSettings: house),
    .systemLibrary(name: "CArchive", providers: [.apt(["libarchive-dev"])]),
    // Downloads: redirections, certificates, resuming.
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
    // Gzip files, since libarchive does not verify their checksums.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CTurboJPEG", providers: [.apt(["libturbojpeg0-dev"])]),
    // Layers, quantizers, losses, optimizers, schedules.
    .target(
      name: "NeuralNetworks", dependencies: ["Tensors", "EngineProtocol", "TrainingMetrics"], swiftSettings: house),
    // Storage, matrix products, vectorized passes, random numbers. The only target with unsafe pointers.
    .target(name: "Tensors", dependencies: ["COneDNN", "COpenSSL", "CBinaryKernels"], swiftSettings: house),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    // SHA-256 of weights. The system's libcrypto, since swift-crypto compiles 250 C files in every clean build.
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    // Products of bits, with one file per instruction set; passes such as update, normalization and random bits.
    .target(name: "CBinaryKernels"),

    // MARK: Shared by both stacks

    // Commands, events and snapshots: the messages between the two stacks.
    .target(name: "EngineProtocol", dependencies: ["TrainingMetrics"], swiftSettings: house),
    // Metric series, histograms, flip statistics.
    .target(name: "TrainingMetrics", swiftSettings: house),

    // MARK: Tests

    .testTarget(name: "TrainingMetricsTests", dependencies: ["TrainingMetrics"], swiftSettings: house),
    .testTarget(
      name: "EngineProtocolTests", dependencies: ["EngineProtocol", "TrainingMetrics"], swiftSettings: house),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: house),
    .testTarget(
      name: "NeuralNetworksTests", dependencies: ["NeuralNetworks", "Tensors", "EngineProtocol"],
      resources: [.copy("Fixtures")], swiftSettings: house),
    .testTarget(
      name: "DeploymentTests", dependencies: ["Deployment", "NeuralNetworks", "Tensors", "EngineProtocol"],
      swiftSettings: house),
    .testTarget(name: "DatasetsTests", dependencies: ["CTurboJPEG", "Datasets", "Tensors"], swiftSettings: house),
    .testTarget(name: "BenchmarksTests", dependencies: ["Benchmarks", "Tensors"], swiftSettings: house),
    .testTarget(
      name: "RunStoreTests",
      dependencies: [
        "RunStore", "EngineProtocol", "TrainingMetrics", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "SweepsTests", dependencies: ["Sweeps", "Training", "Tensors", "EngineProtocol"],
      resources: [.copy("Fixtures")], swiftSettings: house),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Sweeps", "RunStore", "EngineProtocol", "TrainingMetrics"],
      swiftSettings: house),
    .testTarget(
      name: "EngineServiceTests",
      dependencies: [
        "EngineService", "EngineProtocol", "TrainingMetrics", .product(name: "NIOCore", package: "swift-nio"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Training", "Datasets", "Deployment", "RunStore", "NeuralNetworks", "Tensors", "EngineProtocol",
        "TrainingMetrics", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: house),
    .testTarget(
      name: "TerminalUITests", dependencies: ["TerminalUI", "TrainingMetrics"],
      exclude: ["Fonts", "Input/sequences.tsv", "Text"], swiftSettings: house),
    .testTarget(
      name: "CursesBackendTests", dependencies: ["CursesBackend", "CTerminalGuard", "TerminalUI"],
      swiftSettings: house),
    .testTarget(
      name: "DashboardTests", dependencies: ["Dashboard", "TerminalUI", "EngineProtocol", "TrainingMetrics"],
      exclude: ["Golden"], swiftSettings: house),
    .testTarget(name: "ArchitectureTests", swiftSettings: house),
  ]
)
