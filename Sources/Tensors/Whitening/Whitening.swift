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
