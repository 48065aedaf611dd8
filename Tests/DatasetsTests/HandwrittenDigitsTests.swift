import Datasets
import Tensors
import Testing

@Suite("The built-in digits")
struct HandwrittenDigitsTests {
  /// FNV-1a over bytes.
  private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  @Test("a seed gives the same images on every machine")
  func pinned() {
    let images = HandwrittenDigits(seed: 1).images(of: .training, in: 0..<200)
    #expect(images.labels.prefix(12) == [4, 4, 0, 7, 7, 0, 3, 6, 3, 6, 8, 3])
    #expect(Self.checksum(images.pixels) == 4_843_126_532_042_117_577)
    #expect(
      Self.checksum(HandwrittenDigits(seed: 1).images(of: .test, in: 9_900..<10_000).pixels)
        == 5_160_102_487_313_835_378)
  }

  @Test("an image depends on its index alone, not on how many are drawn")
  func independence() {
    let dataset = HandwrittenDigits(seed: 3).dataset(trainingCount: 600, testCount: 20)
    #expect(dataset.training.count == 600)
    #expect(dataset.test.count == 20)
    let some = HandwrittenDigits(seed: 3).images(of: .training, in: 480..<520)
    #expect(dataset.training.pixels[480 * 784..<520 * 784] == [UInt8](some.pixels))
    #expect([UInt8](dataset.training.labels[480..<520]) == some.labels)
  }

  @Test("seeds and parts differ")
  func differences() {
    let first = HandwrittenDigits(seed: 1)
    let parts = [
      first.images(of: .training, in: 0..<10), first.images(of: .test, in: 0..<10),
      HandwrittenDigits(seed: 2).images(of: .training, in: 0..<10),
    ]
    #expect(Set(parts).count == 3)
  }

  @Test("every digit comes about as often, none is blank, none fills the image")
  func plausible() {
    let images = HandwrittenDigits(seed: 1).images(of: .training, in: 0..<1_000)
    for label in UInt8(0)..<10 {
      // Standard deviation of a count: 9.5; four of them.
      #expect(abs(images.labels.count { $0 == label } - 100) < 38)
    }
    for start in stride(from: 0, to: images.pixels.count, by: 784) {
      let ink = images.pixels[start..<start + 784].count { $0 > 100 }
      #expect((10...350).contains(ink))
    }
  }

  @Test("is 28 × 28 grey in ten classes, and says how far it is")
  func shape() {
    var messages: [String] = []
    let dataset = HandwrittenDigits(seed: 1).dataset(trainingCount: 75, testCount: 25) { messages.append($0) }
    #expect(dataset.name == "digits")
    #expect(dataset.origin == "built in")
    #expect(dataset.classes == (0...9).map(String.init))
    #expect(dataset.training.featureCount == 784)
    #expect(messages == ["generating digits: 75 %", "generating digits: 100 %"])
    #expect(HandwrittenDigits.Part.training.standardCount == 60_000)
    #expect(HandwrittenDigits.Part.test.standardCount == 10_000)
  }

  @Test("a linear classifier learns them, but stays under 93 %")
  func linearClassifier() {
    let dataset = HandwrittenDigits(seed: 1).dataset(trainingCount: 3_000, testCount: 1_000)
    var classifier = SoftmaxRegression()
    for epoch in 0..<4 { classifier.train(on: dataset.training, learningRate: 0.02 / Float(1 + epoch)) }
    let accuracy = classifier.accuracy(on: dataset.test)
    #expect(accuracy > 0.7)
    #expect(accuracy < 0.93)
    // The classifier is not saturated: it is better on its training images.
    #expect(classifier.accuracy(on: dataset.training) < 0.97)
  }
}
