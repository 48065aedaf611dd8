import ArgumentParser
import Benchmarks
import Tensors

struct BenchConvolution: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract: "Time a binary 3x3 convolution, 256 to 256 channels at 16x16, on one thread, and print one JSON object.")

  @Option(help: "Number of rounds, of which the best counts.")
  var rounds = 20

  func validate() throws {
    guard (1...100_000).contains(rounds) else {
      throw ValidationError("expected --rounds from 1 to 100000, found \(rounds)")
    }
  }

  func run() throws {
    let benchmark = ConvolutionBenchmark()
    try StandardStream.output.print(JSONLines.text(ConvolutionLine(benchmark, benchmark.run(rounds: rounds))))
  }
}

/// A convolution's figures, with the names that the scripts in Tests/Peers use.
struct ConvolutionLine: Encodable {
  var peer = "signflip \(Signflip.version)"
  var bench = "convolution"
  var kernels: String
  var threads = 1
  var batch, height, width, channels, filters: Int
  /// Signs with signs, in 10⁹ multiply-accumulates per second.
  var gigaMacsPerSecond: Double
  var floatGigaMacsPerSecond, ceilingGigaMacsPerSecond: Double

  init(_ benchmark: ConvolutionBenchmark, _ result: ConvolutionBenchmark.Result) {
    kernels = result.kernels
    (batch, filters) = (benchmark.batch, benchmark.filters)
    (height, width, channels) = (benchmark.input.height, benchmark.input.width, benchmark.input.channels)
    gigaMacsPerSecond = result.signs / 1e9
    floatGigaMacsPerSecond = result.floats / 1e9
    ceilingGigaMacsPerSecond = result.ceiling / 1e9
  }
}
