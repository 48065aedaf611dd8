internal import CBinaryKernels

/// A 3×3 convolution with stride 1 by Winograd's F(2×2, 3×3): 16 products for 2×2 outputs instead of 36.
///
/// `y = Aᵀ[(G g Gᵀ) · (Bᵀ d B)]A` with 4×4 pixels d and filters g. Each of the 16 positions of a tile is a separate
/// plane, so that the sum over channels is a matrix product. The transforms are linear; the backward pass uses their
/// transposes.
/// - SeeAlso: Lavin and Gray 2015, arXiv:1509.09308.
package struct WinogradTiles: Sendable {
  /// The windows of the convolution.
  package let windows: ImageWindows

  /// Number of planes.
  package static let places = 16

  /// Tiles over images; nil unless the kernel is 3×3 with stride 1.
  package init?(_ windows: ImageWindows) {
    guard windows.kernel == (3, 3), windows.stride == (1, 1) else { return nil }
    self.windows = windows
  }

  /// Number of tiles per image.
  package var count: Int { (windows.output.height + 1) / 2 * ((windows.output.width + 1) / 2) }
}

extension Compute {
  /// Computes the tiles of images: `Bᵀ d B`.
  /// - Parameters:
  ///   - images: shape `[batch·height·width, channels]`.
  /// - planes: receives shape `[16·batch·tiles, channels]`, plane by plane.
  package func transform(_ images: Tensor, _ tiles: WinogradTiles, into planes: Tensor) {
    let (count, channels) = (tileCount(images, tiles), images.columns)
    planes.reshape(rows: WinogradTiles.places * count, columns: channels)
    let (source, target) = (UncheckedPointer(images.base), UncheckedPointer(planes.base))
    let shape = tiles.windows.kernelArgument
    team.forEachRange(of: count, multipleOf: 1, cost: planes.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_winograd_input($0, source.base, target.base, count * channels, part.lowerBound, part.upperBound)
      }
    }
  }

  /// Computes the gradient of `transform(_:_:into:)`.
  /// - Parameters:
  ///   - planes: the gradient of the tiles, shape `[16·batch·tiles, channels]`.
  ///   - images: receives the gradient of the images, shape `[batch·height·width, channels]`.
  package func transformGradient(_ planes: Tensor, _ tiles: WinogradTiles, into images: Tensor) {
    let (count, channels) = (tileCount(images, tiles), images.columns)
    precondition(
      (planes.rows, planes.columns) == (WinogradTiles.places * count, channels), "expected the planes of the images")
    let (source, target) = (UncheckedPointer(planes.base), UncheckedPointer(images.base))
    let shape = tiles.windows.kernelArgument
    team.forEachRange(of: count / max(1, tiles.count), multipleOf: 1, cost: planes.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_winograd_input_gradient(
          $0, source.base, count * channels, target.base, part.lowerBound, part.upperBound)
      }
    }
  }

  /// Computes the outputs of tiles: `Aᵀ m A`.
  /// - Parameters:
  ///   - planes: shape `[16·batch·tiles, filters]`.
  ///   - output: shape `[batch·windows, filters]`.
  package func gather(_ planes: Tensor, _ tiles: WinogradTiles, into output: Tensor) {
    let (count, filters) = (checkOutput(output, planes, tiles), output.columns)
    let (source, target) = (UncheckedPointer(planes.base), UncheckedPointer(output.base))
    let shape = tiles.windows.kernelArgument
    team.forEachRange(of: count, multipleOf: 1, cost: planes.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_winograd_output(
          $0, source.base, count * filters, filters, target.base, part.lowerBound, part.upperBound)
      }
    }
  }

  /// Computes the gradient of `gather(_:_:into:)`: `A dy Aᵀ`.
  /// - Parameters:
  ///   - gradient: shape `[batch·windows, filters]`.
  /// - planes: receives shape `[16·batch·tiles, filters]`.
  package func gatherGradient(_ gradient: Tensor, _ tiles: WinogradTiles, into planes: Tensor) {
    let filters = gradient.columns
    planes.reshape(
      rows: WinogradTiles.places * (gradient.rows / tiles.windows.count * tiles.count), columns: filters)
    let count = checkOutput(gradient, planes, tiles)
    let (source, target) = (UncheckedPointer(gradient.base), UncheckedPointer(planes.base))
    let shape = tiles.windows.kernelArgument
    team.forEachRange(of: count, multipleOf: 1, cost: planes.count) { _, part in
      withUnsafePointer(to: shape) {
        signflip_winograd_output_gradient(
          $0, source.base, filters, target.base, count * filters, part.lowerBound, part.upperBound)
      }
    }
  }

  /// Computes the planes of filters: `G g Gᵀ`.
  /// - Parameters:
  /// - weights: shape `[filters, 3·3·channels]`, with channels innermost.
  /// - planes: receives shape `[16·filters, channels]`.
  package func transformFilters(_ weights: Tensor, into planes: Tensor) {
    let (filters, channels) = (weights.rows, weights.columns / 9)
    precondition(weights.columns == 9 * channels, "expected filters of 3×3, found rows of \(weights.columns)")
    planes.reshape(rows: WinogradTiles.places * filters, columns: channels)
    let (source, target) = (UncheckedPointer(weights.base), UncheckedPointer(planes.base))
    team.forEachRange(of: filters, multipleOf: 1, cost: planes.count) { _, part in
      signflip_winograd_filters(
        source.base, channels, target.base, filters * channels, part.lowerBound, part.upperBound)
    }
  }

  /// Computes the gradient of `transformFilters(_:into:)`: `Gᵀ u G`.
  /// - Parameters:
  ///   - planes: shape `[16·filters, channels]`.
  ///   - gradient: shape `[filters, 3·3·channels]`, overwritten.
  package func transformFiltersGradient(_ planes: Tensor, into gradient: Tensor) {
    let (filters, channels) = (gradient.rows, planes.columns)
    precondition(
      gradient.columns == 9 * channels && planes.rows == WinogradTiles.places * filters,
      "expected the planes of the filters")
    let (source, target) = (UncheckedPointer(planes.base), UncheckedPointer(gradient.base))
    team.forEachRange(of: filters, multipleOf: 1, cost: planes.count) { _, part in
      signflip_winograd_filters_gradient(
        source.base, filters * channels, channels, target.base, part.lowerBound, part.upperBound)
    }
  }

  // Number of tiles of a batch of images.
  private func tileCount(_ images: Tensor, _ tiles: WinogradTiles) -> Int {
    let input = tiles.windows.input
    precondition(
      images.columns == input.channels && images.rows.isMultiple(of: input.pixels),
      "expected images of \(input), found \(images.rows)×\(images.columns)")
    return images.rows / input.pixels * tiles.count
  }

  private func checkOutput(_ output: Tensor, _ planes: Tensor, _ tiles: WinogradTiles) -> Int {
    let count = output.rows / tiles.windows.count * tiles.count
    precondition(
      output.rows.isMultiple(of: tiles.windows.count)
        && (planes.rows, planes.columns) == (WinogradTiles.places * count, output.columns),
      "expected the planes of \(output.rows) windows, found \(planes.rows)×\(planes.columns)")
    return count
  }
}
