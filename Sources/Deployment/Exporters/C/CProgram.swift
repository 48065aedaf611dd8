internal import NeuralNetworks
internal import Tensors

/// A packed model as a program in C99: a header and one source file, without memory of its own.
///
/// The weights are constant tables, the caller owns the scratch memory, and what a network does not need is not written: no
/// float where all its layers are signs, no helper that nothing calls.
package struct CProgram: Sendable {
  /// What the program takes on a device.
  package struct Size: Hashable, Sendable {
    /// Bytes of tables, in flash.
    package var tables: Int
    /// Bytes of scratch memory.
    package var scratch: Int
    /// Bytes of an image.
    package var input: Int
    /// Bytes of the logits.
    package var logits: Int
    /// Bytes of stack at most, as measured on a Cortex-M3; with the logits of `predict`, which stand there.
    package var stack: Int { 384 + logits }
    /// Bytes of RAM in all.
    package var memory: Int { scratch + input + stack }
  }

  /// The beginning of all names: `fashion_bnn`.
  package let name: String
  /// What it takes.
  package let size: Size
  /// Whether it adds many floats up, so that the last bits of logits follow from the order; else they are the runtime's.
  package let sumsFloats: Bool
  /// The header.
  package let header: String
  /// The source.
  package let source: String

  /// Writes a model.
  /// - Parameter name: letters, digits and underscores of it begin all names.
  package init(_ model: PackedModel, name: String) {
    let name = CText.symbol(name)
    let writer = CWriter(model.network)
    size = Size(
      tables: writer.tables.bytes, scratch: writer.memory.bytes, input: model.data.image.features,
      logits: 4 * model.data.classes.count)
    self.name = name
    sumsFloats = writer.hasRoundedSums
    let part = CParts(model: model, name: name, size: size, writer: writer)
    header = part.header
    source = part.source
  }
}

extension ExportFormat {
  /// A program for microcontrollers.
  package static let c = ExportFormat(
    name: "c", summary: "a program in C99 for microcontrollers: one header, one source file, no memory of its own",
    suffix: nil
  ) { request in
    let program = CProgram(request.model, name: request.name)
    return [
      ExportedFile(name: "\(program.name).h", text: program.header),
      ExportedFile(name: "\(program.name).c", text: program.source),
    ]
  }
}

/// The parts of both files.
struct CParts {
  let model: PackedModel
  let name: String
  let size: CProgram.Size
  let writer: CWriter

  private var macro: String { name.uppercased() }
  private var classes: [String] { model.data.classes }

  // MARK: The header

  private var title: String {
    let origin = model.provenance
    let run = origin.run.isEmpty ? "" : "run “\(origin.run)”, "
    let accuracy = origin.testAccuracy.map { "\n   accuracy  \(($0 * 1e4).rounded() / 100) % of the test images" } ?? ""
    return CText.comment(
      """
      \(name): a network of 1-bit weights, written by signflip \(origin.program). Do not edit.

         network   \(origin.network)
         from      \(run)lane “\(origin.lane)”, step \(origin.step)
         weights   SHA-256 \(origin.weightsSHA256)\(accuracy)
         images    \(model.data.image.height)×\(model.data.image.width)×\(model.data.image.channels) bytes of “\(model.data.dataset)”, row by row, the channels of a pixel together

         flash     \(size.tables) bytes of tables, and the code
         RAM       \(size.memory) bytes in all: \(size.scratch) of scratch, \(size.input) of the image, at most \(size.stack) of stack
      """, keepsLines: true)
  }

  var header: String {
    let image = model.data.image
    let longest = (classes.map(\.utf8.count).max() ?? 0) + 1
    return """
      /* \(title) */
      #ifndef \(macro)_H
      #define \(macro)_H

      #include <stdint.h>

      #ifdef __cplusplus
      extern "C" {
      #endif

      /* The image: height, width, and bytes of a pixel. */
      #define \(macro)_HEIGHT \(image.height)
      #define \(macro)_WIDTH \(image.width)
      #define \(macro)_CHANNELS \(image.channels)
      #define \(macro)_IMAGE_BYTES \(image.features)
      /* The number of logits. */
      #define \(macro)_CLASSES \(classes.count)
      /* The memory that the caller gives. It must be aligned as uint32_t is: uint32_t scratch[\(macro)_SCRATCH_WORDS]. */
      #define \(macro)_SCRATCH_BYTES \(size.scratch)
      #define \(macro)_SCRATCH_WORDS (\(macro)_SCRATCH_BYTES / 4)
      /* Bytes of constant tables. */
      #define \(macro)_TABLE_BYTES \(size.tables)

      /* What the functions return. */
      enum \(name)_result {
        \(macro)_OK = 0,
        /* A pointer is NULL. */
        \(macro)_NULL_POINTER = -1,
        /* The scratch memory does not begin at a multiple of 4. */
        \(macro)_MISALIGNED = -2
      };

      /* The name of each class. */
      extern const char \(name)_class_names[\(macro)_CLASSES][\(longest)];

      /* Computes the \(macro)_CLASSES logits of an image of \(macro)_IMAGE_BYTES bytes. Returns an enum \(name)_result.
         Safe to call from several threads, each with scratch memory of its own. */
      int \(name)_run(const uint8_t *image, float *logits, void *scratch);

      /* Returns the class with the greatest logit, the first of equal ones; a negative enum \(name)_result where it fails. */
      int \(name)_predict(const uint8_t *image, void *scratch);

      #ifdef \(macro)_SELF_TEST
      /* Runs \(model.golden.count) images whose logits are known. Returns the first one whose logits differ, or -1. */
      int \(name)_self_test(void *scratch);
      #endif

      #ifdef __cplusplus
      }
      #endif

      #endif

      """
  }

