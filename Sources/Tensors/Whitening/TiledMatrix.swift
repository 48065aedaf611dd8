/// A square matrix stored as square tiles. A symmetric matrix stores only those on and above the diagonal.
///
/// Products that are known to be symmetric cost little more than half, and are exactly symmetric. Tiles are separate in
/// memory, which oneDNN's products read fastest.
final class TiledMatrix {
  /// Number of rows and columns.
  let size: Int
  /// Number of rows and columns of a tile; the last ones may be smaller.
  let side: Int
  /// Whether only the tiles on and above the diagonal are stored.
  let isSymmetric: Bool
  /// Number of tiles per row.
  let tilesAcross: Int
  /// Positions of the tiles, row by row.
  let places: [(row: Int, column: Int)]
  private let tiles: [Tensor]

  /// A matrix of zeros.
  init(size: Int, isSymmetric: Bool = true, side: Int = 512) {
    precondition(size > 0 && side > 0, "expected a matrix")
    let across = (size + side - 1) / side
    (self.size, self.isSymmetric, self.side) = (size, isSymmetric, side)
    tilesAcross = across
    func extent(_ index: Int) -> Int { min(side, size - index * side) }
    places = (0..<across).flatMap { row in (isSymmetric ? row..<across : 0..<across).map { (row, $0) } }
    tiles = places.map { Tensor(rows: extent($0.row), columns: extent($0.column)) }
  }

  /// The rows, or columns, of a row of tiles.
  func extent(_ index: Int) -> Range<Int> { index * side..<min(size, (index + 1) * side) }

  /// The tile at `places[index]`.
  subscript(index: Int) -> Tensor { tiles[index] }

  /// The tile at a position, and whether it is stored transposed.
  func tile(_ row: Int, _ column: Int) -> (tile: Tensor, isTransposed: Bool) {
    guard isSymmetric else { return (tiles[row * tilesAcross + column], false) }
    let (upper, lower) = (min(row, column), max(row, column))
    return (tiles[upper * (2 * tilesAcross - upper + 1) / 2 + lower - upper], row > column)
  }

  /// Sets the matrix to the product `a·b`. For a symmetric matrix the product must be symmetric up to rounding.
  func set(_ a: TiledMatrix, times b: TiledMatrix, _ crew: ProductCrew) {
    precondition(a.size == size && b.size == size && a.side == side && b.side == side, "expected equal sizes")
    precondition(self !== a && self !== b, "expected a matrix beside the operands")
    nonisolated(unsafe) let (left, right, target) = (a, b, self)
    crew.forEach(places.count) { index, compute in
      let (row, column) = target.places[index]
      for inner in 0..<target.tilesAcross {
        let (x, y) = (left.tile(row, inner), right.tile(inner, column))
        compute.multiply(
          .float32(x.tile), .float32(y.tile), transposingA: x.isTransposed, transposingB: y.isTransposed,
          adding: inner > 0, into: target.tiles[index])
      }
      if target.isSymmetric, row == column { target.tiles[index].mirrorUpperHalf() }
    }
  }

  /// Copies the upper triangle of each diagonal tile of a symmetric matrix to its lower triangle.
  func mirrorDiagonalTiles() {
    for (index, place) in places.enumerated() where isSymmetric && place.row == place.column {
      tiles[index].mirrorUpperHalf()
    }
  }

  /// Sets the matrix to `factor·other + shift·1`.
  func set(_ other: TiledMatrix, factor: Float, shift: Float) {
    precondition(
      other.size == size && other.side == side && other.isSymmetric == isSymmetric, "expected a matrix of equal form")
    for (index, place) in places.enumerated() {
      let (source, target) = (other.tiles[index].base, tiles[index].base)
      for element in 0..<tiles[index].count { target[element] = factor * source[element] }
      guard place.row == place.column else { continue }
      for diagonal in 0..<tiles[index].rows { target[diagonal * (tiles[index].columns + 1)] += shift }
    }
  }

  /// `‖A - 1‖/√size` (Frobenius): for a symmetric matrix the root mean square of its eigenvalues minus 1.
  var distanceFromIdentity: Double {
    var sum = 0.0
    for (index, place) in places.enumerated() {
      let (base, columns) = (tiles[index].base, tiles[index].columns)
      let isDiagonal = place.row == place.column
      let isTwice = isSymmetric && !isDiagonal
      for row in 0..<tiles[index].rows {
        var part = 0.0
        for column in 0..<columns {
          let value = Double(base[row * columns + column]) - (isDiagonal && row == column ? 1 : 0)
          part += value * value
        }
        sum += isTwice ? 2 * part : part
      }
    }
    return (sum / Double(size)).squareRoot()
  }

  /// An upper bound of the eigenvalues: the smaller of the Frobenius norm and the largest absolute row sum.
  var spectralBound: Double {
    precondition(isSymmetric, "expected a symmetric matrix")
    var squares = 0.0
    var sums = [Double](repeating: 0, count: size)
    for (index, place) in places.enumerated() {
      let (base, columns) = (tiles[index].base, tiles[index].columns)
      let (firstRow, firstColumn) = (extent(place.row).lowerBound, extent(place.column).lowerBound)
      let isDiagonal = place.row == place.column
      for row in 0..<tiles[index].rows {
        for column in 0..<columns {
          let value = Double(base[row * columns + column])
          squares += isDiagonal ? value * value : 2 * value * value
          sums[firstRow + row] += abs(value)
          if !isDiagonal { sums[firstColumn + column] += abs(value) }
        }
      }
    }
    return min(squares.squareRoot(), sums.max() ?? 0)
  }

  /// A symmetric matrix in dense form.
  var dense: Tensor {
    precondition(isSymmetric, "expected a symmetric matrix")
    let matrix = Tensor(rows: size, columns: size)
    for (index, place) in places.enumerated() {
      let (source, target, columns) = (tiles[index].base, matrix.base, tiles[index].columns)
      let (firstRow, firstColumn) = (extent(place.row).lowerBound, extent(place.column).lowerBound)
      for row in 0..<tiles[index].rows {
        for column in 0..<columns {
          let value = source[row * columns + column]
          target[(firstRow + row) * size + firstColumn + column] = value
          target[(firstColumn + column) * size + firstRow + row] = value
        }
      }
    }
    return matrix
  }
}

extension Tensor {
  // Copies the upper triangle to the lower triangle.
  fileprivate func mirrorUpperHalf() {
    let (base, size) = (base, columns)
    for row in 0..<rows {
      for column in row + 1..<max(row + 1, size) { base[column * size + row] = base[row * size + column] }
    }
  }
}
