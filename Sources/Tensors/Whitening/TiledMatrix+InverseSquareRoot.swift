extension TiledMatrix {
  /// How the iteration converged.
  struct Convergence {
    /// Number of steps.
    var steps: Int
    /// The root mean square of the eigenvalues of `Z·A·Z - 1`.
    var distance: Double
  }

  /// Computes `A^(-1/2)` of a positive definite matrix by coupled Newton-Schulz iterations, which use matrix products
  /// only.
  ///
  /// With `Y = A/u`, `Z = 1`, where u bounds the eigenvalues: `T = (3ρ·1 - ρ³·Z·Y)/2`, `Y ← Y·T`, `Z ← T·Z`, until
  /// `Z·Y` is the identity; then `A^(-1/2) = Z/√u`. For an eigenvalue a of A/u, the iteration `x ← ρx(3 - ρ²x²)/2`
  /// leads from √a to 1. With a lower bound ℓ of x, `ρ² = 3/(1 + ℓ + ℓ²)` maps both ends of [ℓ, 1] to the same value,
  /// which takes about half as many steps as ρ = 1. ρ is kept below √3, above which an eigenvalue perturbed by rounding
  /// could change its sign.
  ///
  /// LAPACK's `ssyevd` was measured as an alternative. For CIFAR's 3,072 values it takes 5.5 s on one core with
  /// OpenBLAS, but about 30 s with the BLAS that Debian installs by default. These products, 6·10¹¹
  /// multiply-accumulates, take 14 s with oneDNN (44 billion per second on a Zen 3). LAPACK and OpenBLAS would be
  /// additional dependencies, and the digests of whitened runs would change and depend on the machine's BLAS; this
  /// implementation gives the same bits with any number of threads.
  /// - Parameters:
  ///   - leastEigenvalue: a positive lower bound of the eigenvalues of A.
  ///   - step: called with the number of the step, from 1, before each product.
  /// - Throws: `WhiteningError` if the iteration does not converge; errors of `step`.
  /// - SeeAlso: Higham 2008, “Functions of matrices”, 6.7; Chen and Chow 2014, “A stable scaling of Newton-Schulz for
  ///   improving the sign function computation of a Hermitian matrix”.
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
    // Z·Y is symmetric only up to rounding; treating it as symmetric would amplify the rounding errors.
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
      // Close to the solution, each step squares the distance, so the next one would only see rounding errors.
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
    // Measures the actual result on A instead of trusting the iteration's estimate.
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
  // Eigenvalues down to 1e-3 of the largest are exact; smaller ones are treated as if they were that large.
  private static var leastEnd: Double { 0.03 }
  private static var greatestDistance: Double { 1e-3 }
}
