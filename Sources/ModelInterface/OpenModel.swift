internal import Deployment
private import Foundation
private import NeuralNetworks
internal import Tensors

/// The object behind a `signflip_model` of the C interface.
final class OpenModel {
  let runtime: PackedRuntime
  /// The number of bytes per image.
  let imageBytes: Int
  /// The number of logits per image.
  let outputs: Int
  /// The shape of an image.
  let image: ImageShape
  /// The names of the classes as C strings.
  private let names: [UnsafeMutablePointer<CChar>?]

  /// Reads a file.
  /// - Throws: `PackedFileError`.
  init(path: String, threads: Int) throws {
    let model = try PackedModel(path: path)
    // The settings of the host's OpenMP stay unchanged: a packed network does not use oneDNN.
    runtime = PackedRuntime(model.network, Compute(threads: threads, setsOpenMP: false))
    (image, imageBytes, outputs) = (model.data.image, model.data.image.features, runtime.outputs)
    names = model.data.classes.map { strdup($0) }
  }

  deinit { for name in names { free(name) } }

  /// Returns the name of a class; nil if there is no such class.
  func name(of number: Int) -> UnsafePointer<CChar>? {
    names.indices.contains(number) ? names[number].map { UnsafePointer($0) } : nil
  }

  /// Computes logits. The caller guarantees the sizes that the header documents.
  func run(_ pixels: UnsafePointer<UInt8>, count: Int, _ logits: UnsafeMutablePointer<Float>) {
    runtime.run(UnsafeBufferPointer(start: pixels, count: count * imageBytes)) { first, part in
      part.copy(to: UnsafeMutableBufferPointer(start: logits + first * outputs, count: part.count))
    }
  }
}
