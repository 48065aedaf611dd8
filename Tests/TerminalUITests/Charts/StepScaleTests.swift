import TerminalUI
import Testing

@Suite("Horizontal scales")
struct StepScaleTests {
  @Test("Steps and positions are inverse")
  func inverse() throws {
    let clock = try #require(
      StepClock([
        .init(step: 0, seconds: 100), .init(step: 640, seconds: 130), .init(step: 1280, seconds: 250),
      ]))
    for scale in [StepScale.linear, .logarithmic, .time(clock)] {
      for step in [2.0, 10, 639, 640, 641, 1280, 5000] {
        #expect(scale.step(at: scale.position(ofStep: step)) == step, "\(scale) at \(step)")
      }
    }
    // Steps 0 and 1 have the same position.
    #expect(
      StepScale.logarithmic.position(ofStep: 1) == 0 && StepScale.logarithmic.position(ofStep: 0) == 0
        && StepScale.logarithmic.step(at: 0) == 0)
    #expect(StepScale.logarithmic.position(ofStep: 1000) == 3)
  }

  @Test("A clock interpolates between its marks, and goes on at the last speed")
  func clock() throws {
    let clock = try #require(
      StepClock([.init(step: 0, seconds: 0), .init(step: 100, seconds: 10), .init(step: 200, seconds: 40)]))
    #expect(clock.seconds(atStep: 50) == 5 && clock.seconds(atStep: 150) == 25 && clock.seconds(atStep: 300) == 70)
    #expect(clock.step(atSeconds: 25) == 150 && clock.step(atSeconds: 70) == 300)
  }

  @Test("Marks that do not increase are ignored")
  func unordered() {
    #expect(StepClock([.init(step: 5, seconds: 1)]) == nil)
    #expect(StepClock([.init(step: 5, seconds: 1), .init(step: 5, seconds: 2), .init(step: 6, seconds: 1)]) == nil)
    let clock = StepClock([
      .init(step: 0, seconds: 0), .init(step: 10, seconds: .nan), .init(step: 10, seconds: 1),
      .init(step: 8, seconds: 3), .init(step: 20, seconds: 2),
    ])
    #expect(clock?.seconds(atStep: 15) == 1.5)
  }
}
