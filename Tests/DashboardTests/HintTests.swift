import Dashboard
import EngineProtocol
import TerminalUI
import Testing

/// Each hint at the foot of the screen names a key that has an effect.
@Suite struct HintTests {
  enum Standing: CaseIterable {
    case preparing, training, paused, oneFailed, finished, recording, lost, silent, one, launcher, missing
  }

  private func harness(_ standing: Standing) -> Harness {
    var harness = standing == .one ? Harness(Fixture(laneCount: 1)) : Harness(isRecording: standing == .recording)
    if standing == .preparing { return harness }
    if standing == .launcher || standing == .missing {
      harness = .launcher
      if standing == .missing { harness.press(.down) }
      return harness
    }
    harness.engine.makeReady()
    harness.train(540)
    harness.engine.checkpoint()
    harness.train(100)
    switch standing {
    case .paused: harness.press(.character(" "))
    case .oneFailed: harness.engine.fail("binary", "loss is NaN")
    case .finished, .recording: harness.train(6000)
    case .lost: harness.engine.lose("signal 9")
    default: break
    }
    harness.wait(1)
    if standing == .silent { harness.dashboard.hear(silence: 8) }
    return harness
  }

  @Test(arguments: Standing.allCases, ["1", "2", "3", "4"] as [Character])
  func everyHintDoesSomething(_ standing: Standing, _ screen: Character) throws {
    var first = harness(standing)
    first.press(.character(screen))
    _ = first.screen(200, 60)
    let actions = Set(first.dashboard.hintedActions)
    #expect(actions.contains(.help) && actions.contains(.quit))
    for action in actions {
      // A new state for each key, so that keys do not influence each other.
      var harness = harness(standing)
      harness.press(.character(screen))
      (harness.width, harness.height) = (200, 60)
      harness.wait(20)
      if standing == .silent { harness.dashboard.hear(silence: 28) }
      let before = (harness.screen(), harness.effects.count, harness.engine.commands.count)
      harness.press(try #require(harness.dashboard.keyMap.keys(for: action).first))
      let after = (harness.screen(), harness.effects.count, harness.engine.commands.count)
      #expect(before != after, "\(action) on screen \(screen), \(standing)")
      if standing == .recording || standing == .lost || standing == .silent {
        #expect(!ActionTable.definition(of: action).needsEngine, "\(action) on screen \(screen), \(standing)")
      }
    }
  }

  @Test func undoIsHintedOnlyWhereThereIsSomethingToUndo() {
    var harness = Harness.training(100)
    #expect(!harness.dashboard.hintedActions.contains(.undo))
    harness.command("set binary.learningRate 1e-4")
    #expect(harness.dashboard.hintedActions.contains(.undo) && !harness.dashboard.hintedActions.contains(.redo))
    harness.press(.character("u"))
    harness.poll()
    #expect(!harness.dashboard.hintedActions.contains(.undo) && harness.dashboard.hintedActions.contains(.redo))
  }

  @Test func theHelpDimsWhatDoesNothingHere() {
    var harness = Harness(isRecording: true)
    harness.engine.makeReady()
    harness.train(50)
    harness.press(.character("?"))
    harness.type("one update")
    let frame = harness.dashboard.render(width: 120, height: 40)
    // “s” comes before “:step”.
    let place = (0..<40).lazy.flatMap { y in (0..<110).map { (x: $0, y: y) } }
      .first {
        frame[$0.x, $0.y].glyph == ":" && frame[$0.x + 1, $0.y].glyph == "s" && frame[$0.x + 2, $0.y].glyph == "t"
      }
    #expect(place.map { frame[$0.x, $0.y].style.foreground } == Theme.standard[.faint])
  }
}
