import Datasets
import Dispatch
import Tensors

/// Assembles batches of images: the next one on a thread of its own, while the present one is computed with.
final class BatchLoader {
  private let images: ImageDataset
  private let range: ClosedRange<Float>
  private let queue = DispatchQueue(label: "signflip.batches")
  private var present: Tensor
  private var next: Tensor
  private var announced: ArraySlice<Int32> = []

  /// A loader of `images`, whose pixels go linearly to `range`.
  init(_ images: ImageDataset, range: ClosedRange<Float>) {
    self.images = images
    self.range = range
    present = Tensor(rows: 0, columns: images.featureCount)
    next = Tensor(rows: 0, columns: images.featureCount)
  }

  /// The images at `indices`, a row each; they hold until the next call.
  /// - Parameter upcoming: what will probably be asked for next; empty where nothing will.
  func batch(_ indices: ArraySlice<Int32>, upcoming: ArraySlice<Int32>) -> Tensor {
    // Whatever was begun is done before its tensor is used, also where it was the wrong guess.
    queue.sync {}
    if announced == indices {
      swap(&present, &next)
    } else {
      present.gather(images.pixels, indices, range: range)
    }
    announced = upcoming
    if !upcoming.isEmpty {
      // The tensor is the queue's until `sync` has returned.
      nonisolated(unsafe) let target = next
      queue.async { [images, range] in target.gather(images.pixels, upcoming, range: range) }
    }
    return present
  }
}
