import ArgumentParser
import Benchmarks
import Foundation
import Tensors

struct BenchMachine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Products of bits, training steps and memory, in tables.")

  @Option(help: "Rounds that the best is taken of.")
  var rounds = 10

  @Flag(help: "Write one JSON object a line.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(rounds) else {
      throw ValidationError("expected --rounds from 1 to 1000, found \(rounds)")
    }
  }

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    try say(
      """
      \(Processor.name ?? "an unknown processor"), \(cores) cores, \(BitKernels.best.name) kernels, \
      oneDNN \(Compute.libraryVersion)
      """)
    try products()
    try convolution()
    try trainingSteps(cores: cores)
    let bandwidth = MemoryBenchmark.run(rounds: rounds)
    try say("\nMemory: one thread copies \(Self.figure(bandwidth / 1e9)) GB/s, reads and writes counted.")
    if json { try StandardStream.output.print(JSONLines.text(MemoryLine(bytesPerSecond: bandwidth))) }
  }

  private struct MemoryLine: Encodable {
    var bench = "memory"
    var bytesPerSecond: Double
  }

  // Words are for people; with --json there are objects only.
  private func say(_ text: String) throws { if !json { try StandardStream.output.print(text) } }

  static func figure(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

  // MARK: Products

  private struct ProductLine: Encodable {
    var bench = "product"
    var rows, depth, columns: Int
    var kernels: String
    var signsPerSecond, floatsWithSignsPerSecond, floatsPerSecond, ceilingPerSecond: Double

    init(_ result: ProductBenchmark.Result) {
      (rows, depth, columns) = (result.shape.rows, result.shape.depth, result.shape.columns)
      kernels = result.kernels
      (signsPerSecond, floatsWithSignsPerSecond) = (result.signs, result.floatsWithSigns)
      (floatsPerSecond, ceilingPerSecond) = (result.floats, result.ceiling)
    }
  }

  private func products() throws {
    var table = TextTable([
      .word("product"), .word("kernels"), .number("signs×signs"), .number("of ceiling"), .number("of floats"),
      .number("floats×signs"), .number("of floats"), .number("floats×floats"),
    ])
    try say("\nProducts on one thread, in billions of multiply-accumulates a second:\n")
    for kernels in BitKernels.all.reversed() {
      // The scalar reference is for tests: one shape shows what it would take.
      let shapes =
        kernels.name == BitKernels.best.name ? ProductBenchmark.shapes : Array(ProductBenchmark.shapes.prefix(1))
      for shape in shapes {
        let result = ProductBenchmark.run(shape, kernels, rounds: rounds)
        if json { try StandardStream.output.print(JSONLines.text(ProductLine(result))) }
        table.rows.append([
          shape.description, kernels.name, Self.figure(result.signs / 1e9),
          "\(Int((100 * result.signs / result.ceiling).rounded())) %", "×\(Self.figure(result.signs / result.floats))",
          Self.figure(result.floatsWithSigns / 1e9), "×\(Self.figure(result.floatsWithSigns / result.floats))",
          Self.figure(result.floats / 1e9),
        ])
      }
    }
    try say(table.text)
    try say(
      """

      signs×signs counts the bits that differ; the ceiling is its inmost step without any memory. floats×signs looks up sums of
      four elements. floats×floats is oneDNN's float32 product.
      """)
  }

  private func convolution() throws {
    let benchmark = ConvolutionBenchmark()
    let result = benchmark.run(rounds: rounds)
    if json { try StandardStream.output.print(JSONLines.text(ConvolutionLine(benchmark, result))) }
    try say(
      """

      A 3×3 convolution, \(benchmark.input.channels) channels to \(benchmark.filters) at \
      \(benchmark.input.height)×\(benchmark.input.width), on one thread: signs×signs \(Self.figure(result.signs / 1e9)), \
      \(Int((100 * result.signs / result.ceiling).rounded())) % of the ceiling and ×\
      \(Self.figure(result.signs / result.floats)) of floats×floats.
      """)
  }

  // MARK: Training steps

  private struct TrainingLine: Encodable {
    var bench = "train"
    var line: BenchLine

    func encode(to encoder: any Encoder) throws {
      try line.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(bench, forKey: .bench)
    }

    private enum CodingKeys: String, CodingKey { case bench }
  }

  private func trainingSteps(cores: Int) throws {
    try say("\nTraining steps of 784-2048×3-10 with Adam, batches of 256 images:\n")
    var table = TextTable([
      .word("network"), .word("precision"), .number("threads"), .number("ms a step"), .number("images/s"),
      .number("of baseline"), .number("activations kept"),
    ])
    for threads in Set([1, cores]).sorted() {
      let benchmarks = [
        TrainingBenchmark(kind: .baseline, threads: threads),
        TrainingBenchmark(kind: .binaryconnect, threads: threads),
        TrainingBenchmark(kind: .binaryconnect, isStochastic: true, threads: threads),
        TrainingBenchmark(kind: .bnn, threads: threads),
        TrainingBenchmark(kind: .bnn, dropout: 0.2, threads: threads),
      ]
      let results = TrainingBenchmark.run(benchmarks, steps: 2, rounds: max(3, rounds / 2))
      for (benchmark, result) in zip(benchmarks, results) {
        let line = BenchLine(benchmark, result)
        if json { try StandardStream.output.print(JSONLines.text(TrainingLine(line: line))) }
        table.rows.append([
          Self.words(benchmark), line.precision, "\(threads)", String(format: "%.1f", line.millisecondsPerStep),
          "\(line.imagesPerSecond)", "×\(Self.figure(results[0].secondsPerStep / result.secondsPerStep))",
          Size.text(result.activationBytes),
        ])
      }
    }
    try say(table.text)
    if cores > 1 { try together(cores) }
    try say("\nPeak resident memory of all this: \(Size.text(PeakMemory.bytes)).")
  }

  private static func words(_ benchmark: TrainingBenchmark) -> String {
    benchmark.kind.rawValue + (benchmark.isStochastic ? ", stochastic" : "")
      + (benchmark.dropout > 0 ? ", dropout \(benchmark.dropout)" : "")
  }

  private func together(_ lanes: Int) throws {
    let benchmark = TrainingBenchmark(kind: .bnn)
    let alone = BenchLine(benchmark, benchmark.run(lanes: 1, steps: 4, rounds: 4))
    let all = BenchLine(benchmark, benchmark.run(lanes: lanes, steps: 4, rounds: 4), lanes: lanes)
    if json { try StandardStream.output.print(JSONLines.text(TrainingLine(line: all))) }
    let ratio = Double(all.imagesPerSecond) / Double(alone.imagesPerSecond)
    try say(
      "\n\(lanes) lanes at once, a thread each: \(all.imagesPerSecond) images/s, ×\(Self.figure(ratio)) of one lane.")
  }
}
