import EngineProtocol
import Foundation
import Sweeps
import Testing

/// The variance that a parameter explains, against NumPy and by hand.
@Suite struct ParameterImportanceTests {
  private struct Expected: Decodable {
    struct Parameter: Decodable {
      var values: [String]
      var isNumeric: Bool
      var share: Double
      var groups: Int
    }

    var objective: [Double]
    var parameters: [String: Parameter]
  }

  @Test func sharesAreThoseOfNumPy() throws {
    let file = try #require(Bundle.module.url(forResource: "Fixtures/importance", withExtension: "json"))
    let expected = try JSONDecoder().decode(Expected.self, from: Data(contentsOf: file))
    for (name, parameter) in expected.parameters {
      let found = ParameterImportance.share(
        of: parameter.values, isNumeric: parameter.isNumeric, objective: expected.objective)
      #expect(abs(try #require(found.share) - parameter.share) < 1e-12, "\(name)")
      #expect(found.groups == parameter.groups, "\(name)")
    }
  }

  @Test func groupsThatDifferInNothingElseExplainEverything() {
    let found = ParameterImportance.share(of: ["a", "a", "b", "b"], isNumeric: false, objective: [1, 1, 3, 3])
    #expect(found.share == 1 && found.groups == 2)
  }

  @Test func theShareIsCorrectedForTheNumberOfGroups() throws {
    // η² = 1 - 4/5, ε² = 1 - 4/5 · 3/2.
    let found = ParameterImportance.share(of: ["a", "b", "a", "b"], isNumeric: false, objective: [0, 1, 2, 3])
    #expect(abs(try #require(found.share) - (1 - 0.8 * 1.5)) < 1e-12)
  }

  @Test func whereAParameterDoesNotApplyIsAGroup() throws {
    let found = ParameterImportance.share(of: ["0.5", nil, "0.5", nil], isNumeric: true, objective: [1, 5, 1, 5])
    #expect(found.share == 1 && found.groups == 2)
  }

  @Test(
    arguments: [
      (["a", "b"], [1, 2]), (["a", "a"], [1, 2]), (["a", "a", "b"], [1, 1, 1]), ([], []),
    ] as [([String], [Double])])
  func tooLittleToTell(_ values: [String], _ objective: [Double]) {
    #expect(ParameterImportance.share(of: values, isNumeric: false, objective: objective).share == nil)
  }
}
