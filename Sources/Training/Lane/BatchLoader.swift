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
  private let scale: PixelScale
  private let augmentation: Augmentation
  private let seed: UInt64
  private let queue = DispatchQueue(label: "signflip.batches")
  private var present: Tensor
  private var next: Tensor
  private var announced: Request?

  /// A loader of `images`, prepared as `data` says.
  init(_ images: ImageDataset, _ data: LaneData) {
    self.images = images
    scale = data.pixelScale
    augmentation = data.augmentation
    seed = data.batches.seed
    present = Tensor(rows: 0, columns: images.featureCount)
    next = Tensor(rows: 0, columns: images.featureCount)
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
    guard let epoch = request.epoch, !augmentation.isEmpty else {
      return tensor.gather(images.pixels, request.indices, shape: images.shape, scale: scale)
    }
    tensor.gather(images.pixels, request.indices, shape: images.shape, scale: scale) {
      augmentation.placement(of: $0, shape: images.shape, epoch: epoch, seed: seed)
    }
  }
}
