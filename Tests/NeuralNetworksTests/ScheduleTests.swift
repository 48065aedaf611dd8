import Foundation
import NeuralNetworks
import Testing

@Suite("Schedules")
struct ScheduleTests {
  private func expect(
    _ schedule: Schedule, atEpoch epoch: Double, is rate: Double, _ location: SourceLocation = #_sourceLocation
  ) {
    let found = schedule.rate(atEpoch: epoch, of: 10)
    #expect(abs(found - rate) <= 1e-12 + 1e-9 * abs(rate), "\(found), not \(rate)", sourceLocation: location)
  }

  @Test("a constant rate stays")
  func constant() {
    let schedule = Schedule(kind: .constant, rate: 0.1)
    for epoch in [0, 0.5, 9.99, 10] { expect(schedule, atEpoch: epoch, is: 0.1) }
  }

  @Test("an exponential course falls after each epoch, to its end")
  func exponential() {
    let schedule = Schedule(kind: .exponential, rate: 1, finalRate: 1e-5)
    expect(schedule, atEpoch: 0, is: 1)
    expect(schedule, atEpoch: 0.99, is: 1)
    expect(schedule, atEpoch: 1, is: pow(10, -0.5))
    expect(schedule, atEpoch: 4.5, is: 1e-2)
    expect(schedule, atEpoch: 10, is: 1e-5)
    expect(schedule, atEpoch: 12, is: 1e-5)
  }

  @Test("a step course falls after every so many epochs")
  func step() {
    let schedule = Schedule(kind: .step, rate: 1, factor: 0.5, stepEpochs: 3)
    for (epoch, rate) in [(0, 1), (2.9, 1), (3, 0.5), (5.9, 0.5), (6, 0.25), (9, 0.125)] {
      expect(schedule, atEpoch: epoch, is: rate)
    }
  }

  @Test("a cosine course falls at every step, to its end")
  func cosine() {
    let schedule = Schedule(kind: .cosine, rate: 1, finalRate: 0.2)
    expect(schedule, atEpoch: 0, is: 1)
    expect(schedule, atEpoch: 5, is: 0.6)
    expect(schedule, atEpoch: 2.5, is: 0.2 + 0.4 * (1 + cos(.pi / 4)))
    expect(schedule, atEpoch: 10, is: 0.2)
    expect(schedule, atEpoch: 11, is: 0.2)
  }

  @Test("a warm-up rises in proportion to the way done, from above zero")
  func warmUp() {
    let schedule = Schedule(kind: .constant, rate: 0.4, warmUpEpochs: 2)
    expect(schedule, atEpoch: 0.5, is: 0.1)
    expect(schedule, atEpoch: 1, is: 0.2)
    expect(schedule, atEpoch: 2, is: 0.4)
    expect(schedule, atEpoch: 7, is: 0.4)
    #expect(schedule.rate(atEpoch: 0, of: 10) > 0)
  }

  @Test(
    "a rate set in mid-course holds there, and the course goes on to the same end",
    arguments: Schedule.Kind.allCases, [0, 0.25, 4, 4.75] as [Double])
  func setRate(kind: Schedule.Kind, epoch: Double) {
    for warmUp in [0, 2] as [Double] {
      var schedule = Schedule(
        kind: kind, rate: 1, finalRate: 0.01, factor: 0.5, stepEpochs: 4, warmUpEpochs: warmUp)
      schedule.setRate(0.3, atEpoch: epoch)
      expect(schedule, atEpoch: epoch, is: 0.3)
      switch kind {
      case .constant: expect(schedule, atEpoch: 10, is: 0.3)
      case .step: expect(schedule, atEpoch: 9, is: 0.3 * (epoch < 4 ? 0.25 : 0.5))
      case .exponential, .cosine: expect(schedule, atEpoch: 10, is: 0.01)
      }
    }
  }

  @Test("an exponential course without an end above zero stays where it is")
  func degenerate() {
    expect(Schedule(kind: .exponential, rate: 0.1, finalRate: 0), atEpoch: 5, is: 0.1)
    expect(Schedule(kind: .exponential, rate: 0, finalRate: 0.1), atEpoch: 5, is: 0)
  }
}
