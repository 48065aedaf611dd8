import Testing
import TrainingMetrics

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

  @Test(
    "Never more digits than asked for, nor a row of zeros",
    arguments: [
      (9.99996, "10.00"), (0.99999, "1.000"), (9_999_999, "1e7"), (436_717_680_104_313_192_448, "4.37e20"),
      (-99_999.9, "-100000"),
    ])
  func rounded(value: Double, text: String) { #expect(NumberFormat.significant(value) == text) }

  @Test(
    "A loss in a line of text",
    arguments: [
      (0.41234, "0.4123"), (0, "0.0000"), (31.25, "31.2500"), (436_717_680_104_313_192_448, "4.367e20"),
      (2.5e-7, "2.5e-7"), (1_234_567, "1.235e6"), (-3e-4, "-3e-4"), (.nan, "NaN"), (.infinity, "inf"),
    ])
  func loss(value: Double, text: String) { #expect(NumberFormat.loss(value) == text) }

  @Test(
    "Beyond the last prefix an exponent",
    arguments: [(2.4e12, "2.4T"), (2.4e15, "2.4e15"), (4.367e20, "4.37e20"), (9.9e8, "990M")])
  func abbreviated(value: Double, text: String) { #expect(NumberFormat.abbreviated(value) == text) }

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
    #expect(NumberFormat.percent(0.5, space: "\u{202F}") == "50.00\u{202F}%")
    #expect(NumberFormat.grouped(12_730, separator: "\u{202F}") == "12\u{202F}730")
    #expect(NumberFormat.abbreviated(4210) == "4.21k")
    #expect(NumberFormat.abbreviated(999_999) == "1M")
    #expect(NumberFormat.instant(seconds: 31.24e-6) == "31.2 µs")
    #expect(NumberFormat.instant(seconds: 1.449e-3) == "1.45 ms" && NumberFormat.instant(seconds: 2.5) == "2.50 s")
    #expect(NumberFormat.duration(seconds: 761) == "12:41")
    #expect(NumberFormat.duration(seconds: 7) == "0:07")
    #expect(NumberFormat.duration(seconds: 3723) == "1:02:03")
    #expect(NumberFormat.duration(seconds: 183_600) == "2 d 3 h")
    #expect(NumberFormat.duration(seconds: .infinity) == "–")
    #expect(NumberFormat.fixed(-0.0001, decimals: 2) == "0.00", "no negative zero")
    #expect(NumberFormat.scientific(9.9999e-5, digits: 2) == "1e-4")
  }

  @Test(
    "Sizes in tables and pages have a decimal where they are small",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (42_149, "42.1 kB"), (99_960, "100 kB"), (999_600, "1.0 MB"),
      (17_300_000, "17.3 MB"), (4_200_000_000_000_000, "4200 TB"),
    ])
  func sizes(bytes: Int, text: String) { #expect(NumberFormat.size(bytes) == text) }

  @Test(
    "A time span in words", arguments: [(41.34, "41.3 s"), (725, "12 min 5 s"), (11_220, "3 h 7 min"), (.nan, "–")])
  func spans(seconds: Double, text: String) { #expect(NumberFormat.span(seconds: seconds) == text) }

  @Test("What comes of a download is counted in the unit of the whole")
  func units() {
    let unit = ByteUnit(of: 9_912_422)
    #expect(unit.number(4_512_000) == "4.5" && unit.text(9_912_422) == "9.9 MB")
    #expect(ByteUnit(of: 999).text(12) == "12 B")
  }
}
