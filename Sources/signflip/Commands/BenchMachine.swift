import ArgumentParser
import Benchmarks
import Foundation
import Tensors
import TrainingMetrics

struct BenchMachine: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Print tables of matrix products, training steps and memory.")

  @Option(help: "Number of rounds, of which the best counts.")
  var rounds = 10

  @Flag(help: "Write one JSON object per line.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(rounds) else {
      throw ValidationError("expected --rounds from 1 to 1000, found \(rounds)")
    }
  }

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let machine = MachineLine(cores: cores)
    if json { try StandardStream.output.print(JSONLines.text(machine)) }
    try say("\(machine.processor), \(cores) cores, \(machine.kernels) kernels, oneDNN \(machine.oneDNN)")
    try products()
    try convolution()
    try trainingSteps(cores: cores)
    let bandwidth = MemoryBenchmark.run(rounds: rounds)
    try say("\nMemory: one thread copies \(Self.figure(bandwidth / 1e9)) GB/s, reads and writes counted.")
    if json { try StandardStream.output.print(JSONLines.text(MemoryLine(bytesPerSecond: bandwidth))) }
  }

  private struct MachineLine: Encodable {
    var bench = "machine"
    var processor = Processor.name ?? "an unknown processor"
    var cores: Int
    var kernels = BitKernels.best.name
    var oneDNN = Compute.libraryVersion
    var signflip = Signflip.version
  }

  private struct MemoryLine: Encodable {
    var bench = "memory"
    var bytesPerSecond: Double
  }

  // Text is for people; with --json only objects are written.
  private func say(_ text: String) throws { if !json { try StandardStream.output.print(text) } }

  static func figure(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

  private static func share(_ value: Double, _ whole: Double) -> String {
    "\(Int((100 * value / whole).rounded())) %"
  }

  // MARK: Products

  private struct ProductLine: Encodable {
    var bench = "product"
    var rows, depth, columns: Int
    var kernels: String
    var signsPerSecond, floatsWithSignsPerSecond, floatsPerSecond, popcountPerSecond: Double
    var ceilingPerSecond: Double
    var bfloat16PerSecond: Double?

    init(_ result: ProductBenchmark.Result) {
      (rows, depth, columns) = (result.shape.rows, result.shape.depth, result.shape.columns)
      kernels = result.kernels
      (signsPerSecond, floatsWithSignsPerSecond) = (result.signs, result.floatsWithSigns)
      (floatsPerSecond, popcountPerSecond, ceilingPerSecond) = (result.floats, result.popcount, result.ceiling)
      bfloat16PerSecond = result.bfloat16
    }
  }

  private func products() throws {
    let hasBFloat16 = Precision.bfloat16.isSupported
    var table = TextTable(
      [
        .word("product"), .word("kernels"), .number("signs×signs"), .number("of popcount"), .number("of ceiling"),
        .number("of floats"), .number("floats×signs"), .number("of floats"), .number("floats×floats"),
      ] + (hasBFloat16 ? [.number("in bfloat16")] : []))
    try say("\nProducts on one thread, in billions of multiply-accumulates per second:\n")
    for kernels in BitKernels.all.reversed() {
      // The scalar reference is for tests; one shape shows its speed.
      let shapes =
        kernels.name == BitKernels.best.name ? ProductBenchmark.shapes : Array(ProductBenchmark.shapes.prefix(1))
      for shape in shapes {
        let result = ProductBenchmark.run(shape, kernels, rounds: rounds)
        if json { try StandardStream.output.print(JSONLines.text(ProductLine(result))) }
        table.rows.append(
          [
            shape.description, kernels.name, Self.figure(result.signs / 1e9), Self.share(result.signs, result.popcount),
            Self.share(result.signs, result.ceiling), "×\(Self.figure(result.signs / result.floats))",
            Self.figure(result.floatsWithSigns / 1e9), "×\(Self.figure(result.floatsWithSigns / result.floats))",
            Self.figure(result.floats / 1e9),
          ] + (result.bfloat16.map { [Self.figure($0 / 1e9)] } ?? []))
      }
    }
    try say(table.text)
    try say(
      """

      signs×signs counts differing bits. popcount and ceiling are upper bounds, measured in registers: popcount with XOR, popcount (on
      AVX2 a look-up) and addition, ceiling with the innermost step of the product. floats×signs looks up sums of four to six
      elements. floats×floats is oneDNN's float32 product.
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
      \(Self.share(result.signs, result.ceiling)) of the ceiling and ×\
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
    var drawing: [String] = []
    for threads in Set([1, cores]).sorted() {
      let benchmarks = [
        TrainingBenchmark(kind: .baseline, threads: threads),
        TrainingBenchmark(kind: .binaryconnect, threads: threads),
        TrainingBenchmark(kind: .binaryconnect, isStochastic: true, threads: threads),
        TrainingBenchmark(kind: .bnn, threads: threads),
        TrainingBenchmark(kind: .bnn, isStochastic: true, threads: threads),
        TrainingBenchmark(kind: .bnn, dropout: 0.2, threads: threads),
      ]
      let results = TrainingBenchmark.run(benchmarks, steps: 2, rounds: max(3, rounds / 2))
      for (benchmark, result) in zip(benchmarks, results) {
        let line = BenchLine(benchmark, result)
        if json { try StandardStream.output.print(JSONLines.text(TrainingLine(line: line))) }
        table.rows.append([
          Self.words(benchmark), line.precision, "\(threads)", String(format: "%.1f", line.millisecondsPerStep),
          "\(line.imagesPerSecond)", "×\(Self.figure(results[0].secondsPerStep / result.secondsPerStep))",
          NumberFormat.size(result.activationBytes),
        ])
      }
      if threads == 1 {
        drawing = [1, 3].map {
          let ratio = results[$0 + 1].secondsPerStep / results[$0].secondsPerStep
          return "\(Self.words(benchmarks[$0])) \(String(format: "%+.0f", 100 * (ratio - 1))) %"
        }
      }
    }
    try say(table.text)
    try say("\nCost of stochastic binary weights on one thread: \(drawing.joined(separator: ", ")).")
    if cores > 1 { try together(cores) }
    try say("\nPeak resident memory of these benchmarks: \(NumberFormat.size(PeakMemory.bytes)).")
  }

  private static func words(_ benchmark: TrainingBenchmark) -> String {
    benchmark.kind.rawValue + (benchmark.isStochastic ? ", stochastic" : "")
      + (benchmark.dropout > 0 ? ", dropout \(benchmark.dropout)" : "")
  }

  private func together(_ lanes: Int) throws {
    let benchmark = TrainingBenchmark(kind: .bnn)
    // Alternately, taking the fastest of each, as for products.
    let pairs = (0..<4).map { _ in
      (benchmark.run(lanes: 1, steps: 4, rounds: 2), benchmark.run(lanes: lanes, steps: 4, rounds: 2))
    }
    func fastest(_ results: [TrainingBenchmark.Result], lanes: Int) throws -> BenchLine {
      guard let best = results.min(by: { $0.secondsPerStep < $1.secondsPerStep }) else {
        preconditionFailure("a benchmark has rounds")
      }
      let line = BenchLine(benchmark, best, lanes: lanes)
      if json { try StandardStream.output.print(JSONLines.text(TrainingLine(line: line))) }
      return line
    }
    let alone = try fastest(pairs.map(\.0), lanes: 1)
    let all = try fastest(pairs.map(\.1), lanes: lanes)
    let ratio = Double(all.imagesPerSecond) / Double(alone.imagesPerSecond)
    try say(
      "\n\(lanes) lanes at the same time, one thread each: \(all.imagesPerSecond) images/s, ×\(Self.figure(ratio)) of one lane."
    )
  }
}
