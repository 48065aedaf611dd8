import Foundation
import Tensors
import Testing

@Suite("The nearest power of two")
struct NearestPowerTests {
  @Test("equals the rounded logarithm, near √2·2ⁿ too")
  func rounding() {
    for exponent in -126...126 {
      let power = Float(sign: .plus, exponent: exponent, significand: 1)
      let below = power * Float(2).squareRoot()
      // The float nearest to √2 is less than √2.
      for x in [power, power * 1.25, power * 1.75, below, below.nextUp, below.nextDown, power.nextUp] {
        let expected = exp2(log2(Double(x)).rounded())
        #expect(Double(x.nearestPower) == expected)
        #expect(Double((-x).nearestPower) == -expected)
      }
    }
  }

  @Test("of 0 is 0, of infinity infinity, of NaN NaN")
  func extremes() {
    #expect(Float(0).nearestPower == 0)
    #expect(Float.leastNonzeroMagnitude.nearestPower == 0)
    #expect(Float.leastNormalMagnitude.nearestPower == Float.leastNormalMagnitude)
    #expect(Float.greatestFiniteMagnitude.nearestPower == .infinity)
    #expect((-Float.infinity).nearestPower == -.infinity)
    #expect(Float.nan.nearestPower.isNaN)
    #expect((-Float.nan).nearestPower.isNaN)
  }
}
