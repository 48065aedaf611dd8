internal import Deployment
private import Foundation
private import NeuralNetworks
internal import Tensors

/// What stands behind a `signflip_model` of the C interface.
final class OpenModel {
  /// Runs the network.
  let runtime: PackedRuntime
  /// How many bytes an image has.
  let imageBytes: Int
  /// How many logits an image has.
  let outputs: Int
  /// The size of an image.
  let image: ImageShape
  /// The names of the classes as C reads them.
  private let names: [UnsafeMutablePointer<CChar>?]

  /// Reads a file.
  /// - Throws: `PackedFileError`.
  init(path: String, threads: Int) throws {
    let model = try PackedModel(path: path)
    // The host's OpenMP is left alone: no product of a packed network is oneDNN's.
    runtime = PackedRuntime(model.network, Compute(threads: threads, setsOpenMP: false))
    (image, imageBytes, outputs) = (model.data.image, model.data.image.features, runtime.outputs)
    names = model.data.classes.map { strdup($0) }
  }

  deinit { for name in names { free(name) } }

  /// The name of a class; nil where there is none of this number.
  func name(of number: Int) -> UnsafePointer<CChar>? {
    names.indices.contains(number) ? names[number].map { UnsafePointer($0) } : nil
  }

  /// Computes logits; the memory has the sizes that the header asks for.
  func run(_ pixels: UnsafePointer<UInt8>, count: Int, _ logits: UnsafeMutablePointer<Float>) {
    runtime.run(UnsafeBufferPointer(start: pixels, count: count * imageBytes)) { first, part in
      part.copy(to: UnsafeMutableBufferPointer(start: logits + first * outputs, count: part.count))
    }
  }
}
