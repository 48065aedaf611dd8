import Testing
import TrainingMetrics

@Suite("Text that is shown")
struct PrintableTests {
  @Test("control characters and marks of direction become visible, and stay apart")
  func escapes() {
    #expect("a\u{1B}[2J\u{7}\u{9B}b".printable == "a\\u{1B}[2J\\u{7}\\u{9B}b")
    #expect("x\u{202E}y\u{2066}z\u{61C}\u{200F}".printable == "x\\u{202E}y\\u{2066}z\\u{61C}\\u{200F}")
    #expect("one\ntwo\tthree\r".printable == "one\ntwo\\tthree\\r")
    #expect("one\ntwo\u{2028}three\u{85}".printableLine == "one\\ntwo\\u{2028}three\\u{85}")
  }

  @Test("what only looks unusual stays as it is", arguments: ["café", "cafe\u{301}", "猫", "👩‍👩‍👧", "קוב", "", "a b"])
  func others(text: String) {
    #expect(Array(text.printableLine.utf8) == Array(text.utf8))
  }

  @Test("every scalar that is escaped is escaped, and no other")
  func all() {
    for value in UInt32(0)..<0x3000 {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isControl = scalar.properties.generalCategory == .control
      let turns = scalar.properties.isBidiControl
      let separates = [.lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
      #expect((isControl || turns || separates) == scalar.isUnprintable, "U+\(String(value, radix: 16))")
    }
  }
}
