private import Foundation
package import Tensors
package import TrainingMetrics

extension LayerDiagnostics.Weights {
  /// The τ of `deadShare`.
  package static let tailQuantile = 0.95

  /// The figures of binary or ternary weights; nil for others. Operands must have been prepared from the weights.
  /// - Parameters:
  ///   - windows: the windows of a convolution.
  ///   - clipValue: the bound of latent weights; nil without latent weights.
  ///   - neverFlipped: the number of weights that have never flipped; nil if it is not known.
  package init?(_ parameter: Parameter, _ windows: ImageWindows?, clipValue: Float?, neverFlipped: Int?) {
    guard parameter.countsFlips, let values = parameter.binarizedValues, !values.isEmpty else { return nil }
    let (count, columns) = (Double(values.count), parameter.value.columns)
    let isTernary = !(parameter.facts?.areSigns ?? true)
    func share(_ count: Int, of total: Int) -> Double { Double(count) / Double(total) }
    func term(_ share: Double) -> Double { share > 0 ? -share * log(share) : 0 }
    var (plus, zeros, entropy) = (0, 0, 0.0)
    for start in stride(from: 0, to: values.count, by: columns) {
      let row = values[start..<start + columns]
      let (above, equal) = (row.count { $0 > 0 }, row.count { $0 == 0 })
      plus += above
      zeros += equal
      entropy += [above, equal, columns - above - equal].reduce(0) { $0 + term(share($1, of: columns)) }
    }
    self.init(
      plusShare: share(plus, of: values.count), zeroShare: isTernary ? share(zeros, of: values.count) : nil,
      meanEntropy: entropy / Double(parameter.value.rows),
      neverFlippedShare: neverFlipped.map { share($0, of: values.count) },
      kernels: windows.flatMap { .init(values, columns: columns, $0) })
    guard let clipValue else { return }
    let signed = parameter.signedValues
    var (product, length, magnitude, binary) = (0.0, 0.0, 0.0, 0.0)
    for (u, b) in zip(signed, values) {
      let (u, b) = (Double(u), Double(b))
      product += u * b
      length += u * u
      magnitude += abs(u)
      binary += b * b
    }
    if length > 0, binary > 0 { alignment = product / (length * binary).squareRoot() }
    let bound = -magnitude / count * log(2 - 2 * Self.tailQuantile)
    deadShare = share(signed.count { Double(abs($0)) > bound }, of: values.count)
    if parameter.isClipped {
      clippedShare = share(parameter.value.values.count { abs($0) >= clipValue }, of: values.count)
    }
  }
}

extension LayerDiagnostics.Kernels {
  /// Counts the 3×3 kernels of binary weights; nil for other weights and windows.
  fileprivate init?(_ values: [Float], columns: Int, _ windows: ImageWindows) {
    guard windows.kernel == (3, 3), !values.contains(0) else { return nil }
    let channels = columns / 9
    var patterns = Set<Int>()
    for start in stride(from: 0, to: values.count, by: columns) {
      for channel in 0..<channels {
        patterns.insert((0..<9).reduce(0) { $0 << 1 | (values[start + $1 * channels + channel] < 0 ? 1 : 0) })
      }
    }
    self.init(
      count: values.count / 9, distinct: patterns.count,
      distinctUpToInversion: Set(patterns.map { min($0, 511 - $0) }).count)
  }
}
