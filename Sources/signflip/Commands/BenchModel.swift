import ArgumentParser
import Benchmarks
import Deployment
import Foundation
import Tensors
import TrainingMetrics

struct BenchModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Time a packed model on this machine, and compare it with float products of the same shapes.",
    discussion: """
      Latency is the time of a call with one image: the median and the 99th percentile. Throughput is measured with calls of \
      several images. “float” is oneDNN's median time for float32 products of the same shapes, without the operations between \
      them: a lower bound for any float network. Both are measured alternately.
      """)

  @Argument(help: ArgumentHelp("The model's file.", valueName: "file"))
  var file: String

  @Option(help: "Seconds for each row of figures.")
  var seconds = 1.0

  @Flag(help: "Also time each step of the network, with one image and with 256.")
  var layers = false

  @Flag(help: "Write one JSON object per line.")
  var json = false

  func validate() throws {
    guard (0.01...600).contains(seconds) else {
      throw ValidationError("expected --seconds from 0.01 to 600, found \(seconds)")
    }
  }

  func run() throws {
    let model = try PackedModel(path: file)
    let benchmark = ModelBenchmark(model.network)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let output = StandardStream.output
    if !json {
      let summary = ModelSummary(model.network)
      try output.print(
        "\(Processor.name ?? "an unknown processor"), \(BitKernels.best.name) kernels; "
          + "\(NumberFormat.grouped(summary.bytes)) bytes of layers, \(NumberFormat.grouped(summary.floatBytes)) as float"
      )
    }
    var table = TextTable([
      .number("threads"), .number("images"), .number("median"), .number("99 %"), .number("images/s"), .number("float"),
      .number("times"),
    ])
    for threads in Set([1, cores]).sorted() {
      for batch in [1, 4, 16, 64, 256, 1024] {
        let result = try benchmark.run(batch: batch, threads: threads, seconds: seconds)
        if json {
          try output.print(JSONLines.text(ModelBenchLine(result)))
          continue
        }
        table.rows.append([
          "\(threads)", "\(batch)", NumberFormat.instant(seconds: result.packed.median),
          NumberFormat.instant(seconds: result.packed.slow),
          NumberFormat.grouped(Int(result.imagesPerSecond)), NumberFormat.instant(seconds: result.floatProducts.median),
          NumberFormat.fixed(result.floatProducts.median / result.packed.median, decimals: 1),
        ])
      }
    }
    if !json { try output.print(table.text) }
    if layers { try printSteps(benchmark) }
  }

  private func printSteps(_ benchmark: ModelBenchmark) throws {
    for batch in [1, 256] {
      let steps = benchmark.steps(batch: batch, seconds: seconds)
      if json {
        for step in steps { try StandardStream.output.print(JSONLines.text(step)) }
        continue
      }
      var table = TextTable([.word("layer"), .word("kernel"), .number("time"), .number("GMAC/s")])
      for step in steps {
        table.rows.append([
          step.layer, step.kernel, NumberFormat.instant(seconds: step.seconds),
          step.products == 0 ? "" : NumberFormat.significant(Double(step.products) / step.seconds / 1e9, digits: 3),
        ])
      }
      try StandardStream.output.print("\n\(batch) image\(batch == 1 ? "" : "s"), one thread")
      try StandardStream.output.print(table.text)
    }
  }
}

/// A measurement in JSON.
private struct ModelBenchLine: Encodable {
  var batch, threads: Int
  var medianSeconds, percentile99Seconds, imagesPerSecond, floatProductsSeconds: Double

  init(_ result: ModelBenchmark.Result) {
    (batch, threads) = (result.batch, result.threads)
    (medianSeconds, percentile99Seconds) = (result.packed.median, result.packed.slow)
    (imagesPerSecond, floatProductsSeconds) = (result.imagesPerSecond, result.floatProducts.median)
  }
}
