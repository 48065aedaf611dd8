/// What the horizontal axis counts.
package struct StepUnit: Hashable, Sendable {
  /// The unit's name, at the axis' end.
  package var name: String
  /// How many steps one unit has.
  package var stepsPerUnit: Double

  /// A unit of so many steps.
  package init(name: String, stepsPerUnit: Double) {
    self.name = name
    self.stepsPerUnit = stepsPerUnit > 0 ? stepsPerUnit : 1
  }

  /// Steps themselves.
  package static let steps = StepUnit(name: "step", stepsPerUnit: 1)

  /// Epochs of so many steps.
  package static func epochs(stepsPerEpoch: Int) -> StepUnit {
    StepUnit(name: "epoch", stepsPerUnit: Double(stepsPerEpoch))
  }

  /// A place on the axis, as a read-out shows it: `step 1,284`, `epoch 2.57`.
  package func text(step: Int) -> String {
    guard stepsPerUnit != 1 else { return "\(name) \(NumberFormat.grouped(step))" }
    return "\(name) \(NumberFormat.fixed(Double(step) / stepsPerUnit, decimals: 2))"
  }
}
