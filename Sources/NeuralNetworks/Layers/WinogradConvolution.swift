internal import Tensors

/// The products of a float 3×3 convolution by Winograd's algorithm on tiles: 2.25 times fewer multiplications, and no
/// windows to write.
///
/// The results equal those of `Convolution` up to rounding. With few channels the transforms cost more than they save.
struct WinogradConvolution {
  private let tiles: WinogradTiles
  // G g Gᵀ of the last forward pass, and its gradient; shape [16·filters, channels].
  private let filters = Tensor(rows: 0, columns: 0)
  private let filtersGradient = Tensor(rows: 0, columns: 0)

  // With fewer input or output channels, products of windows are as fast.
  private static let leastChannels = 16
  // Number of elements of the tiles that are processed at once, so that they stay in the cache.
  private static let blockElements = 1 << 20

  /// Nil unless the convolution is 3×3 with stride 1, has enough channels, and uses float32: rounding tiles to bfloat16
  /// would lose more precision than rounding windows.
  init?(_ windows: ImageWindows, filters: Int, precision: Precision) {
    guard precision == .float32, min(windows.input.channels, filters) >= Self.leastChannels,
      let tiles = WinogradTiles(windows)
    else { return nil }
    self.tiles = tiles
  }

  /// Computes the output of a batch of images.
  /// - Parameter weights: shape `[filters, 3·3·channels]`.
  func forward(_ images: Tensor, _ weights: Tensor, into output: Tensor, _ pass: PassContext) {
    let compute = pass.compute
    compute.transformFilters(weights, into: filters)
    let (planes, products) = (pass.workspace.tiles, pass.workspace.tileProducts)
    forEachBlock(of: images, filters: weights.rows) { images, rows in
      compute.transform(images, tiles, into: planes)
      products.reshape(rows: planes.rows, columns: weights.rows)
      compute.multiply(count: WinogradTiles.places, planes, filters, transposingB: true, into: products)
      compute.gather(products, tiles, into: output.view(rows: rows))
    }
  }

  /// Computes the gradient of the weights and, if requested, of the images, for the weights of the last forward pass. The gradient
  /// of the weights alone needs no forward pass by tiles.
  func backward(
    _ images: Tensor, _ outputGradient: Tensor, weightsGradient: Tensor, into imagesGradient: Tensor?,
    _ pass: PassContext
  ) {
    let compute = pass.compute
    filtersGradient.reshape(rows: WinogradTiles.places * outputGradient.columns, columns: images.columns)
    let (planes, gradients) = (pass.workspace.tiles, pass.workspace.tileProducts)
    var firstPixel = 0
    forEachBlock(of: images, filters: outputGradient.columns) { images, rows in
      compute.transform(images, tiles, into: planes)
      compute.gatherGradient(outputGradient.view(rows: rows), tiles, into: gradients)
      compute.multiply(
        count: WinogradTiles.places, gradients, planes, transposingA: true, adding: firstPixel > 0,
        into: filtersGradient)
      if let imagesGradient {
        compute.multiply(count: WinogradTiles.places, gradients, filters, into: planes)
        compute.transformGradient(
          planes, tiles, into: imagesGradient.view(rows: firstPixel..<firstPixel + images.rows))
      }
      firstPixel += images.rows
    }
    compute.transformFiltersGradient(filtersGradient, into: weightsGradient)
  }

  // Calls the body for a few images at a time, with the rows of their outputs.
  private func forEachBlock(of images: Tensor, filters: Int, _ body: (Tensor, Range<Int>) -> Void) {
    let windows = tiles.windows
    let (pixels, count) = (windows.input.pixels, images.rows / windows.input.pixels)
    let elements = WinogradTiles.places * tiles.count * (windows.input.channels + filters)
    let size = max(1, Self.blockElements / elements)
    var begin = 0
    while begin < count {
      let end = min(count, begin + size)
      body(images.view(rows: begin * pixels..<end * pixels), begin * windows.count..<end * windows.count)
      begin = end
    }
  }
}
