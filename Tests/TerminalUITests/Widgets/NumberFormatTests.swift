import TerminalUI
import Testing

@Suite("Numbers")
struct NumberFormatTests {
  @Test(
    "As a person would type it",
    arguments: [
      (0.0003, "3e-4"), (1e-3, "1e-3"), (0.01, "0.01"), (0.9, "0.9"), (100, "100"), (0, "0"), (1.5e-5, "1.5e-5"),
      (Double(Float(3e-4)), "3e-4"), (-0.5, "-0.5"), (1e6, "1e6"), (0.30000000000000004, "0.3"), (.nan, "NaN"),
    ])
  func compact(value: Double, text: String) { #expect(NumberFormat.compact(value) == text) }

  @Test(
    "With significant digits",
    arguments: [
      (0.0412, "0.04120"), (2.3026, "2.303"), (128.44, "128.4"), (0.00001234, "1.23e-5"), (0, "0"), (.infinity, "inf"),
    ])
  func significant(value: Double, text: String) { #expect(NumberFormat.significant(value) == text) }

  @Test("Shares, counts, sizes and times")
  func others() {
    #expect(NumberFormat.percent(0.9831) == "98.31 %")
    #expect(NumberFormat.percent(0.00021, decimals: 3) == "0.021 %")
    #expect(NumberFormat.grouped(4210) == "4,210")
    #expect(NumberFormat.grouped(-1_234_567) == "-1,234,567")
    #expect(NumberFormat.grouped(999) == "999")
    #expect(NumberFormat.bytes(40_100_000) == "40.1 MB")
    #expect(NumberFormat.bytes(1_250_000) == "1.25 MB")
    #expect(NumberFormat.bytes(312) == "312 B")
    #expect(NumberFormat.abbreviated(4210) == "4.21k")
    #expect(NumberFormat.abbreviated(999_999) == "1M")
    #expect(NumberFormat.duration(seconds: 761) == "12:41")
    #expect(NumberFormat.duration(seconds: 7) == "0:07")
    #expect(NumberFormat.duration(seconds: 3723) == "1:02:03")
    #expect(NumberFormat.duration(seconds: 183_600) == "2 d 3 h")
    #expect(NumberFormat.duration(seconds: .infinity) == "–")
    #expect(NumberFormat.fixed(-0.0001, decimals: 2) == "0.00", "no negative zero")
    #expect(NumberFormat.scientific(9.9999e-5, digits: 2) == "1e-4")
  }
}
