import Tensors
import Testing

@Suite("Rounding to bfloat16")
struct BFloat16Tests {
  private func rounded(_ values: [Float]) -> [Float] {
    let half = HalfTensor(rows: 0, columns: 1)
    Compute(threads: 2).round(Tensor(rows: values.count, columns: 1, values: values), into: half)
    return half.values
  }

  // The nearest of the two neighbours with 16 bits, on ties the even one.
  private func reference(_ value: Float) -> Float {
    let low = Float(bitPattern: value.bitPattern & 0xffff_0000)
    let tail = value.bitPattern & 0xffff
    let isLowEven = value.bitPattern & 0x1_0000 == 0
    guard tail > 0x8000 || (tail == 0x8000 && !isLowEven) else { return low }
    return Float(bitPattern: low.bitPattern + 0x1_0000)
  }

  @Test("goes to the nearest number, ties to even")
  func nearest() {
    var generator = Philox(seed: 3)
    var values = (0..<40_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())) }
      .filter(\.isFinite)
    for upper: UInt32 in [0x3f80, 0x3f81, 0xbf80, 0xbf81, 0x0000, 0x0001, 0x7f7f] {
      for tail: UInt32 in [0, 1, 0x7fff, 0x8000, 0x8001, 0xffff] {
        values.append(Float(bitPattern: upper << 16 | tail))
      }
    }
    #expect(rounded(values).map(\.bitPattern) == values.map { reference($0).bitPattern })
  }

  @Test("halves go to the even neighbour")
  func ties() {
    #expect(rounded([1 + 0x1p-8, 1 + 0x3p-8, -1 - 0x1p-8]) == [1, 1 + 0x1p-6, -1])
  }

  @Test("keeps signs, infinities and NaN")
  func special() {
    #expect(rounded([1, -1, 0, .infinity, -.infinity]) == [1, -1, 0, .infinity, -.infinity])
    #expect(rounded([-0.0]).first?.sign == .minus)
    // Greater than the largest bfloat16 by more than half a step.
    #expect(rounded([.greatestFiniteMagnitude]) == [.infinity])
    // The payload of the second NaN is only in the discarded bits.
    #expect(rounded([.nan, Float(bitPattern: 0x7f80_0001), -.nan]).allSatisfy { $0.isNaN })
  }
}
