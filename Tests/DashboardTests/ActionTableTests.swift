import Dashboard
import EngineProtocol
import Foundation
import TerminalUI
import Testing

@Suite struct ActionTableTests {
  private static let contexts: [ActionContext] = [.launcher, .live, .sweep]

  @Test func everyActionStandsInTheTableOnce() {
    let actions = ActionTable.all.map(\.action)
    #expect(Set(actions).count == actions.count && actions.count > 50)
    for view in LiveViews.all {
      #expect(([view.tab.action] + view.actions.map(\.action)).allSatisfy(actions.contains), "\(view)")
    }
  }

  @Test(arguments: contexts)
  func noKeyMeansTwoThings(_ context: ActionContext) {
    var owners: [Key: Action] = [:]
    for definition in ActionTable.all where definition.context.contains(context) {
      for key in definition.keys {
        #expect(owners[key] == nil, "\(key.label) is \(definition.name) and \(owners[key]?.rawValue ?? "")")
        owners[key] = definition.action
      }
    }
  }

  @Test(arguments: ActionTable.all.map(\.action))
  func everyActionHasAKeyACommandAndHelp(_ action: Action) throws {
    let definition = ActionTable.definition(of: action)
    let map = KeyMap()
    for context in Self.contexts where definition.context.contains(context) {
      let key = try #require(map.keys(for: action).first)
      #expect(map.action(for: key, in: context, view: definition.view) == action)
      #expect(try CommandParser.parse(definition.name, in: context) == Invocation(action))
      #expect(try CommandParser.parse("\(definition.name)  a b ", in: context) == Invocation(action, "a b"))
    }
    #expect(!definition.help.isEmpty && definition.help.hasSuffix("."))
    #expect(!definition.title.isEmpty)
  }

  // The key of each action changes the state, the effects or the screen.
  @Test(arguments: ActionTable.all.filter { $0.context.contains(.live) }.map(\.action))
  func everyLiveActionDoesSomething(_ action: Action) throws {
    var harness = Harness.training(700)
    // A state in which each action has an effect.
    harness.press(.tab, .down, .right)
    harness.wait(1)
    harness.command("zoom-in")
    harness.command("cursor-right 300")
    if [.first, .last, .pageDown, .pageUp].contains(action) {
      for _ in 0..<60 { harness.engine.send(.pause(.lane("baseline"))) }
      harness.poll()
      harness.press(.character("4"))
      _ = harness.screen()
      if action == .last || action == .pageDown { harness.press(.home) }
    }
    if action == .lanes { harness.press(.character("2")) }
    if action == .resume { harness.engine.send(.pause(.all)) }
    if action == .redo { harness.press(.character("u")) }
    if action == .accept || action == .decline {
      let setting = HyperparameterSetting(.learningRate, .number(1e-4))
      let finding = HealthFinding(
        .plateau, lane: "binary", branch: 1, step: 9, epoch: 1, since: 1, figures: [], suggestion: setting)
      harness.engine.tell(.health(HealthReport(.warning, "it stands still", time: 0, finding: finding)))
      harness.poll()
    }
    // Of a screen's own keys most have a meaning only there.
    if let view = ActionTable.definition(of: action).view, ActionTable.definition(of: action).isLocal {
      harness.command(view.rawValue)
      // What the screen asked for is there.
      harness.poll()
    }
    harness.wait(10)
    let before = (harness.screen(), harness.effects.count, harness.engine.commands.count)
    let key = try #require(harness.dashboard.keyMap.keys(for: action).first)
    harness.press(key)
    harness.poll()
    let after = (harness.screen(), harness.effects.count, harness.engine.commands.count)
    #expect(before != after)
  }

  @Test(arguments: ActionTable.all.filter { $0.context.contains(.launcher) }.map(\.action))
  func everyLauncherActionDoesSomething(_ action: Action) throws {
    var harness = Harness.launcher
    if action != .down, action != .pageDown, action != .last { harness.press(.down, .down) }
    if [.increase, .decrease, .increaseMore, .decreaseMore, .back, .edit, .type].contains(action) {
      harness.press(.tab, .down)
    }
    if action == .toggle { harness.press(.tab, .end) }
    let before = (harness.screen(), harness.effects.count, harness.engine.commands.count)
    let key = try #require(harness.dashboard.keyMap.keys(for: action).first)
    harness.press(key)
    let after = (harness.screen(), harness.effects.count, harness.engine.commands.count)
    #expect(before != after)
  }

  @Test func aReboundKeyLosesItsFormerAction() {
    let map = KeyMap(rebound: [.freeze: [.character("p")]])
    #expect(map.action(for: .character("p"), in: .live) == .freeze)
    #expect(map.action(for: .character("f"), in: .live) == nil)
    #expect(map.keys(for: .pauseLane) == [])
    var settings = Settings()
    settings.keys = [.freeze: [.character("p")]]
    var harness = Harness(settings: settings)
    harness.engine.makeReady()
    harness.train(10)
    harness.press(.character("p"))
    #expect(harness.dashboard.live.frozen != nil)
  }

  @Test func thePageOfKeysIsThatOfTheTable() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appending(path: "Sources/signflip/signflip.docc/KeysAndCommands.md"), encoding: .utf8)
    #expect(page == ActionPage.markdown(KeyMap()), "signflip config keys prints the page")
    for definition in ActionTable.all { #expect(page.contains("`\(definition.usage.replacing("|", with: "\\|"))`")) }
  }
}
