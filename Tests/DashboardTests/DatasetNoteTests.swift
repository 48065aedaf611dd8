import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// Notes of the reader of a data set are shown on the screen.
@Suite struct DatasetNoteTests {
  private static let notes = ["ignored files .tif: 40, such as train/a/1.tif", "12 images of 16 bits"]

  private func harness(_ notes: [String]?) -> Harness {
    var fixture = Fixture.pair
    fixture.run.notes = notes
    return Harness.training(60, fixture)
  }

  @Test func theJournalHasEveryNote() {
    var harness = harness(Self.notes)
    #expect(harness.screen(120, 40).contains("2 notes in the journal"))
    harness.press(.character("4"))
    let journal = harness.screen(120, 40)
    for note in Self.notes { #expect(journal.contains("fashion-mnist: \(note)")) }
  }

  @Test func whereThereIsNoneNothingIsSaid() {
    var harness = harness(nil)
    #expect(!harness.screen(120, 40).contains("in the journal"))
    harness.press(.character("4"))
    #expect(!harness.screen(120, 40).contains("ignored"))
  }

  @Test(arguments: [[notes[0]], notes])
  func theMessageLineTellsTheFirst(notes: [String]) {
    var fixture = Fixture.pair
    fixture.run.notes = notes
    var harness = Harness(fixture)
    harness.engine.makeReady()
    harness.train(1)
    let screen = harness.screen(140, 40)
    #expect(screen.contains(notes[0]))
    #expect(screen.contains("2 notes on the data set are in the journal") == (notes.count == 2))
  }
}
