import Datasets
import Dispatch
import Tensors

/// Assembles batches of images: the next one on a thread of its own, while the present one is computed with.
final class BatchLoader {
  /// Which images, and how they are changed.
  struct Request: Hashable, Sendable {
    /// The images.
    var indices: ArraySlice<Int32>
    /// The epoch, which decides how images are changed; nil where they are left as they are.
    var epoch: Int?
  }

  private let images: ImageDataset
  private let preparation: ImagePreparation
  // The images whitened once, where they are, and what whitens them where they are not.
  private let whitened: WhitenedImages?
  private let whiteningPass: WhiteningPass?
  // What stands beside an image, a number a channel.
  private let outside: [Float]
  private let augmentation: Augmentation
  private let seed: UInt64
  private let queue = DispatchQueue(label: "signflip.batches")
  private var present: Tensor
  private var next: Tensor
  // Images before they are laid on their canvases.
  private let plain: Tensor
  private var announced: Request?

  /// A loader of a part's images, prepared as `data` says.
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
    seed = data.batches.seed
    present = Tensor(rows: 0, columns: images.featureCount)
    next = Tensor(rows: 0, columns: images.featureCount)
    plain = Tensor(rows: 0, columns: images.featureCount)
  }

  /// The images that are asked for, a row each; they hold until the next call.
  /// - Parameter upcoming: what will probably be asked for next.
  func batch(_ request: Request, upcoming: Request? = nil) -> Tensor {
    // Whatever was begun is done before its tensor is used, also where it was the wrong guess.
    queue.sync {}
    if announced == request { swap(&present, &next) } else { fill(present, request) }
    announced = upcoming
    if let upcoming, !upcoming.indices.isEmpty {
      // The tensor is the queue's until `sync` has returned; what else it reads does not change.
      nonisolated(unsafe) let (target, loader) = (next, self)
      queue.async { loader.fill(target, upcoming) }
    }
    return present
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

  // Images as they are, each in its place.
  private func fillPlain(_ tensor: Tensor, _ indices: ArraySlice<Int32>) {
    switch preparation {
    case .scaled(let scale): tensor.gather(images.pixels, indices, shape: images.shape, scale: scale)
    case .contrasts: tensor.gatherContrasts(images.pixels, indices, shape: images.shape)
    case .whitened: whiteningPass?.whiten(images.pixels, indices, into: tensor)
    }
  }
}
