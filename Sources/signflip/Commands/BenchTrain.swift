import ArgumentParser
import Benchmarks
import Tensors

struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Time training steps of one kind of network, and print one JSON object.")

  /// The networks that can be timed.
  enum Net: String, ExpressibleByArgument, CaseIterable { case mlp }

  @Option(help: "The network: mlp is 784-2048x3-10.")
  var net = Net.mlp

  @Option(help: "baseline, binaryconnect or bnn.")
  var kind = TrainingBenchmark.Kind.bnn

  @Flag(help: "Draw binary weights for each batch, in place of their signs.")
  var stochastic = false

  @Option(help: "The share of hidden units dropped. (default: 0.5 for the baseline, else 0)")
  var dropout: Float?

  @Option(help: "sgd or adam.")
  var optimizer = TrainingBenchmark.Rule.adam

  @Option(help: "float32 or bfloat16, for products of two real operands. (default: the processor's faster one)")
  var precision = Precision.preferred

  @Option(help: "Threads to compute with.")
  var threads = 1

  @Option(help: "Networks trained at once, as the lanes of an experiment are; images per second are those of all.")
  var lanes = 1

  @Option(help: "Images in a batch.")
  var batch = 256

  @Option(help: "Steps in a round; the best of three rounds counts.")
  var steps = 10

  func validate() throws {
    guard !stochastic || kind != .baseline else {
      throw ValidationError("expected binary weights with --stochastic, found --kind baseline")
    }
    guard (0..<1).contains(dropout ?? 0) else {
      throw ValidationError("expected --dropout from 0 to less than 1, found \(dropout ?? 0)")
    }
    guard precision.isSupported else {
      throw ValidationError("expected a precision that this processor multiplies in, found \(precision.rawValue)")
    }
    for (name, value, range) in [
      ("--threads", threads, 1...1024), ("--lanes", lanes, 1...64), ("--batch", batch, 2...65_536),
      ("--steps", steps, 1...100_000),
    ] where !range.contains(value) {
      throw ValidationError("expected \(name) from \(range.lowerBound) to \(range.upperBound), found \(value)")
    }
  }

  func run() throws {
    let benchmark = TrainingBenchmark(
      kind: kind, isStochastic: stochastic, dropout: dropout, optimizer: optimizer, precision: precision,
      threads: threads, batch: batch)
    let line = BenchLine(
      benchmark, benchmark.run(lanes: lanes, steps: steps, rounds: 3), lanes: lanes, net: net.rawValue)
    try StandardStream.output.print(JSONLines.text(line))
  }
}

extension TrainingBenchmark.Kind: ExpressibleByArgument {}
extension TrainingBenchmark.Rule: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

/// A training step's figures, under the names that the scripts in Tests/Peers use.
struct BenchLine: Encodable {
  var peer, net, kind, optimizer, precision, kernels: String
  var stochastic: Bool
  var dropout: Float
  var threads, lanes, batch: Int
  var millisecondsPerStep: Double
  var imagesPerSecond: Int
  var activationBytes, peakResidentBytes: Int

  init(_ benchmark: TrainingBenchmark, _ result: TrainingBenchmark.Result, lanes: Int = 1, net: String) {
    peer = "signflip \(Signflip.version)"
    self.net = net
    kind = benchmark.kind.rawValue
    stochastic = benchmark.isStochastic
    dropout = benchmark.dropout
    optimizer = benchmark.optimizer.rawValue
    precision = benchmark.precision.rawValue
    kernels = BitKernels.best.name
    threads = benchmark.threads
    self.lanes = lanes
    batch = benchmark.batch
    millisecondsPerStep = (result.secondsPerStep * 1e5).rounded() / 100
    imagesPerSecond = Int((Double(lanes * benchmark.batch) / result.secondsPerStep).rounded())
    activationBytes = result.activationBytes
    peakResidentBytes = PeakMemory.bytes
  }
}
