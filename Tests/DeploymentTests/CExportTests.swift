import Deployment
import Foundation
import NeuralNetworks
import Tensors
import Testing

/// The exported C compiles without warnings, and its results equal those of the runtime.
@Suite struct CExportTests {
  private static let flags = [
    "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-pedantic", "-Werror",
  ]

  // Floats too: they are added in the same order. So operands rounded to bfloat16 are equal.
  @Test(arguments: Sample.all.indices, [Precision.float32, .bfloat16])
  func theProgramGivesTheRuntimesLogits(index: Int, precision: Precision) throws {
    let sample = Sample.all[index]
    let folder = try Folder()
    let model = try model(sample, images: 9, precision)
    let program = CProgram(model, name: "network")
    try folder.write(program.header, "network.h")
    try folder.write(program.source, "network.c")
    try folder.write(Self.main(model), "main.c")
    for compiler in ["gcc", "clang"] {
      try folder.run(compiler, Self.flags + ["-O2", "-c", "network.c", "-o", "network.o"])
      try folder.run(
        compiler,
        ["-std=c99", "-O2", "-DNETWORK_SELF_TEST", "main.c", "network.c", "-lm", "-o", "network"])
      let words = try folder.run("./network", []).split(separator: "\n").map { UInt32($0, radix: 16) ?? 0 }
      let found = words.map { Float(bitPattern: $0) }
      let expected = model.golden.flatMap(\.logits)
      #expect(found == expected, "\(sample.name), \(precision), \(compiler)")
    }
  }

  @Test func networksOfSignsSumNoFloats() throws {
    for sample in [Sample.perceptron(.bnn, "bnn"), .convolutional(.bnn, "bnn"), .perceptron(.xnorNet, "xnorNet")] {
      let program = CProgram(try model(sample, images: 1), name: "network")
      #expect(!program.sumsFloats)
      // No helpers for floats.
      #expect(!program.source.contains("dot_floats"))
      #expect(!program.source.contains("math.h"))
    }
  }

  @Test func theSelfTestFindsAnotherLogit() throws {
    var model = try model(.perceptron(.bnn, "bnn"), images: 5)
    model.golden[3].logits[2] += 1
    let folder = try Folder()
    let program = CProgram(model, name: "network")
    try folder.write(program.header, "network.h")
    try folder.write(program.source, "network.c")
    try folder.write(
      """
      #include <stdio.h>
      #include "network.h"
      static uint32_t scratch[NETWORK_SCRATCH_WORDS];
      int main(void) {
        printf("%d\\n", network_self_test(scratch));
        return 0;
      }
      """, "main.c")
    try folder.run("gcc", ["-std=c99", "-DNETWORK_SELF_TEST", "main.c", "network.c", "-o", "network"])
    #expect(try folder.run("./network", []) == "3\n")
  }

  @Test func namesBecomeNamesOfC() throws {
    let names = ["784-256": "model_784_256", "a b/ü": "a_b__", "": "model_", "_x": "model__x", "bnn": "bnn"]
    let model = try model(.perceptron(.bnn, "bnn"), images: 1)
    for (name, symbol) in names { #expect(CProgram(model, name: name).name == symbol) }
  }

  @Test func whatPeopleWriteEndsNoCommentAndNoString() throws {
    let classes = ["*/ int x;", "a\"b\\", "??/", "ünï", "\n", "", "7", "8", "9", "10"]
    let sample = Sample.perceptron(.bnn, "bnn")
    var model = try model(sample, images: 1)
    model.data = DataDescription(
      dataset: "*/ \\", image: sample.data.image, classes: classes, preparation: .scale, pixels: sample.data.pixelScale)
    model.provenance.run = "/* a */ b \\\n c"
    let folder = try Folder()
    let program = CProgram(model, name: "network")
    try folder.write(program.header, "network.h")
    try folder.write(program.source, "network.c")
    try folder.write(
      """
      #include <stdio.h>
      #include "network.h"
      int main(void) {
        int k;
        for (k = 0; k < NETWORK_CLASSES; k++) printf("%s|", network_class_names[k]);
        return 0;
      }
      """, "main.c")
    for compiler in ["gcc", "clang"] {
      try folder.run(compiler, Self.flags + ["main.c", "network.c", "-o", "network"])
      #expect(try folder.run("./network", []) == classes.map { $0 + "|" }.joined())
    }
  }

  // MARK: Parts

  private func model(_ sample: Sample, images: Int, _ precision: Precision = .float32) throws -> PackedModel {
    let compute = Compute(threads: 1)
    let trained = try sample.network(compute, precision: precision, hasGreatShift: false)
    var model = PackedModel(
      network: try NetworkPacker.pack(trained.layout, trained.network, sample.data), data: sample.data,
      provenance: .init(lane: sample.name, step: 1, network: "drawn", weightsSHA256: "", program: "test"))
    let (bytes, size) = (sample.images(images), sample.data.image.features)
    model.addGolden((0..<images).map { Array(bytes[$0 * size..<($0 + 1) * size]) }, compute)
    return model
  }

  // Prints the bits of all logits. Fails if the self-test fails, or if memory outside of the scratch memory was written.
  private static func main(_ model: PackedModel) -> String {
    let pixels = model.golden.flatMap(\.pixels).map { "\($0)" }.joined(separator: ",")
    return """
      #include <inttypes.h>
      #include <stdio.h>
      #include <string.h>
      #include "network.h"
      static const uint8_t images[\(model.golden.count)][NETWORK_IMAGE_BYTES] = {\(pixels)};
      static uint32_t memory[NETWORK_SCRATCH_WORDS + 8];
      int main(void) {
        uint32_t *const scratch = memory + 4;
        float logits[NETWORK_CLASSES];
        uint32_t bits;
        int image, k;
        memset(memory, 0xA5, sizeof memory);
        if (network_self_test(scratch) != -1) return 1;
        if (network_run(NULL, logits, scratch) != NETWORK_NULL_POINTER) return 2;
        if (network_run(images[0], NULL, scratch) != NETWORK_NULL_POINTER) return 3;
        if (network_run(images[0], logits, NULL) != NETWORK_NULL_POINTER) return 4;
        if (network_run(images[0], logits, (char *)scratch + 1) != NETWORK_MISALIGNED) return 5;
        for (image = 0; image < \(model.golden.count); image++) {
          int best = 0;
          if (network_run(images[image], logits, scratch) != NETWORK_OK) return 6;
          for (k = 0; k < NETWORK_CLASSES; k++) {
            if (logits[k] > logits[best]) best = k;
            memcpy(&bits, logits + k, sizeof bits);
            printf("%08" PRIX32 "\\n", bits);
          }
          if (network_predict(images[image], scratch) != best) return 7;
        }
        for (k = 0; k < 4; k++) {
          if (memory[k] != 0xA5A5A5A5u || scratch[NETWORK_SCRATCH_WORDS + k] != 0xA5A5A5A5u) return 8;
        }
        return 0;
      }
      """
  }
}

/// A temporary folder, and programs that run in it.
private final class Folder {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "signflip-c-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: url.appending(path: name))
  }

  /// Runs a program and returns its output. A failure is recorded with the output.
  @discardableResult func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = url
    let output = url.appending(path: "output-of-a-program")
    try Data().write(to: output)
    let handle = try FileHandle(forWritingTo: output)
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    let text = String(decoding: try Data(contentsOf: output), as: UTF8.self)
    if process.terminationStatus != 0 {
      Issue.record("\(program) \(arguments.joined(separator: " ")): \(process.terminationStatus)\n\(text)")
    }
    return text
  }
}
