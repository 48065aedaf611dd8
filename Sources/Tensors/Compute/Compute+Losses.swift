private import Foundation

extension Compute {
  /// Computes the mean cross-entropy of softmax(logits) and the labels, and its gradient.
  ///
  /// `C = -1/n Σᵢ Σ_c q_c log softmax(zᵢ)[c]`, `dC/dz = (softmax(z) - q) / n`, where `q = onehot(t)`, or with smoothing
  /// `q = (1-ε)·onehot(t) + ε/classes`.
  /// - Parameters:
  ///   - logits: z, shape `[n, classes]`.
  ///   - labels: t, n class indices.
  ///   - smoothing: ε, 0...1, the fraction of the target that is spread evenly over all classes.
  ///   - gradient: receives dC/dz, shape `[n, classes]`; nil to compute the loss only.
  /// - SeeAlso: Szegedy et al. 2016, arXiv:1512.00567, section 7.
  package func crossEntropy(
    _ logits: Tensor, labels: [UInt8], smoothing: Float = 0, gradient: Tensor?
  ) -> Double {
    checkLabels(labels, logits)
    gradient?.resize(rows: logits.rows)
    let (rows, classes) = (logits.rows, logits.columns)
    let share = smoothing / Float(max(1, classes))
    var total = 0.0
    for row in 0..<rows {
      let z = logits.base + row * classes
      let label = Int(labels[row])
      var largest = z[0]
      for column in 1..<max(1, classes) { largest = max(largest, z[column]) }
      var sum: Float = 0
      for column in 0..<classes { sum += exp(z[column] - largest) }
      if smoothing > 0 {
        // Differences from the maximum: summing large logits would lose the digits of small ones.
        var distances: Float = 0
        for column in 0..<classes { distances += largest - z[column] }
        total += Double(log(sum) + (1 - smoothing) * (largest - z[label]) + share * distances)
      } else {
        total += Double(log(sum) + largest - z[label])
      }
      if let gradient {
        let line = gradient.base + row * classes
        for column in 0..<classes {
          let target: Float = (column == label ? 1 - smoothing : 0) + share
          line[column] = (exp(z[column] - largest) / sum - target) / Float(rows)
        }
      }
    }
    return total / Double(max(1, rows))
  }

  /// Computes the mean squared hinge loss with targets ±1, and its gradient.
  ///
  /// With t = +1 for the label's class and -1 for the others, over all n·classes outputs: `C = mean(max(0, 1 - t·z)²)`,
  /// `dC/dz = -2t·max(0, 1 - t·z) / (n·classes)`.
  /// - SeeAlso: Courbariaux et al. 2015, arXiv:1511.00363, section 3 (after Tang 2013).
  package func squaredHinge(_ logits: Tensor, labels: [UInt8], gradient: Tensor?) -> Double {
    checkLabels(labels, logits)
    gradient?.resize(rows: logits.rows)
    let (rows, classes) = (logits.rows, logits.columns)
    let count = Float(max(1, rows * classes))
    var total = 0.0
    for row in 0..<rows {
      let z = logits.base + row * classes
      let label = Int(labels[row])
      for column in 0..<classes {
        let target: Float = column == label ? 1 : -1
        let margin = 1 - target * z[column]
        // This form keeps NaN.
        let violation = margin <= 0 ? 0 : margin
        total += Double(violation * violation)
        if let gradient { gradient.base[row * classes + column] = -2 * target * violation / count }
      }
    }
    return total / Double(count)
  }

  /// Returns the number of rows whose largest element is at the label.
  package func countCorrect(_ logits: Tensor, labels: [UInt8]) -> Int {
    checkLabels(labels, logits)
    var correct = 0
    for row in 0..<logits.rows {
      let z = logits.base + row * logits.columns
      var best = 0
      for column in 1..<max(1, logits.columns) where z[column] > z[best] { best = column }
      if best == Int(labels[row]) { correct += 1 }
    }
    return correct
  }

  private func checkLabels(_ labels: [UInt8], _ logits: Tensor) {
    precondition(labels.count == logits.rows, "expected \(logits.rows) labels, found \(labels.count)")
    precondition(labels.allSatisfy { Int($0) < logits.columns }, "a label is not below \(logits.columns)")
  }
}

extension Compute {
  /// Adds a distillation loss: `C = (1-w)·C₀ + w·T²·KL(softmax(t/T) ‖ softmax(z/T))`, the mean over rows.
  ///
  /// With p and q the teacher's and the student's softmax at temperature T: `dC/dz = (1-w)·dC₀/dz + w·T·(q - p)/n`. The
  /// factor T² keeps the magnitude of the gradient independent of T.
  /// - Parameters:
  ///   - loss: C₀, whose gradient is in `gradient`.
  ///   - logits: z, shape `[n, classes]`.
  ///   - teacher: t, of the same shape.
  ///   - weight: w, 0...1.
  ///   - gradient: dC₀/dz, shape `[n, classes]`; overwritten with dC/dz.
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

  // The largest logit, and log Σ exp((z - largest)/T).
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