  // MARK: The source

  var source: String {
    var text = CText()
    text.line("/* See \(name).h. Every step of the network is a function; its tables stand in front of all of them. */")
    text.line("#include \"\(name).h\"\n")
    if writer.needsMath { text.line("#include <math.h>") }
    text.line("#include <stddef.h>")
    text.line("#include <string.h>\n")
    text.line(
      "/* Products and sums are rounded one by one. gcc does so under -std=c99, and does not know the pragma. */")
    text.line("#if defined(__clang__) || !defined(__GNUC__)")
    text.line("#pragma STDC FP_CONTRACT OFF")
    text.line("#endif\n")
    text.line("/* An array of negative size stops the compiler where something is not as it must be. */")
    text.line("typedef char \(name)_words_have_4_bytes[sizeof(uint32_t) == 4 ? 1 : -1];")
    text.line("typedef char \(name)_floats_have_4_bytes[sizeof(float) == 4 ? 1 : -1];")
    text.line("typedef char \(name)_negative_numbers_are_in_two_s_complement[(-1 & 3) == 3 ? 1 : -1];")
    text.line("typedef char \(name)_scratch_has_whole_words[\(macro)_SCRATCH_BYTES % 4 == 0 ? 1 : -1];\n")
    let longest = (classes.map(\.utf8.count).max() ?? 0) + 1
    text.line("const char \(name)_class_names[\(macro)_CLASSES][\(longest)] = {")
    for word in classes { text.line("  \(CText.literal(word)),") }
    text.line("};\n")
    return text.text + writer.tables.text + helpers + writer.functions.text + run + selfTest
  }

  private var helpers: String {
    var needed = writer.helpers
    while true {
      let all = needed.union(needed.flatMap(\.needs))
      if all == needed { break }
      needed = all
    }
    return CHelper.allCases.filter { needed.contains($0) }.map { $0.code + "\n\n" }.joined()
  }

  private var run: String {
    var text = CText()
    let calls = writer.calls
    text.open("int \(name)_run(const uint8_t *image, float *logits, void *scratch)")
    let usesMemory = calls.contains { $0.contains("(memory + ") }
    if usesMemory { text.line("unsigned char *const memory = (unsigned char *)scratch;") }
    text.line("if (!image || !logits || !scratch) return \(macro)_NULL_POINTER;")
    text.line("if ((uintptr_t)scratch % 4 != 0) return \(macro)_MISALIGNED;")
    for call in calls { text.line(call) }
    text.line("return \(macro)_OK;")
    text.close()
    text.line()
    text.open("int \(name)_predict(const uint8_t *image, void *scratch)")
    text.line("float logits[\(macro)_CLASSES];")
    text.line("int best = 0, unit;")
    text.line("const int result = \(name)_run(image, logits, scratch);")
    text.line("if (result != \(macro)_OK) return result;")
    text.open("for (unit = 1; unit < \(macro)_CLASSES; unit++)")
    text.line("if (logits[unit] > logits[best]) best = unit;")
    text.close()
    text.line("return best;")
    text.close()
    return text.text
  }

  // MARK: The self-test

  private var selfTest: String {
    guard !model.golden.isEmpty else {
      return """

        #ifdef \(macro)_SELF_TEST
        int \(name)_self_test(void *scratch) {
          return scratch ? -1 : 0;
        }
        #endif

        """
    }
    var tables = CTables()
    tables.add("golden_images", bytes: model.golden.flatMap(\.pixels))
    tables.add("golden_logits", model.golden.flatMap(\.logits))
    var text = CText()
    text.open("int \(name)_self_test(void *scratch)")
    text.line("float logits[\(macro)_CLASSES];")
    text.line("int sample, unit;")
    text.open("for (sample = 0; sample < \(model.golden.count); sample++)")
    text.line("const float *const expected = golden_logits + (size_t)sample * \(macro)_CLASSES;")
    text.line("const uint8_t *const image = golden_images + (size_t)sample * \(macro)_IMAGE_BYTES;")
    if writer.hasRoundedSums { text.line("float greatest = 0.0f;") }
    text.line("if (\(name)_run(image, logits, scratch) != \(macro)_OK) return sample;")
    if writer.hasRoundedSums {
      text.line("/* Many floats are summed, and another machine may have summed them in another order. */")
      text.open("for (unit = 0; unit < \(macro)_CLASSES; unit++)")
      text.line("const float size = expected[unit] < 0.0f ? -expected[unit] : expected[unit];")
      text.line("if (size > greatest) greatest = size;")
      text.close()
    }
    text.open("for (unit = 0; unit < \(macro)_CLASSES; unit++)")
    if writer.hasRoundedSums {
      text.line("const float difference = logits[unit] - expected[unit];")
      text.line("if (!((difference < 0.0f ? -difference : difference) <= 1e-5f * greatest)) return sample;")
    } else {
      text.line("if (logits[unit] < expected[unit] || logits[unit] > expected[unit]) return sample;")
    }
    text.close()
    text.close()
    text.line("return -1;")
    text.close()
    return "\n#ifdef \(macro)_SELF_TEST\n\(tables.text)\(text.text)#endif\n"
  }
}
