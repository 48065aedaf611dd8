package import EngineProtocol
package import TerminalUI
import TrainingMetrics

/// A confirmation of something that cannot be undone.
package struct Question: Overlay {
  /// The subject of the question.
  package enum Subject: Hashable, Sendable {
    /// Quit during training.
    case quit
    /// Stop lanes.
    case stop(LaneSelection)
    /// Rewind a lane to a checkpoint; `list` reopens if the answer is no.
    case rewind(Checkpoint, list: CheckpointList?)
    /// Stop a trial of a sweep.
    case trial(Int)
    /// What a view has asked; yes sends the command.
    case view(EngineCommand)
  }

  /// An answer.
  package enum Answer: String, Hashable, Sendable {
    /// Proceed.
    case yes
    /// Leave, and let the lanes continue.
    case leave
    /// Cancel.
    case no
  }

  /// An answer with its keys, of which the first is displayed, and its title.
  package struct Choice: Hashable, Sendable {
    /// The answer.
    package var answer: Answer
    /// Its keys.
    package var keys: [Key]
    /// Its title.
    package var title: String
  }

  /// The subject.
  package var subject: Subject
  /// The question.
  package var question: String
  /// The consequences of the answers.
  package var explanation: String
  /// The answers.
  package var choices: [Choice]
  /// The answer of the enter key: initially the harmless one, changed with the arrow keys.
  package private(set) var chosen: Answer

  /// Returns the answer of a key; nil if it has none.
  package func answer(for key: Key) -> Answer? {
    if key == .enter { return chosen }
    if case .character(let character) = key {
      return choices.first { $0.keys.contains(.character(Character(character.lowercased()))) }?.answer
    }
    return choices.first { $0.keys.contains(key) }?.answer
  }

  /// Selects the next or previous answer with an arrow key or tab.
  /// - Returns: whether the key is one of these.
  mutating func choose(by key: Key) -> Bool {
    let distance: Int
    switch key {
    case .right, .down, .tab: distance = 1
    case .left, .up, .backTab: distance = -1
    default: return false
    }
    let place = choices.firstIndex { $0.answer == chosen } ?? 0
    chosen = choices[(place + distance + choices.count) % choices.count].answer
    return true
  }

  private static let yesAndNo = [
    Choice(answer: .yes, keys: [.character("y")], title: "yes"),
    Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "no"),
  ]
  private static let stay = Choice(answer: .no, keys: [.character("n"), .character("q"), .escape], title: "stay")

  /// The state of a training that the user wants to leave.
  enum Course: Hashable, Sendable {
    case preparing, training, paused
    /// The engine does not answer.
    case unknown

    fileprivate var question: String {
      switch self {
      case .preparing: "Leave before the lanes start?"
      case .training: "Leave while lanes are training?"
      case .paused: "Leave while the lanes are paused?"
      case .unknown: "Leave? The engine does not answer."
      }
    }

    fileprivate var explanation: String {
      switch self {
      case .preparing: "They can start without this screen; signflip attach reopens it."
      case .training: "They can train without this screen; signflip attach reopens it."
      case .paused: "They can stay paused without this screen; signflip attach reopens it."
      case .unknown: "Nothing can be stopped from here now. signflip attach reopens this screen when it answers again."
      }
    }

    fileprivate var title: String {
      switch self {
      case .preparing, .unknown: "leave"
      case .training: "leave it training"
      case .paused: "leave it paused"
      }
    }
  }

  /// Asks whether to leave a training.
  /// - Parameters:
  ///   - course: the state of the training.
  ///   - canLeave: whether the lanes can continue without the dashboard.
  static func quit(_ course: Course, canLeave: Bool) -> Question {
    let stop = Choice(answer: .yes, keys: [.character("s")], title: "stop it")
    if canLeave || course == .unknown {
      return Question(
        subject: .quit, question: course.question, explanation: course.explanation,
        choices: [Choice(answer: .leave, keys: [.character("l")], title: course.title)]
          + (course == .unknown ? [] : [stop]) + [stay],
        chosen: .leave)
    }
    return Question(
      subject: .quit, question: course.question,
      explanation: "The lanes stop immediately; a summary shows their results.",
      choices: [Choice(answer: .yes, keys: [.character("s"), .character("y")], title: "stop and leave"), stay],
      chosen: .no)
  }

  static func stop(_ selection: LaneSelection) -> Question {
    let what = if case .lane(let name) = selection { name } else { "all lanes" }
    return Question(
      subject: .stop(selection), question: "Stop \(what)?",
      explanation: "Training stops here; the best weights are kept and tested.", choices: yesAndNo,
      chosen: .no)
  }

  static func rewind(_ checkpoint: Checkpoint, list: CheckpointList?) -> Question {
    Question(
      subject: .rewind(checkpoint, list: list),
      question: "Rewind \(checkpoint.lane) to step \(NumberFormat.grouped(checkpoint.step))?",
      explanation: "Later steps remain visible as a ghost curve.", choices: yesAndNo, chosen: .no)
  }

  /// A question of a view.
  static func view(_ question: String, _ explanation: String, _ command: EngineCommand) -> Question {
    Question(
      subject: .view(command), question: question, explanation: explanation, choices: yesAndNo, chosen: .no)
  }

  /// Asks whether to stop a trial of a sweep.
  static func stop(_ trial: SweepSnapshot.Trial) -> Question {
    let explanation =
      trial.state == .training
      ? "Its training stops here; the best weights are kept and tested." : "It will not be trained any further."
    return Question(
      subject: .trial(trial.number), question: "Stop trial \(trial.number)?", explanation: explanation,
      choices: yesAndNo, chosen: .no)
  }

  // MARK: Events

  package mutating func take(_ key: Key, _ dashboard: inout Dashboard) -> OverlayFate {
    if choose(by: key) { return .stays }
    guard let answer = answer(for: key) else { return .stays }
    return give(answer, &dashboard)
  }

  package mutating func take(
    _ mouse: MouseEvent, on target: HitMap.Target?, _ dashboard: inout Dashboard
  ) -> OverlayFate {
    guard mouse.kind == .press, case .row(let place) = target, choices.indices.contains(place) else { return .stays }
    return give(choices[place].answer, &dashboard)
  }

  // A second Ctrl-C at the question whether to leave selects the answer that stops nothing, if there is one.
  package mutating func cancel(_ dashboard: inout Dashboard) -> OverlayFate {
    guard subject == .quit else { return give(.no, &dashboard) }
    dashboard.end(leavingTraining: dashboard.canLeave)
    return .closes
  }

  private func give(_ answer: Answer, _ dashboard: inout Dashboard) -> OverlayFate {
    switch (subject, answer) {
    case (.quit, .leave): dashboard.end(leavingTraining: true)
    case (.quit, .yes): dashboard.end()
    case (.stop(let selection), .yes): dashboard.send(.stop(selection))
    case (.rewind(let checkpoint, _), .yes):
      dashboard.send(.rewind(lane: checkpoint.lane, branch: checkpoint.branch, step: checkpoint.step))
    case (.rewind(_, let list), .no): if let list { dashboard.open(list) }
    case (.view(let command), .yes): dashboard.send(command)
    case (.trial(let number), .yes): dashboard.effects.append(.sweep(.stop(trial: number)))
    case (.quit, .no), (.stop, .no), (.stop, .leave), (.rewind, .leave), (.view, .no), (.view, .leave), (.trial, .no),
      (.trial, .leave):
      break
    }
    return .closes
  }

  package var isAboutEngine: Bool { if case .trial = subject { false } else { true } }
  package var isAboutTraining: Bool {
    switch subject {
    case .quit, .stop: true
    case .rewind, .view, .trial: false
    }
  }

  package func hints(_ dashboard: Dashboard) -> [Footer.Hint] {
    let chosen = choices.filter { $0.answer == self.chosen }.map { Footer.Hint.key(.enter, $0.title) }
    let others = choices.filter { $0.answer != self.chosen }
    return chosen + others.compactMap { choice in choice.keys.first.map { .key($0, choice.title) } }
      + [Footer.Hint(keys: Key.left.label + Key.right.label, title: "choose")]
  }

  // MARK: Drawing

  package mutating func draw(on painter: inout Painter, _ dashboard: Dashboard) {
    let bounds = painter.frame.bounds
    let answers = choices.reduce(-Self.gap) { $0 + Self.markWidth + displayWidth(label($1)) + Self.gap }
    let wanted = max(displayWidth(explanation), displayWidth(question), answers)
    let boxWidth = min(bounds.width, wanted + 6)
    let lines = TextWrap.lines(explanation, width: max(1, boxWidth - 4))
    let answerRows = answers <= boxWidth - 4 ? 1 : choices.count
    let isRoomy = bounds.height >= lines.count + answerRows + 6
    let area = OverlayBox.draw(
      title: question, width: boxWidth, height: lines.count + answerRows + (isRoomy ? 5 : 2), on: &painter)
    guard !area.isEmpty else { return }
    var y = area.y + (isRoomy ? 1 : 0)
    // On the smallest screens only the question and its answers are shown.
    if area.height < lines.count + answerRows || area.height == painter.frame.height {
      painter.text(question, x: area.x, y: area.y, .strong, .bold, maxWidth: area.width)
      y = area.y + 1
    } else {
      for line in lines {
        painter.text(line, x: area.x, y: y, maxWidth: area.width)
        y += 1
      }
      if isRoomy { y += 1 }
    }
    // Side by side if they fit, otherwise one per row as far as there are rows.
    var x = area.x
    for (index, choice) in choices.enumerated() where y < area.maxY {
      let isChosen = choice.answer == chosen
      let width = Self.markWidth + displayWidth(label(choice))
      let place = Rect(x: x, y: y, width: min(width, area.maxX - x), height: 1)
      if isChosen { painter.fill(place, .selection) }
      painter.on(isChosen ? .selection : painter.ground) { painter in
        let mark = isChosen ? "\(painter.glyphs.selected) " : "  "
        let pieces = [
          painter.piece(mark, .accent), painter.piece(choice.keys.first?.label ?? "", .accent, .bold),
          painter.piece(" " + choice.title, isChosen ? .strong : .text, isChosen ? .bold : []),
        ]
        painter.frame.text(pieces, x: x, y: y, maxWidth: place.width)
      }
      painter.hits.add(place, .row(index))
      if answers <= area.width { x += width + Self.gap } else { y += 1 }
    }
  }

  private static let markWidth = 2
  private static let gap = 3

  private func label(_ choice: Choice) -> String {
    "\(choice.keys.first?.label ?? "") \(choice.title)"
  }
}
