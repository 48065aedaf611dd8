private import Foundation

extension Compute {
  /// Puts a teacher's logits beside the labels: `C = (1-w)·C₀ + w·T²·KL(softmax(t/T) ‖ softmax(z/T))`, the mean over rows.
  ///
  /// With p and q the teacher's and the student's softmax at the temperature T: `dC/dz = (1-w)·dC₀/dz + w·T·(q - p)/n`. T² keeps the
  /// gradient's size where T changes.
  /// - Parameters:
  ///   - loss: C₀, with its gradient in `gradient`.
  ///   - logits: z, shape `[n, classes]`.
  ///   - teacher: t, of the same shape.
  ///   - weight: w, 0...1.
  ///   - gradient: dC₀/dz, shape `[n, classes]`; dC/dz takes its place.
  /// - Returns: C.
  /// - SeeAlso: Hinton et al. 2015, arXiv:1503.02531, section 2.
  package func distill(
    _ loss: Double, logits: Tensor, teacher: Tensor, weight: Float, temperature: Float, gradient: Tensor
  ) -> Double {
    precondition(
      (teacher.rows, teacher.columns) == (logits.rows, logits.columns)
        && (gradient.rows, gradient.columns) == (logits.rows, logits.columns),
      "expected teacher and gradient of the logits' shape")
    let (rows, classes) = (logits.rows, logits.columns)
    let factor = weight * temperature / Float(max(1, rows))
    var divergence = 0.0
    for row in 0..<rows {
      let (z, t) = (logits.base + row * classes, teacher.base + row * classes)
      let dz = gradient.base + row * classes
      let (student, master) = (
        Compute.softmaxTerms(z, classes, temperature), Compute.softmaxTerms(t, classes, temperature)
      )
      for column in 0..<classes {
        let ofStudent = (z[column] - student.largest) / temperature - student.logSum
        let ofTeacher = (t[column] - master.largest) / temperature - master.logSum
        let p = exp(ofTeacher)
        divergence += Double(p * (ofTeacher - ofStudent))
        dz[column] = (1 - weight) * dz[column] + factor * (exp(ofStudent) - p)
      }
    }
    let scale = Double(weight) * Double(temperature) * Double(temperature)
    return Double(1 - weight) * loss + scale * divergence / Double(max(1, rows))
  }

  // The greatest logit, and the logarithm of Σ exp((z - greatest)/T).
  private static func softmaxTerms(
    _ z: UnsafeMutablePointer<Float>, _ classes: Int, _ temperature: Float
  ) -> (largest: Float, logSum: Float) {
    var largest = z[0]
    for column in 1..<max(1, classes) { largest = max(largest, z[column]) }
    var sum: Float = 0
    for column in 0..<classes { sum += exp((z[column] - largest) / temperature) }
    return (largest, log(sum))
  }
}
