import EngineProtocol
import Testing

@Suite struct WordTests {
  @Test(arguments: [
    ("adma", "adam"), ("ADAM", "adam"), ("ada", "adam"), ("sdg", "sgd"), ("shift", "shiftAdaMax"),
    ("adamax", "adaMax"), ("shiftadamx", "shiftAdaMax"),
  ])
  func theNearestNameIsFound(word: String, expected: String) {
    #expect(NearestName.of(word, among: ["sgd", "adam", "adaMax", "shiftAdaMax", "bop"]) == expected)
  }

  @Test(arguments: ["", "x", "zzz", "lion", String(repeating: "adam", count: 40)])
  func whatIsFarFromAllHasNone(word: String) {
    #expect(NearestName.of(word, among: ["sgd", "adam", "adaMax", "shiftAdaMax", "bop"]) == nil)
    #expect(NearestName.question(word, among: ["sgd", "adam", "bop"]) == "")
  }

  @Test(
    arguments: [
      ("5", 5), ("5.0", 5), ("1e3", 1000), ("+7", 7), ("-2", -2), ("0.5", nil), ("1e400", nil), ("inf", nil),
      ("nan", nil),
      ("9223372036854775807", .max), ("9223372036854775808", nil), ("9.3e15", nil), (" 5", nil), ("5 ", nil), ("", nil),
      ("five", nil),
    ] as [(String, Int?)])
  func wholeNumbersMayHaveAPoint(text: String, expected: Int?) { #expect(WrittenNumber.whole(text) == expected) }

  @Test(
    arguments: [
      ("0", 0), ("18446744073709551615", .max), ("18446744073709551616", nil), ("-1", nil), ("1e3", 1000), ("-0.0", 0),
      ("1.8446744073709552e19", nil), ("0.25", nil),
    ] as [(String, UInt64?)])
  func seedsAreWholeNumbersOf64Bits(text: String, expected: UInt64?) {
    #expect(WrittenNumber.unsigned(text) == expected)
  }

  @Test func numbersAreWrittenShortestAndReadBack() {
    #expect(WrittenNumber.text(20.0) == "20")
    #expect(WrittenNumber.text(Float(0.1)) == "0.1")
    #expect(WrittenNumber.text(1e-4) == "0.0001")
    var bits: UInt64 = 0x1234_5678_9ABC_DEF1
    for _ in 0..<2000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Double(bitPattern: bits)
      if number.isFinite { #expect(WrittenNumber.decimal(WrittenNumber.text(number)) == number) }
      let float = Float(bitPattern: UInt32(bits >> 32))
      if float.isFinite { #expect(WrittenNumber.decimal(WrittenNumber.text(float)).map { Float($0) } == float) }
    }
  }
}
