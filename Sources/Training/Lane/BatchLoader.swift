import Datasets
import Dispatch
import Tensors

/// Assembles batches of images. The next batch is assembled on its own thread during computations on the current one,
/// unless it is so small that waking the thread would take longer, or `LaneData.assemblesAhead` is false.
final class BatchLoader {
  /// The images of a batch, and how they are changed.
  struct Request: Hashable, Sendable {
    /// The indices of the images.
    var indices: ArraySlice<Int32>
    /// The epoch, which determines the random changes; nil for no changes.
    var epoch: Int?
  }

  private let images: ImageDataset
  private let preparation: ImagePreparation
  // The images whitened in advance, or what whitens them otherwise.
  private let whitened: WhitenedImages?
  private let whiteningPass: WhiteningPass?
  // The background of an image, one value per channel.
  private let outside: [Float]
  private let augmentation: Augmentation
  private let assemblesAhead: Bool
  private let seed: UInt64
  private let queue = DispatchQueue(label: "signflip.batches")
  private var present: Tensor
  private var next: Tensor
  // Images before they are placed on their canvases.
  private let plain: Tensor
  private var announced: Request?

  // Number of values up to which a batch is assembled when it is requested: copying them takes about 5 microseconds.
  private static let smallBatch = 32 << 10

  /// A loader for a part of the images, prepared as `data` says.
  init(_ part: LaneData.Part, _ data: LaneData) {
    images = data.images(of: part)
    preparation = data.preparation
    switch preparation {
    case .scaled(let scale): (outside, whitened, whiteningPass) = (scale.lower, nil, nil)
    case .contrasts: (outside, whitened, whiteningPass) = (Array(repeating: 0, count: images.channels), nil, nil)
    case .whitened(let whitening, let training, let test):
      outside = Array(repeating: 0, count: images.channels)
      whitened = part == .training ? training : test
      whiteningPass = whitened == nil ? WhiteningPass(whitening) : nil
    }
    augmentation = data.augmentation
    assemblesAhead = data.assemblesAhead
    seed = data.batches.seed
    present = Tensor(rows: 0, columns: images.featureCount)
    next = Tensor(rows: 0, columns: images.featureCount)
    plain = Tensor(rows: 0, columns: images.featureCount)
  }

  /// Returns the requested images, one per row, valid until the next call.
  /// - Parameter upcoming: the probable next request.
  func batch(_ request: Request, upcoming: Request? = nil) -> Tensor {
    // A batch in progress must be complete before its tensor is reused, even if it is not the requested one.
    if announced != nil { queue.sync {} }
    if announced == request { swap(&present, &next) } else { fill(present, request) }
    announced = upcoming.flatMap { $0.indices.isEmpty || !assemblesAhead || isQuick($0) ? nil : $0 }
    if let upcoming = announced {
      // The tensor belongs to the queue until `sync` returns; everything else that it reads is immutable.
      nonisolated(unsafe) let (target, loader) = (next, self)
      queue.async { loader.fill(target, upcoming) }
    }
    return present
  }

  // Whether the images are few, and only copied and scaled.
  private func isQuick(_ request: Request) -> Bool {
    guard request.indices.count * images.featureCount <= Self.smallBatch, whiteningPass == nil else { return false }
    return request.epoch == nil || !augmentation.interpolates
  }

  private func fill(_ tensor: Tensor, _ request: Request) {
    let (images, indices) = (images, request.indices)
    let epoch = augmentation.isEmpty ? nil : request.epoch
    func placement(_ image: Int32) -> ImagePlacement {
      guard let epoch else { return ImagePlacement() }
      return augmentation.placement(of: image, shape: images.shape, epoch: epoch, seed: seed)
    }
    if let whitened {
      tensor.place(whitened.tensor, indices, shape: images.shape, outside: outside) {
        placement(indices[indices.startIndex + $0])
      }
      return
    }
    if case .scaled(let scale) = preparation, epoch == nil || !augmentation.interpolates {
      return tensor.gather(images.pixels, indices, shape: images.shape, scale: scale, placement: placement)
    }
    fillPlain(epoch == nil ? tensor : plain, indices)
    guard epoch != nil else { return }
    tensor.place(plain, 0..<Int32(plain.rows), shape: images.shape, outside: outside) {
      placement(indices[indices.startIndex + $0])
    }
  }

  // Loads images without random changes.
  private func fillPlain(_ tensor: Tensor, _ indices: ArraySlice<Int32>) {
    switch preparation {
    case .scaled(let scale): tensor.gather(images.pixels, indices, shape: images.shape, scale: scale)
    case .contrasts: tensor.gatherContrasts(images.pixels, indices, shape: images.shape)
    case .whitened: whiteningPass?.whiten(images.pixels, indices, into: tensor)
    }
  }
}
