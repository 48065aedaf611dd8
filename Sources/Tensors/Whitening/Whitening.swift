private import CBinaryKernels

/// ZCA whitening: a symmetric linear map that decorrelates the values of images while keeping them recognizable.
///
/// Computes `(x - μ)·W` for images x with normalized contrast, where μ is the mean of the images it was fitted to, and
/// `W = U(Λ + ε)^(-1/2)Uᵀ` with their covariance `UΛUᵀ = Σ (x - μ)ᵀ(x - μ)/n` and ε = 0.1. This is Pylearn2's
/// `ZCA(filter_bias=0.1)` after `GlobalContrastNormalization(scale=55)`, which BinaryConnect used for CIFAR-10.
/// - SeeAlso: Krizhevsky 2009, “Learning multiple layers of features from tiny images”, appendix A; Goodfellow et al.
///   2013, “Pylearn2”, arXiv:1308.4214.
package final class Whitening: @unchecked Sendable {
  /// Added to each eigenvalue of the covariance.
  package static let epsilon = 0.1
  /// The maximum number of images to fit to, spread evenly over all images; CIFAR-10's 50,000 are all used.
  package static let mostImages = 50_000
  /// The maximum number of values per image. The size of the map is the square of this number, and the time to fit it
  /// grows with the cube: 4,096 values take four times as long as CIFAR-10's, and a quarter of a gigabyte.
  package static let mostFeatures = 4096

  /// The shape of an image.
  package let shape: ImageShape
  /// The number of images it was fitted to.
  package let imageCount: Int
  /// The root mean square of the eigenvalues of `W·(covariance + ε)·W - 1`.
  package let distance: Double
  // Both are immutable.
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

  /// The map as a safetensors file: W as `matrix`, shape `[features, features]`, and μW as `offset`, shape `[1,
  /// features]`, so that a whitened image is `xW - μW`.
  package func file() throws -> SafetensorsImage {
    try SafetensorsImage([("matrix", .tensor(matrix)), ("offset", .tensor(offset))], metadata: [:])
  }

  /// Size of the map in bytes.
  package var byteCount: Int { matrix.count * 4 }
}

extension Whitening {
  /// Fits the map to images.
  ///
  /// The covariance is computed in blocks of 1,024 images, so that of a mapped file only the needed images are read.
  /// The inverse square root needs four and a half times the map's memory.
  /// - Parameters:
  ///   - pixels: all images in order, NHWC.
  ///   - indices: the images to fit to; if there are more than `mostImages`, an even selection is used.
  ///   - shape: the shape of an image, with at most `mostFeatures` values.
  ///   - threads: number of threads, which does not affect the result.
  ///   - progress: called on the calling thread with a description of the current work; an error that it throws cancels
  ///     the work.
  /// - Throws: `WhiteningError`.
  package convenience init(
    fitting pixels: ByteStorage, of indices: [Int32], shape: ImageShape, threads: Int,
    progress: (String) throws -> Void = { _ in }
  ) throws {
    guard shape.features <= Self.mostFeatures else {
      throw WhiteningError(
        message: """
          expected images of at most \(Self.mostFeatures) values, because the map's size grows with the square of their number, \
          found \(shape) = \(shape.features)
          """)
    }
    guard !indices.isEmpty else { throw WhiteningError(message: "expected images to fit to, found none") }
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

  /// An even selection of at most `mostImages` images.
  package static func sample(of indices: [Int32]) -> [Int32] {
    guard indices.count > mostImages else { return indices }
    return (0..<mostImages).map { indices[$0 * indices.count / mostImages] }
  }
}

extension TiledMatrix {
  // Adds `(x - μ)ᵀ(x - μ)` for rows x, of which the columns of each tile are copied to a panel.
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
