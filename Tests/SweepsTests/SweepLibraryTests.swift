import Sweeps
import Testing
import Training

/// The built-in sweeps.
@Suite struct SweepLibraryTests {
  @Test(arguments: SweepLibrary.names) func everySweepCanBeTrained(name: String) throws {
    let text = try SweepLibrary.text(of: name)
    let sweep = try SweepReader(beside: name, environment: [:]).read(text)
    try sweep.check(sweep.trials(), environment: [:])
    #expect(sweep.name == name)
    // One run is an anecdote.
    #expect(sweep.seeds.count >= 3)
    #expect(text.hasPrefix("# "))
    for words in [sweep.experiment.summary, sweep.experiment.expectedResult, sweep.experiment.cost] {
      #expect(!words.isEmpty)
    }
  }

  @Test func anUnknownNameIsAnsweredWithTheNearest() {
    #expect(throws: ExperimentError.self) { try SweepLibrary.text(ofFileOrName: "width-bit") }
    do {
      _ = try SweepLibrary.text(ofFileOrName: "width-bit")
    } catch {
      #expect("\(error)".contains("did you mean “width-bits”?"), "\(error)")
    }
  }
}
