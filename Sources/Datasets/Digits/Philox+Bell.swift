internal import Tensors

extension Philox {
  /// The next number of a bell-shaped distribution with mean 0 and variance 1, within ±3.47: the sum of four uniform
  /// ones. Close enough to the normal distribution for handwriting, and without a logarithm.
  mutating func bell() -> Float {
    let word = next()
    let sum = (word & 0xFFFF) + (word >> 16 & 0xFFFF) + (word >> 32 & 0xFFFF) + (word >> 48)
    return (Float(sum) - 131_070) * (1.732_050_8 / 65_536)
  }

  /// The next number uniform between two bounds.
  mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }
}
