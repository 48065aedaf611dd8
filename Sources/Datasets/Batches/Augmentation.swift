package import Tensors

/// Random changes of training images that leave their class as it is.
///
/// What becomes of an image in an epoch is a function of the seed, the epoch and the image: all lanes see the same. The changes
/// are made in this order: turned around the middle, moved, cropped, mirrored, cut. They are made after normalization, and
/// what comes from beside an image is black (byte 0 as `range` or `channels` has it), or 0 in normalized contrasts and
/// whitened images, where that is the middle.
package struct Augmentation: Hashable, Sendable {
  /// The image is padded by so many black pixels on each side, and a random part of its own size is taken.
  package var crop: Int
  /// Half of the images are mirrored, left to right.
  package var flips: Bool
  /// A random square of this side is set to 0; 0 for none.
  /// - SeeAlso: DeVries and Taylor 2017, arXiv:1708.04552.
  package var cutout: Int
  /// The image is turned by an angle uniform from -`rotate` to `rotate` degrees.
  package var rotate: Float
  /// The image is moved down, and to the right, by numbers of pixels uniform from -`shift` to `shift`, between pixels too.
  package var shift: Float

  /// Changes of images.
  package init(crop: Int = 0, flips: Bool = false, cutout: Int = 0, rotate: Float = 0, shift: Float = 0) {
    self.crop = crop
    self.flips = flips
    self.cutout = cutout
    self.rotate = rotate
    self.shift = shift
  }

  /// Whether nothing is changed.
  package var isEmpty: Bool { crop == 0 && !flips && cutout == 0 && !interpolates }

  /// Whether pixels come to lie between pixels.
  package var interpolates: Bool { rotate > 0 || shift > 0 }

  /// How an image of `shape` is laid in an epoch.
  package func placement(of image: Int32, shape: ImageShape, epoch: Int, seed: UInt64) -> ImagePlacement {
    var placement = ImagePlacement()
    var generator = Philox(seed: seed, stream: DatasetStream.augmentation(epoch: epoch, image: image))
    if crop > 0 {
      placement.row = Int(generator.below(UInt64(2 * crop + 1))) - crop
      placement.column = Int(generator.below(UInt64(2 * crop + 1))) - crop
    }
    if flips { placement.flips = generator.below(2) == 1 }
    if cutout > 0 {
      let (row, column) = (generator.below(UInt64(shape.height)), generator.below(UInt64(shape.width)))
      placement.hole = .init(side: cutout, row: Int(row), column: Int(column))
    }
    if rotate > 0 { placement.angle = (2 * generator.uniform() - 1) * rotate }
    if shift > 0 {
      let (down, right) = (generator.uniform(), generator.uniform())
      placement.move = .init(down: (2 * down - 1) * shift, right: (2 * right - 1) * shift)
    }
    return placement
  }
}
