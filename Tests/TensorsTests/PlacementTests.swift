import Tensors
import Testing

@Suite("Images turned and moved")
struct PlacementTests {
  private let shape = ImageShape(height: 9, width: 9, channels: 2)

  private func placed(_ image: Tensor, outside: [Float] = [-3, 7], _ change: (inout ImagePlacement) -> Void) -> [Float]
  {
    var placement = ImagePlacement()
    change(&placement)
    let canvas = Tensor(rows: 0, columns: shape.features)
    canvas.place(image, [0], shape: shape, outside: outside) { _ in placement }
    return canvas.values
  }

  @Test("an unchanged image is equal bit for bit, through the interpolation too")
  func identity() {
    let image = Tensor(rows: 1, columns: shape.features, seed: 1)
    #expect(placed(image) { _ in } == image.values)
    // A rotation by 0 degrees, and a shift that a crop reverses.
    let result = placed(image) {
      $0.move.down = 2
      $0.row = 2
    }
    #expect(result == image.values)
  }

  @Test("a move by whole pixels moves pixels exactly, as a crop does", arguments: [(1, 0), (0, -3), (-2, 4), (12, 0)])
  func wholeMoves(down: Int, right: Int) {
    let image = Tensor(rows: 1, columns: shape.features, seed: 2)
    for flips in [false, true] {
      let moved = placed(image) {
        $0.move = .init(down: Float(down), right: Float(right))
        $0.flips = flips
      }
      let cropped = placed(image) {
        ($0.row, $0.column, $0.flips) = (-down, -right, flips)
      }
      #expect(moved == cropped)
    }
  }

  @Test("a quarter turn is anticlockwise; pixels from outside a wide image have the outside's value")
  func quarterTurn() {
    let image = Tensor(rows: 1, columns: shape.features, seed: 3)
    let turned = placed(image) { $0.angle = 90 }
    var expected: [Float] = []
    for y in 0..<9 { for x in 0..<9 { for c in 0..<2 { expected.append(image.values[(x * 9 + 8 - y) * 2 + c]) } } }
    #expect(greatestDifference(turned, expected) < 1e-5)
    #expect(placed(image) { $0.move.right = 40 } == (0..<81).flatMap { _ in [Float(-3), 7] })
  }

  @Test("an image equal to its outside does not change at any angle")
  func constant() {
    let image = Tensor(rows: 1, columns: shape.features, values: (0..<81).flatMap { _ in [Float(-3), 7] })
    for angle in stride(from: Float(-170), to: 180, by: 23) {
      let turned = placed(image) {
        $0.angle = angle
        $0.move = .init(down: 0.3, right: -1.7)
      }
      #expect(greatestDifference(turned, image.values) < 1e-5)
    }
  }

  @Test("a hole is cut last")
  func hole() {
    let image = Tensor(rows: 1, columns: shape.features, values: Array(repeating: 1, count: shape.features))
    let holed = placed(image, outside: [1, 1]) {
      $0.angle = 33
      $0.hole = .init(side: 3, row: 4, column: 0)
    }
    #expect(holed.count { $0 == 0 } == 3 * 2 * 2)
  }
}
