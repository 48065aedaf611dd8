private import CBinaryKernels

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
  ///   - progress: told in a few words what is being done, on the calling thread; what it throws ends the work.
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
