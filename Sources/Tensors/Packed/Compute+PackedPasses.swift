private import CBinaryKernels

// The operations between the products of a packed network.

extension Compute {
  /// Compares sums with thresholds.
  package func threshold(_ sums: SumMatrix, _ thresholds: SignThresholds, into output: SignBatch) {
    precondition(thresholds.columns == sums.columns && output.columns == sums.columns, "the shapes differ")
    output.beginInference(rows: sums.rows)
    let (n, t, inverted, bits) = (
      UncheckedPointer(sums.base), UncheckedPointer(thresholds.thresholds.base),
      UncheckedPointer(thresholds.inverted.base), UncheckedPointer(output.signs.base)
    )
    nonisolated(unsafe) let classes = thresholds.kernelClasses
    let columns = sums.columns
    team.forEachRange(of: sums.rows, multipleOf: 1, cost: sums.count) { _, range in
      signflip_threshold_sums(
        n.base, t.base, inverted.base, classes, bits.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Converts sums to real numbers.
  package func real(_ sums: SumMatrix, _ scale: SumScale, into output: Tensor) {
    precondition(output.columns == sums.columns, "the shapes differ")
    output.resize(rows: sums.rows)
    let (n, y) = (UncheckedPointer(sums.base), UncheckedPointer(output.base))
    let offsets = scale.offsets.map { UncheckedPointer($0.base) }
    nonisolated(unsafe) let classes = scale.kernelClasses
    let (columns, factor) = (sums.columns, scale.factor)
    team.forEachRange(of: sums.rows, multipleOf: 1, cost: sums.count) { _, range in
      signflip_sums_to_real(
        n.base, factor, offsets.map { UnsafePointer($0.base) }, classes, y.base, columns, range.lowerBound,
        range.upperBound)
    }
  }

  /// Computes the mean of two sums, `n = (n + m)/2`. It is an integer if both are the planes of ternary weights.
  package func halve(_ sums: SumMatrix, with others: SumMatrix) {
    let (n, m) = (UncheckedPointer(sums.base), UncheckedPointer(others.base))
    team.forEachPart(of: sums.count) { _, range in
      for place in range { n.base[place] = (n.base[place] + m.base[place]) / 2 }
    }
  }

  /// Converts levels 0…steps to real numbers 0…1.
  package func real(_ levels: ByteMatrix, steps: Int, into output: Tensor) {
    precondition(output.columns == levels.columns, "the shapes differ")
    output.resize(rows: levels.rows)
    let (q, y) = (UncheckedPointer(levels.base), UncheckedPointer(output.base))
    team.forEachPart(of: levels.count) { _, range in
      signflip_levels_to_real(q.base, Float(steps), y.base, range.lowerBound, range.upperBound)
    }
  }

  /// Rounds real numbers 0…1 to levels 0…steps.
  package func levels(_ input: Tensor, steps: Int, into output: ByteMatrix) {
    precondition(output.columns == input.columns, "the shapes differ")
    output.resize(rows: input.rows)
    let (x, q) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    team.forEachPart(of: input.count) { _, range in
      signflip_real_to_levels(x.base, Float(steps), q.base, range.lowerBound, range.upperBound)
    }
  }

  /// Rounds every element to bfloat16, kept as float32.
  package func roundOperands(_ input: Tensor, into output: Tensor) {
    output.reshape(rows: input.rows, columns: input.columns)
    let (x, y) = (UncheckedPointer(input.base), UncheckedPointer(output.base))
    team.forEachPart(of: input.count) { _, range in
      signflip_round_operands(x.base, y.base, range.lowerBound, range.upperBound)
    }
  }

  /// Writes signs as bytes: 1 for -1, 0 for +1.
  package func bytes(of signs: SignBatch, into output: ByteMatrix) {
    precondition(output.columns == signs.columns, "the shapes differ")
    output.resize(rows: signs.rows)
    let (source, target, columns) = (
      UncheckedPointer(signs.signs.base), UncheckedPointer(output.base), signs.columns
    )
    team.forEachRange(of: signs.rows, multipleOf: 1, cost: output.count) { _, range in
      signflip_sign_bytes(source.base, target.base, columns, range.lowerBound, range.upperBound)
    }
  }

  /// Writes the windows of images of bytes as rows, with 0 outside of the image.
  /// - Parameters:
  ///   - images: `batch·height·width·channels` bytes, in any number of columns.
  ///   - rows: gets shape `[batch·windows, columns]`, with at least kernel height·kernel width·channels columns. Additional
  ///     columns become 0.
  package func unfold(_ images: ByteMatrix, _ windows: ImageWindows, into rows: ByteMatrix) {
    precondition(images.count.isMultiple(of: windows.input.features), "expected images of \(windows.input)")
    precondition(rows.columns >= windows.features, "expected rows of \(windows.features)")
    rows.resize(rows: images.count / windows.input.features * windows.count)
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(rows.base))
    let (shape, columns) = (windows.kernelArgument, rows.columns)
    team.forEachRange(of: rows.rows, multipleOf: 1, cost: rows.count) { _, range in
      withUnsafePointer(to: shape) {
        signflip_unfold_bytes(
          $0, source.base, target.base + range.lowerBound * columns, columns, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Pools signs: a window gives -1 if all of its signs are -1. In the channels `any`, it gives -1 if one of them is.
  package func pool(_ images: SignBatch, _ windows: ImageWindows, any: BitMatrix, into output: SignBatch) {
    precondition(images.columns == windows.input.channels && any.columns == images.columns, "the shapes differ")
    let count = images.rows / windows.input.pixels * windows.count
    output.beginInference(rows: count)
    let (source, mask, target) = (
      UncheckedPointer(images.signs.base), UncheckedPointer(any.base), UncheckedPointer(output.signs.base)
    )
    let shape = windows.kernelArgument
    team.forEachRange(of: count, multipleOf: 1, cost: images.rows * images.signs.words * 16) { _, range in
      withUnsafePointer(to: shape) {
        signflip_pool_bits($0, source.base, mask.base, target.base, range.lowerBound, range.upperBound)
      }
    }
  }

  /// Computes the maximum of each channel in each window.
  package func maxPool(_ images: Tensor, _ windows: ImageWindows, into output: Tensor) {
    maxPool(images, windows, choices: unreadChoices, into: output)
  }

  /// Computes the mean magnitude of each row, shape `[rows, 1]`.
  package func meanMagnitudes(of input: Tensor, into output: Tensor) {
    output.reshape(rows: input.rows, columns: 1)
    let (x, sizes, columns) = (UncheckedPointer(input.base), UncheckedPointer(output.base), input.columns)
    team.forEachRange(of: input.rows, multipleOf: 1, cost: input.count) { _, range in
      signflip_mean_magnitudes(x.base, columns, sizes.base, range.lowerBound, range.upperBound)
    }
  }

  /// Writes every `stride`-th pixel of images, with zeros in additional channels.
  package func subsample(_ images: Tensor, _ subsampling: ImageSubsampling, into output: Tensor) {
    output.reshape(
      rows: images.rows / subsampling.input.pixels * subsampling.output.pixels,
      columns: subsampling.output.channels)
    output.fill(0)
    add(images, subsampling, to: output)
  }

  /// Converts the bytes of images to real numbers, as in training.
  /// - Parameter output: has any number of columns.
  package func pixels(_ images: ByteMatrix, shape: ImageShape, _ scale: PixelScale, into output: Tensor) {
    let count = images.count / shape.features
    output.resize(rows: images.count / output.columns)
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(output.base))
    let placement = ImagePlacement().kernelArgument
    scale.lower.withUnsafeBufferPointer { lower in
      scale.scale.withUnsafeBufferPointer { factors in
        guard let lower = lower.baseAddress, let factors = factors.baseAddress else { return }
        nonisolated(unsafe) let numbers = (lower, factors)
        team.forEachRange(of: count, multipleOf: 1, cost: images.count) { _, range in
          for image in range {
            signflip_pixels(
              source.base + image * shape.features, shape.height, shape.width, shape.channels, numbers.0, numbers.1,
              placement, target.base + image * shape.features)
          }
        }
      }
    }
  }

  /// Normalizes each image to mean 0 and norm 55; see `ContrastNormalization`.
  package func contrasts(_ images: ByteMatrix, shape: ImageShape, into output: Tensor) {
    let count = images.count / shape.features
    output.reshape(rows: count * shape.pixels, columns: shape.channels)
    let (source, target, features) = (
      UncheckedPointer(images.base), UncheckedPointer(output.base), shape.features
    )
    team.forEachRange(of: count, multipleOf: 1, cost: images.count) { _, range in
      for image in range {
        var (lower, factor) = (Float(0), Float(0))
        let bytes = source.base + image * features
        signflip_contrast(
          bytes, features, ContrastNormalization.norm, ContrastNormalization.smallestDivisor, &lower, &factor)
        signflip_pixels(
          bytes, 1, features, 1, &lower, &factor, ImagePlacement().kernelArgument, target.base + image * features)
      }
    }
  }
}
