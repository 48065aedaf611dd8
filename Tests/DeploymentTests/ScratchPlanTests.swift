import Deployment
import Testing

/// Values share memory only if they are not needed at the same time.
@Suite struct ScratchPlanTests {
  private func overlaps(_ plan: ScratchPlan, _ values: [ScratchPlan.Value]) -> Bool {
    values.indices.contains { a in
      values.indices.contains { b in
        a < b && values[a].bytes > 0 && values[b].bytes > 0 && values[a].steps.overlaps(values[b].steps)
          && (plan.offsets[a]..<plan.offsets[a] + values[a].bytes).overlaps(
            plan.offsets[b]..<plan.offsets[b] + values[b].bytes)
      }
    }
  }

  @Test func aRowOfValuesNeedsTheTwoLargestNeighbours() {
    let values = [100, 40, 60, 20].enumerated().map { ScratchPlan.Value(bytes: $1, steps: $0...$0 + 1) }
    let plan = ScratchPlan(values)
    #expect(plan.bytes == 140)
    #expect(!overlaps(plan, values))
  }

  @Test func placesAreAligned() {
    let values = [1, 3, 5, 7].map { ScratchPlan.Value(bytes: $0, steps: 0...1) }
    let plan = ScratchPlan(values)
    #expect(plan.offsets.allSatisfy { $0.isMultiple(of: ScratchPlan.alignment) })
    #expect(plan.bytes == 4 + 4 + 8 + 8)
  }

  @Test func nothingNeedsNothing() { #expect(ScratchPlan([]).bytes == 0) }

  @Test(arguments: 0..<50) func valuesOfOneTimeDoNotOverlap(seed: Int) {
    var draws = Draws(seed: UInt64(seed))
    let values = (0..<20).map { _ in
      let first = Int(draws.next(0...15.9))
      return ScratchPlan.Value(
        bytes: Int(draws.next(0...300)), steps: first...first + Int(draws.next(0...5.9)))
    }
    let plan = ScratchPlan(values)
    #expect(!overlaps(plan, values))
    let least =
      (0..<22).map { step in values.filter { $0.steps.contains(step) }.reduce(0) { $0 + $1.bytes } }.max() ?? 0
    let most = values.reduce(0) { $0 + ($1.bytes + 3) / 4 * 4 }
    #expect((least...most).contains(plan.bytes))
  }
}
