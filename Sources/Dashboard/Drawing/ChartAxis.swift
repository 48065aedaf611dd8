import EngineProtocol
import Foundation
package import TerminalUI

/// The horizontal axis of the lanes' charts. All lanes have the same visible range, so that they can be compared.
package struct ChartAxis: Sendable {
  private let axis: ChartView.Axis
  private let steps: ClosedRange<Double>
  // The times of each lane's steps, on an axis of times.
  private let clocks: [StepClock]
  // Covers the visible steps of all lanes, on an axis of times.
  private let positions: ClosedRange<Double>?

  /// The axis of lanes with these visible steps.
  init(_ axis: ChartView.Axis, _ lanes: [LaneModel], steps: ClosedRange<Double>) {
    self.axis = axis
    self.steps = steps
    switch axis {
    case .epochs, .steps, .log: (clocks, positions) = ([], nil)
    case .time, .clock:
      let clocks = lanes.map { $0.clock(isTimeOfDay: axis == .clock) }
      self.clocks = clocks
      let low = clocks.map { $0.seconds(atStep: steps.lowerBound) }.min() ?? 0
      let high = clocks.map { $0.seconds(atStep: steps.upperBound) }.max() ?? 1
      positions = low...max(low + 1e-3, high)
    }
  }

  /// Gives a chart of a lane this axis.
  func apply(to chart: inout LineChart, lane index: Int, _ lane: LaneModel) {
    chart.steps = steps
    chart.positions = positions
    chart.xUnit = unit(lane)
    switch axis {
    case .epochs, .steps: chart.xScale = .linear
    case .log: chart.xScale = .logarithmic
    case .time, .clock: if let clock = clock(ofLane: index) { chart.xScale = .time(clock) }
    }
  }

  /// The times of a lane's steps; nil unless the axis shows times.
  package func clock(ofLane index: Int) -> StepClock? { clocks.indices.contains(index) ? clocks[index] : nil }

  private func unit(_ lane: LaneModel) -> StepUnit {
    switch axis {
    case .epochs, .steps, .log: lane.stepUnit(axis)
    case .time: .duration
    case .clock:
      .clock(
        offset: Double(
          TimeZone.current.secondsFromGMT(for: Date(timeIntervalSince1970: lane.reports.last?.time ?? 0))))
    }
  }
}

extension LaneModel {
  /// The times of this lane's steps: those at the ends of epochs, and interpolated ones. Before the end of the first
  /// epoch they follow from the newest snapshot.
  /// - Parameter isTimeOfDay: whether times are seconds since 1970 instead of seconds of work.
  package func clock(isTimeOfDay: Bool) -> StepClock {
    var marks = reports.compactMap { report in
      (isTimeOfDay ? report.time : report.seconds).map { StepClock.Mark(step: Double(report.step), seconds: $0) }
    }
    let start = marks.first ?? StepClock.Mark(step: 0, seconds: 0)
    if marks.count < 2, let snapshot, Double(snapshot.step) > start.step {
      let worked = snapshot.seconds - (reports.first?.seconds ?? 0)
      marks = [start, StepClock.Mark(step: Double(snapshot.step), seconds: start.seconds + max(1e-3, worked))]
    }
    return StepClock(marks) ?? .unknown(from: start)
  }
}

extension StepClock {
  /// A second per thousand steps, while nothing is known.
  fileprivate static func unknown(from start: Mark) -> StepClock {
    guard let clock = StepClock([start, Mark(step: start.step + 1000, seconds: start.seconds + 1)]) else {
      preconditionFailure("two ascending marks are a clock")
    }
    return clock
  }
}
