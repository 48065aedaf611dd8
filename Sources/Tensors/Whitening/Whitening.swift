private import CBinaryKernels

/// ZCA whitening: a symmetric linear map after which the values of an image are uncorrelated, each image still looking like
/// itself.
///
/// Computes `(x - μ)·W` of images x whose contrast was normalized, where μ is the mean of the images it was fitted on and
/// `W = U(Λ + ε)^(-1/2)Uᵀ`, `UΛUᵀ` being their covariance `Σ (x - μ)ᵀ(x - μ)/n` and ε = 0.1: Pylearn2's `ZCA(filter_bias=0.1)` after
/// `GlobalContrastNormalization(scale=55)`, which BinaryConnect's CIFAR-10 was made with.
/// - SeeAlso: Krizhevsky 2009, “Learning multiple layers of features from tiny images”, appendix A; Goodfellow et al. 2013,
///   “Pylearn2”, arXiv:1308.4214.
package final class Whitening: @unchecked Sendable {
  /// What is added to each eigenvalue of the covariance.
  package static let epsilon = 0.1
  /// At most so many images are looked at, spread evenly over those that there are: CIFAR-10's 50,000 all.
  package static let mostImages = 50_000
  /// At most so many values may an image have. The map has their square, and fitting it costs their cube: four times CIFAR's
  /// time and a quarter of a gigabyte at 4,096.
  package static let mostFeatures = 4096

  /// The size of an image.
  package let shape: ImageShape
  /// How many images it was fitted on.
  package let imageCount: Int
  /// The root of the mean square of the eigenvalues of `W·(covariance + ε)·W - 1`.
  package let distance: Double
  // Neither is written to any more.
  let matrix: Tensor
  let offset: Tensor

  init(shape: ImageShape, imageCount: Int, distance: Double, matrix: Tensor, mean: [Float], _ crew: ProductCrew) {
    (self.shape, self.imageCount, self.distance, self.matrix) = (shape, imageCount, distance, matrix)
    let row = Tensor(rows: 1, columns: shape.features, values: mean)
    let product = Tensor(rows: 1, columns: shape.features)
    crew.forEach(1) { _, compute in
      compute.multiply(.float32(row), .float32(matrix), transposingB: true, into: product)
    }
    offset = product
  }

  /// The map W, shape `[features, features]`, row-major.
  package var values: [Float] { matrix.values }

  /// The map as a safetensors file: `matrix` W, shape `[features, features]`, and `offset` μW, shape `[1, features]`, so that
  /// the whitened image is `xW - μW`.
  package func file() throws -> SafetensorsImage {
    try SafetensorsImage([("matrix", .tensor(matrix)), ("offset", .tensor(offset))], metadata: [:])
  }

  /// Bytes that the map takes.
  package var byteCount: Int { matrix.count * 4 }
}

extension Whitening {
  /// Fits the map on images.
  ///
  /// The covariance is summed up over blocks of 1,024 images, so that no more of a mapped file is looked at than the images
  /// that count; beside it, the inverse square root holds matrices of four and a half times the map's size.
  /// - Parameters:
  ///   - pixels: all images, one after the other, NHWC.
  ///   - indices: the images to fit on; of more than `mostImages`, so many are taken, evenly.
  ///   - shape: the size of an image, of at most `mostFeatures` values.
  ///   - threads: how many threads work at it; any number gives the same bits.
  ///   - progress: called with a few words about the present work, on the calling thread; an error that it throws ends the
  ///     work.
  /// - Throws: `WhiteningError`.
  package convenience init(
    fitting pixels: ByteStorage, of indices: [Int32], shape: ImageShape, threads: Int,
    progress: (String) throws -> Void = { _ in }
  ) throws {
    guard shape.features <= Self.mostFeatures else {
      throw WhiteningError(
        message: """
          expected images of at most \(Self.mostFeatures) values, as the map has their square and costs their cube, \
          found \(shape) = \(shape.features)
          """)
    }
    guard !indices.isEmpty else { throw WhiteningError(message: "expected images to fit on, found none") }
    let sample = Self.sample(of: indices)
    let crew = ProductCrew(threads: threads)
    let rows = Tensor(rows: 0, columns: shape.features)
    let blocks = stride(from: 0, to: sample.count, by: Self.blockSize).map { sample[$0...].prefix(Self.blockSize) }

    var sums = [Double](repeating: 0, count: shape.features)
    for (index, block) in blocks.enumerated() {
      try progress("whitening: mean of \(sample.count) images, \(100 * index / blocks.count) %")
      rows.gatherContrasts(pixels, block, shape: shape)
      signflip_add_rows(rows.base, rows.rows, rows.columns, &sums)
    }
    let mean = sums.map { Float($0 / Double(sample.count)) }

    let covariance = TiledMatrix(size: shape.features)
    let panels = (0..<covariance.tilesAcross).map { Tensor(rows: 0, columns: covariance.extent($0).count) }
    for (index, block) in blocks.enumerated() {
      try progress("whitening: covariance of \(sample.count) images, \(100 * index / blocks.count) %")
      rows.gatherContrasts(pixels, block, shape: shape)
      covariance.addProduct(ofCentred: rows, mean, panels, isFirst: index == 0, crew)
    }
    covariance.mirrorDiagonalTiles()
    covariance.set(covariance, factor: 1 / Float(sample.count), shift: Float(Self.epsilon))

    let (root, convergence) = try covariance.inverseSquareRoot(leastEigenvalue: Self.epsilon, crew) {
      try progress("whitening: inverse square root of \(shape.features)×\(shape.features), step \($0)")
    }
    self.init(
      shape: shape, imageCount: sample.count, distance: convergence.distance, matrix: root.dense, mean: mean, crew)
  }

  private static var blockSize: Int { 1024 }

  /// At most `mostImages` of the images, evenly.
  package static func sample(of indices: [Int32]) -> [Int32] {
    guard indices.count > mostImages else { return indices }
    return (0..<mostImages).map { indices[$0 * indices.count / mostImages] }
  }
}

extension TiledMatrix {
  // Adds `(x - μ)ᵀ(x - μ)` of rows x, of which the columns of each tile are copied into a panel.
  fileprivate func addProduct(
    ofCentred rows: Tensor, _ mean: [Float], _ panels: [Tensor], isFirst: Bool, _ crew: ProductCrew
  ) {
    nonisolated(unsafe) let (panels, source, target) = (panels, rows, self)
    crew.forEach(panels.count) { index, _ in
      let columns = target.extent(index)
      panels[index].resize(rows: source.rows)
      signflip_centred_panel(
        source.base, source.rows, source.columns, mean, columns.lowerBound, columns.count, panels[index].base)
    }
    crew.forEach(places.count) { index, compute in
      let (row, column) = target.places[index]
      compute.multiply(
        .float32(panels[row]), .float32(panels[column]), transposingA: true, adding: !isFirst, into: target[index])
    }
  }
}

/// Images that can't be whitened.
package struct WhiteningError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was expected, and what was found.
  package let message: String

  package var description: String { message }
}
