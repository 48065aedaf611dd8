internal import NeuralNetworks
internal import Tensors

/// A packed model as a C99 program: a header and one source file. It allocates no memory.
///
/// The weights are constant tables, and the caller provides the scratch memory. The program contains only what the network
/// needs: no helpers that are not called, and no floats between sign layers.
package struct CProgram: Sendable {
  /// The memory that the program needs on a device.
  package struct Size: Hashable, Sendable {
    /// Bytes of constant tables, in flash.
    package var tables: Int
    /// Bytes of scratch memory.
    package var scratch: Int
    /// Bytes of an image.
    package var input: Int
    /// Bytes of the logits of an image.
    package var logits: Int
    /// Bytes of stack, at most: 384 as measured on a Cortex-M3, and the logits, which `predict` keeps on the stack.
    package var stack: Int { 384 + logits }
    /// Bytes of RAM in total.
    package var memory: Int { scratch + input + stack }
  }

  /// The prefix of all names: `fashion_bnn`.
  package let name: String
  /// The memory that it needs.
  package let size: Size
  /// Whether it adds more than a few floats, so that the order of a sum changes the last bits of logits. Otherwise logits
  /// equal those of the runtime.
  package let sumsFloats: Bool
  package let header: String
  package let source: String

  /// Translates a model.
  /// - Parameter name: the prefix of all names; other characters than letters, digits and underscores are replaced.
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
  /// A C99 program for microcontrollers.
  package static let c = ExportFormat(
    name: "c", summary: "a C99 program for microcontrollers: one header, one source file, no allocation",
    suffix: nil
  ) { request in
    let program = CProgram(request.model, name: request.name)
    return [
      ExportedFile(name: "\(program.name).h", text: program.header),
      ExportedFile(name: "\(program.name).c", text: program.source),
    ]
  }
}

/// The sections of both files.
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

         flash     \(size.tables) bytes of tables, plus the code
         RAM       \(size.memory) bytes: \(size.scratch) scratch memory, \(size.input) image, at most \(size.stack) stack
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

      /* The image's height, width and bytes per pixel. */
      #define \(macro)_HEIGHT \(image.height)
      #define \(macro)_WIDTH \(image.width)
      #define \(macro)_CHANNELS \(image.channels)
      #define \(macro)_IMAGE_BYTES \(image.features)
      /* The number of logits. */
      #define \(macro)_CLASSES \(classes.count)
      /* The memory that the caller provides, aligned like uint32_t: uint32_t scratch[\(macro)_SCRATCH_WORDS]. */
      #define \(macro)_SCRATCH_BYTES \(size.scratch)
      #define \(macro)_SCRATCH_WORDS (\(macro)_SCRATCH_BYTES / 4)
      /* Bytes of constant tables. */
      #define \(macro)_TABLE_BYTES \(size.tables)

      /* The results of the functions. */
      enum \(name)_result {
        \(macro)_OK = 0,
        /* A pointer is NULL. */
        \(macro)_NULL_POINTER = -1,
        /* The address of the scratch memory is not a multiple of 4. */
        \(macro)_MISALIGNED = -2
      };

      /* The names of the classes. */
      extern const char \(name)_class_names[\(macro)_CLASSES][\(longest)];

      /* Computes the \(macro)_CLASSES logits of an image of \(macro)_IMAGE_BYTES bytes. Returns an enum \(name)_result.
         Several threads may call it at the same time, each with its own scratch memory. */
      int \(name)_run(const uint8_t *image, float *logits, void *scratch);

      /* Returns the class with the largest logit, the first one of equal logits; on an error a negative enum \(name)_result. */
      int \(name)_predict(const uint8_t *image, void *scratch);

      #ifdef \(macro)_SELF_TEST
      /* Runs \(model.golden.count) images with known logits. Returns the index of the first image whose logits differ, or
         -1. */
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
    text.line("/* See \(name).h. Each step of the network is a function. The tables come first. */")
    text.line("#include \"\(name).h\"\n")
    if writer.needsMath { text.line("#include <math.h>") }
    text.line("#include <stddef.h>")
    text.line("#include <string.h>\n")
    text.line(
      "/* Each product and each sum must be rounded separately. gcc does so with -std=c99, and does not know the pragma. */"
    )
    text.line("#if defined(__clang__) || !defined(__GNUC__)")
    text.line("#pragma STDC FP_CONTRACT OFF")
    text.line("#endif\n")
    text.line("/* Compile-time checks: a false condition gives an array of negative size. */")
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
      text.line("/* The program adds many floats, and the expected logits may have been added in another order. */")
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
