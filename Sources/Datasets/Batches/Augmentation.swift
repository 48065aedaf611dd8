package import Tensors

/// Random, label-preserving changes of training images.
///
/// The changes of an image in an epoch are a function of the seed, the epoch and the image, so all lanes see the same
/// images. The order is: rotation around the center, translation, crop, mirroring, cutout. Changes are made after
/// normalization. The area outside an image is black (byte 0 as converted by `range` or `channels`), or 0 for
/// normalized contrast and whitened images, where 0 is the mean.
package struct Augmentation: Hashable, Sendable {
  /// Pads the image by this many black pixels on each side, and crops it randomly to its original size.
  package var crop: Int
  /// Mirrors half of the images horizontally.
  package var flips: Bool
  /// Sets a random square of this side to 0; 0 for none.
  /// - SeeAlso: DeVries and Taylor 2017, arXiv:1708.04552.
  package var cutout: Int
  /// Rotates the image by an angle uniform in -`rotate`...`rotate` degrees.
  package var rotate: Float
  /// Translates the image vertically and horizontally by amounts uniform in -`shift`...`shift` pixels, including
  /// fractions.
  package var shift: Float

  /// Changes of images.
  package init(crop: Int = 0, flips: Bool = false, cutout: Int = 0, rotate: Float = 0, shift: Float = 0) {
    self.crop = crop
    self.flips = flips
    self.cutout = cutout
    self.rotate = rotate
    self.shift = shift
  }

  /// Whether there are no changes.
  package var isEmpty: Bool { crop == 0 && !flips && cutout == 0 && !interpolates }

  /// Whether pixels fall between pixels, so that interpolation is needed.
  package var interpolates: Bool { rotate > 0 || shift > 0 }

  /// Returns the placement of an image of `shape` in an epoch.
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
