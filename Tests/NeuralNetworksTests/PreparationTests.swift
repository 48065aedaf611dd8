import Tensors
import Testing

@Suite("Images agree with PyTorch's")
struct PreparationTests {
  private func shape(_ sizes: [Int]) -> ImageShape {
    ImageShape(height: sizes[0], width: sizes[1], channels: sizes[2])
  }

  @Test("turned, moved, cropped and mirrored: affine_grid and grid_sample")
  func placements() throws {
    let placements = try Fixture.preparation().placements
    #expect(placements.count == 6)
    for fixture in placements {
      let shape = shape(fixture.shape)
      let image = Tensor(rows: 1, columns: shape.features, values: fixture.pixels.map(Float.init))
      var placement = ImagePlacement()
      (placement.angle, placement.move) = (fixture.angle, .init(down: fixture.down, right: fixture.right))
      (placement.row, placement.column, placement.flips) = (fixture.row, fixture.column, fixture.flips)
      let canvas = Tensor(rows: 0, columns: shape.features)
      canvas.place(
        image, [0], shape: shape, outside: Array(repeating: 0, count: shape.channels)
      ) { _ in placement }
      // Bytes up to 255, at places that float32 rounds to 1e-6.
      #expect(greatestDifference(canvas.values, fixture.output) < 3e-3, "\(placement)")
    }
  }

  @Test("global contrast normalization")
  func contrasts() throws {
    let fixture = try Fixture.preparation().whitening
    let shape = shape(fixture.shape)
    let rows = Tensor(rows: 0, columns: shape.features)
    let all = (0..<fixture.pixels.count / shape.features).map { Int32($0) }
    rows.gatherContrasts(ByteStorage(fixture.pixels), all[...], shape: shape)
    #expect(greatestDifference(rows.values, fixture.contrasts) < 2e-5)
  }

  @Test("ZCA whitening, fitted on a part of the images")
  func whitening() throws {
    let fixture = try Fixture.preparation().whitening
    let shape = shape(fixture.shape)
    let pixels = ByteStorage(fixture.pixels)
    let whitening = try Whitening(
      fitting: pixels, of: (0..<fixture.fitted).map { Int32($0) }, shape: shape, threads: 2)
    #expect(greatestDifference(whitening.values, fixture.matrix) < 2e-5)
    let rows = Tensor(rows: 0, columns: shape.features)
    let all = (0..<fixture.pixels.count / shape.features).map { Int32($0) }
    WhiteningPass(whitening).whiten(pixels, all[...], into: rows)
    #expect(greatestDifference(rows.values, fixture.output) < 1e-4)
    let once = try WhitenedImages(pixels, whitening, threads: 2) { _ in }
    #expect(greatestDifference(once.tensor.values, fixture.output) < 1e-4)
  }
}
