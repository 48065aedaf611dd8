extension TiledMatrix {
  /// How the iteration went.
  struct Convergence {
    /// Steps done.
    var steps: Int
    /// The root of the mean square of the eigenvalues of `Z·A·Z - 1`.
    var distance: Double
  }

  /// Computes `A^(-1/2)` of a positive definite matrix, by coupled Newton-Schulz iterations of products alone.
  ///
  /// With `Y = A/u`, `Z = 1`, where u bounds the eigenvalues: `T = (3ρ·1 - ρ³·Z·Y)/2`, `Y ← Y·T`, `Z ← T·Z`, until `Z·Y` is the
  /// identity; then `A^(-1/2) = Z/√u`. An eigenvalue a of A/u goes through `x ← ρx(3 - ρ²x²)/2` from √a to 1. With the bound
  /// ℓ of the least x, `ρ² = 3/(1 + ℓ + ℓ²)` has the ends of [ℓ, 1] come to the same place, which takes about half the steps of
  /// ρ = 1; ρ stays clear of √3, from where an eigenvalue that rounding has moved would go to the wrong side of 0.
  ///
  /// LAPACK's `ssyevd` was measured in its place. For CIFAR's 3,072 values it takes 5.5 s of a core with OpenBLAS, but about 30 s
  /// with the BLAS that Debian installs by default; these products, 6·10¹¹ multiply-accumulates, take 14 s at the 44 billion a
  /// second of oneDNN on a Zen 3. It would need LAPACK and OpenBLAS at set-up, and the digests of whitened runs would change, and
  /// depend on which BLAS a machine has; here any number of threads gives the same bits.
  /// - Parameters:
  ///   - leastEigenvalue: a positive number that no eigenvalue of A is below.
  ///   - step: called with the number of the step, from 1, before each product.
  /// - Throws: `WhiteningError` where the iteration does not converge; what `step` throws.
  /// - SeeAlso: Higham 2008, “Functions of matrices”, 6.7; Chen and Chow 2014, “A stable scaling of Newton-Schulz for improving
  ///   the sign function computation of a Hermitian matrix”.
  func inverseSquareRoot(
    leastEigenvalue: Double, _ crew: ProductCrew, step report: (Int) throws -> Void = { _ in }
  ) throws -> (root: TiledMatrix, convergence: Convergence) {
    func matrix(isSymmetric: Bool = true) -> TiledMatrix {
      TiledMatrix(size: size, isSymmetric: isSymmetric, side: side)
    }
    let bound = spectralBound
    guard bound.isFinite, leastEigenvalue > 0, bound >= leastEigenvalue else {
      throw WhiteningError(message: "expected finite eigenvalues from \(leastEigenvalue) on, found at most \(bound)")
    }
    var (y, z, spare) = (matrix(), matrix(), matrix())
    // Z·Y is symmetric too, but not but for rounding: taking it for symmetric would have rounding grow.
    let (product, factor) = (matrix(isSymmetric: false), matrix(isSymmetric: false))
    y.set(self, factor: Float(1 / bound), shift: 0)
    z.set(z, factor: 0, shift: 1)
    var least = (leastEigenvalue / bound).squareRoot()
    var steps = 0
    var isDone = false
    while !isDone, steps < Self.mostSteps {
      steps += 1
      try report(steps)
      product.set(z, times: y, crew)
      // From near by, one step squares the distance, and the next would find rounding alone.
      let distance = product.distanceFromIdentity
      isDone = distance < 1e-3 || !distance.isFinite
      let ends = max(least, Self.leastEnd)
      let scale = isDone || least > 0.99 ? 1 : (3 / (1 + ends + ends * ends)).squareRoot()
      func next(_ x: Double) -> Double { x * (3 - x * x) / 2 }
      least = min(next(scale * least), next(scale))
      factor.set(product, factor: Float(-scale * scale * scale / 2), shift: Float(1.5 * scale))
      if !isDone {
        try report(steps)
        spare.set(y, times: factor, crew)
        swap(&y, &spare)
      }
      try report(steps)
      spare.set(factor, times: z, crew)
      swap(&z, &spare)
    }
    z.set(z, factor: Float(1 / bound.squareRoot()), shift: 0)
    // Not what the iteration believes, but what the root does to A.
    try report(steps)
    product.set(self, times: z, crew)
    try report(steps)
    spare.set(z, times: product, crew)
    let convergence = Convergence(steps: steps, distance: spare.distanceFromIdentity)
    guard convergence.distance < Self.greatestDistance else {
      throw WhiteningError(
        message: """
          expected an inverse square root W with W·A·W within \(Self.greatestDistance) of the identity, found \
          \(convergence.distance)
          """)
    }
    return (z, convergence)
  }

  private static var mostSteps: Int { 40 }
  // Eigenvalues down to 1e-3 of the greatest are treated as they are, smaller ones as if they were so great.
  private static var leastEnd: Double { 0.03 }
  private static var greatestDistance: Double { 1e-3 }
}
