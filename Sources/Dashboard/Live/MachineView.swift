package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let machine = Action("machine")
}

/// How fast the lanes are and why: the time of each phase of an update, threads, processors, memory, disk, and what
/// limits the training now, in words.
package struct MachineView: LiveView {
  package static let tab = ViewTab(
    .machine, key: .character("9"), help: "Speed by lane and phase, threads, memory, disk, and what limits it now.",
    smallestWidth: 16, smallestHeight: 1)

  package var isMaximised = false
  package var maximiseTitle: String? { isMaximised ? "all panels" : "phases" }

  private struct Sample {
    let seconds: Double
    let phases: PhaseSeconds
  }

  /// Seconds of a lane's work over which phases are averaged.
  static let span = 3.0

  // The newest states of each lane, a few a second.
  private var samples: [String: [Sample]] = [:]
  private var position = ListPosition.start

  package init() {}

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    if case .started = event { self = MachineView() }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    for lane in context.lanes {
      guard let snapshot = lane.snapshot, let phases = snapshot.phases else { continue }
      var kept = samples[lane.name] ?? []
      if let last = kept.last, phases.since(last.phases) == nil { kept = [] }
      if let last = kept.last, snapshot.seconds - last.seconds < Self.span / 10 { continue }
      kept.append(Sample(seconds: snapshot.seconds, phases: phases))
      // One sample at least as old as the span remains.
      while kept.count > 2, snapshot.seconds - kept[1].seconds >= Self.span { kept.removeFirst() }
      samples[lane.name] = kept
    }
    return []
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    position.scroll(move)
    return []
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) { list.add(.lane) }

  // The phases of the newest seconds; of the whole work if the lane has ended, or too little is known.
  private func phases(of lane: LaneModel) -> (phases: PhaseSeconds, isRecent: Bool)? {
    guard let now = lane.snapshot?.phases else { return nil }
    guard !lane.state.hasEnded, let first = samples[lane.name]?.first, let recent = now.since(first.phases),
      recent.steps > 0
    else { return (now, false) }
    return (recent, true)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard !context.lanes.isEmpty, !painter.isChartsOnly, !area.isEmpty else { return }
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    let limit = MachineLimit(context, phases: { lane in phases(of: lane)?.phases }).words
    let lines = TextWrap.lines(limit, width: area.width)
    // A few rows are for the words alone.
    let top = min(lines.count, area.height < 4 ? area.height : max(1, area.height / 4))
    for (row, line) in lines.prefix(top).enumerated() {
      painter.text(line, x: area.x, y: area.y + row, .strong, maxWidth: area.width)
    }
    let rest = area.inset(top: top)
    guard rest.height > 1 else { return }
    let lanes = context.focusedLane.map { [$0] } ?? Array(context.lanes.indices)
    if isMaximised { return drawPhases(lanes, in: rest, context, on: &painter) }
    let facts = self.facts(context)
    if rest.width >= 110, rest.height >= 8 {
      let parts = rest.columns([.weighted(1), .fixed(min(48, rest.width / 3))], spacing: 1)
      drawPhases(lanes, in: parts[0], context, on: &painter)
      drawFacts(facts, in: parts[1].rows(0, facts.count + 2), on: &painter)
      drawSpeeds(of: lanes, in: parts[1].inset(top: facts.count + 2), context, on: &painter)
    } else {
      let needed = min((facts.count + 1) / Self.factColumns(rest.width) + 2, max(0, rest.height - 9))
      guard needed >= 4 else { return drawPhases(lanes, in: rest, context, on: &painter) }
      drawPhases(lanes, in: rest.inset(bottom: needed), context, on: &painter)
      drawFacts(facts, in: rest.rows(rest.height - needed, needed), on: &painter)
    }
  }

  private mutating func drawPhases(
    _ lanes: [Int], in whole: Rect, _ context: ViewContext, on painter: inout Painter
  ) {
    let rows = lanes.flatMap { self.rows(of: context.lanes[$0], index: $0, painter) }
    let area = whole.rows(0, rows.count + 3)
    var inner = area
    let isRecent = lanes.contains { phases(of: context.lanes[$0])?.isRecent == true }
    if area.width >= 30, area.height >= 8 {
      let note = isRecent ? "last seconds" : "whole run"
      painter.frame.border(
        area, title: [painter.piece("an update, by phase", .strong)],
        trailing: area.width >= 60 ? [painter.piece(note, .faint)] : [], style: painter.style(.border),
        glyphs: painter.glyphs)
      inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    }
    let columns = [
      TableColumn("lane", priority: 6, minimumWidth: 12),
      TableColumn("ms", alignment: .trailing, priority: 4), TableColumn("share", alignment: .trailing, priority: 7),
      TableColumn("img/s", alignment: .trailing, priority: 5), TableColumn("", priority: 3),
    ]
    let first = position.firstRow(count: rows.count, height: max(1, inner.height - 1))
    Table(columns: columns, rows: rows, offset: first).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }

  // The lane's speed, then a row for each phase: its time an update, its share, and the images per second that it alone
  // would allow.
  private func rows(of lane: LaneModel, index: Int, _ painter: Painter) -> [[[StyledText]]] {
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    let speed = Figure.whole(lane.figure(.imagesPerSecond))
    guard let (phases, _) = self.phases(of: lane), phases.steps > 0 else {
      return [[[name], [], [], [painter.piece(speed, .strong)], [painter.piece("phases were not recorded", .faint)]]]
    }
    let total = phases.total
    let steps = Double(phases.steps)
    func cells(_ title: [StyledText], _ seconds: Double, _ role: ThemeRole, bar: Bool) -> [[StyledText]] {
      let share = total > 0 ? seconds / total : 0
      let length = Int((share * 24).rounded())
      return [
        title, [painter.piece(NumberFormat.significant(seconds / steps * 1000, digits: 3), role)],
        [painter.piece(NumberFormat.percent(share, decimals: 1), role)],
        [painter.piece(seconds > 0 ? Figure.pace(Double(phases.images) / seconds) : Figure.unknown, role)],
        bar
          ? [
            StyledText(
              String(repeating: String(painter.glyphs.legendStroke.first ?? "-"), count: length),
              painter.style(lane: index))
          ]
          : [painter.piece("\(threads(lane)), \(Figure.whole(steps)) updates", .faint)],
      ]
    }
    return [cells([name], total, .strong, bar: false)]
      + PhaseSeconds.Phase.allCases.map { phase in
        cells([painter.piece("  \(phase.rawValue)", .faint)], phases[phase], .text, bar: true)
      }
  }

  private func threads(_ lane: LaneModel) -> String {
    lane.description.threads == 1 ? "1 thread" : "\(lane.description.threads) threads"
  }

  // MARK: Facts

  private func facts(_ context: ViewContext) -> [(String, String, ThemeRole)] {
    let snapshot = context.model.snapshot
    let machine = snapshot.machine
    let none = "not recorded"
    func text<Value>(_ value: Value?, _ words: (Value) -> String) -> String { value.map(words) ?? none }
    var facts: [(String, String, ThemeRole)] = []
    if let processor = machine?.processor { facts.append(("processor", processor, .text)) }
    let threads = context.lanes.filter { !$0.state.hasEnded }.reduce(0) { $0 + $1.description.threads }
    facts.append(("cores", text(machine) { "\($0.cores)" }, .text))
    if !context.lanes.allSatisfy(\.state.hasEnded) {
      let isMore = machine.map { threads > $0.cores } ?? false
      facts.append(("threads", "\(threads) compute", isMore ? .warning : .text))
    }
    facts.append(("engine uses", text(machine?.busyCores) { NumberFormat.fixed($0, decimals: 2) + " cores" }, .text))
    facts.append(
      (
        "load", text(machine?.load) { NumberFormat.fixed($0, decimals: 2) + " processes" },
        machine.map { ($0.load ?? 0) > 1.5 * Double($0.cores) } == true ? .warning : .text
      ))
    facts.append(("engine's memory", text(machine?.residentBytes, NumberFormat.bytes), .text))
    facts.append(("memory", text(machine?.memoryBytes, NumberFormat.bytes), .text))
    facts.append(("available", text(machine?.availableBytes, NumberFormat.bytes), .text))
    facts.append(("run on disk", snapshot.storage.map { NumberFormat.bytes($0.bytes) } ?? none, .text))
    let free = snapshot.storage?.freeBytes
    facts.append(("free on disk", text(free, NumberFormat.bytes), free.map { $0 < 1 << 30 } == true ? .warning : .text))
    if let problem = snapshot.storage?.problem { facts.append(("disk", problem, .bad)) }
    return facts
  }

  // The images per second of each lane over its training.
  private func drawSpeeds(
    of lanes: [Int], in area: Rect, _ context: ViewContext, on painter: inout Painter
  ) {
    let known = lanes.filter { context.lanes[$0].series(.imagesPerSecond).count > 1 }
    guard !known.isEmpty, area.height >= 4 else { return }
    let box = area.rows(0, min(area.height, 2 * known.count + 2))
    painter.frame.border(
      box, title: [painter.piece("images per second", .strong)], trailing: [painter.piece("whole run", .faint)],
      style: painter.style(.border), glyphs: painter.glyphs)
    let inner = box.inset(left: 2, top: 1, right: 2, bottom: 1)
    for (place, index) in known.prefix(inner.height / 2).enumerated() {
      let lane = context.lanes[index]
      let series = lane.series(.imagesPerSecond)
      let row = inner.row(2 * place)
      painter.line(
        [StyledText(lane.name, painter.style(lane: index, .bold))],
        trailing: [
          painter.piece("mean ", .faint), painter.piece(series.summary.mean.map { Figure.pace($0) } ?? Figure.unknown),
          painter.piece("  most ", .faint), painter.piece(Figure.pace(Double(series.summary.maximum))),
        ], in: row)
      // The first updates can be many times as fast as all others.
      let cap = series.summary.mean.map { min(2 * $0, Double(series.summary.maximum)) }
      painter.sparkline(
        series, in: inner.row(2 * place + 1), steps: 0...Double(max(1, lane.step)), lane: index, cap: cap)
    }
  }

  private func drawFacts(_ facts: [(String, String, ThemeRole)], in area: Rect, on painter: inout Painter) {
    guard area.height >= 3 else { return }
    painter.frame.border(
      area, title: [painter.piece("machine", .strong)], style: painter.style(.border), glyphs: painter.glyphs)
    let columns = area.inset(left: 2, top: 1, right: 2, bottom: 1).columns(Self.factColumns(area.width), spacing: 2)
    let height = max(0, columns[0].height)
    for (place, fact) in facts.prefix(columns.count * height).enumerated() {
      let (column, y) = (columns[place / height], columns[0].y + place % height)
      painter.text(fact.0, x: column.x, y: y, .faint, maxWidth: 16)
      painter.text(fact.1, x: column.x + 17, y: y, fact.2, maxWidth: max(0, column.width - 17))
    }
  }

  // Columns of facts side by side; the panel at the side of a wide screen has one.
  private static func factColumns(_ width: Int) -> Int { width >= 70 ? 2 : 1 }
}

/// What limits the training now, in words.
struct MachineLimit {
  /// One or two sentences.
  let words: String

  /// Finds the limit: the most serious of what can be seen.
  /// - Parameter phases: the phases of a lane; nil if they are not known.
  init(_ context: ViewContext, phases: (LaneModel) -> PhaseSeconds?) {
    let snapshot = context.model.snapshot
    let open = context.lanes.filter { !$0.state.hasEnded }
    let known = (open.isEmpty ? context.lanes : open).filter { phases($0) != nil }
    // The lane that takes longest decides.
    let slowest = known.max { ($0.secondsLeft ?? 0) < ($1.secondsLeft ?? 0) }
    if let problem = snapshot.storage?.problem {
      words = "The disk limits: \(problem)."
    } else if let work = snapshot.deployment, work.holdsTraining, !open.isEmpty {
      words = "Nothing trains: the lanes are held while \(work.lane) is measured."
    } else if !open.isEmpty, open.allSatisfy({ $0.state == .paused }) {
      words = "Nothing trains: the lanes are paused."
    } else if let waiting = open.first(where: { if case .waiting = $0.state { true } else { false } }),
      case .waiting(let reason) = waiting.state
    {
      words = "\(waiting.name) waits for \(reason)."
    } else if !open.isEmpty, let machine = snapshot.machine, let available = machine.availableBytes,
      let memory = machine.memoryBytes, available < memory / 20
    {
      words = "Memory is short: \(NumberFormat.bytes(available)) of \(NumberFormat.bytes(memory)) are available."
    } else if !open.isEmpty, let machine = snapshot.machine, let load = machine.load, let busy = machine.busyCores,
      load > 1.5 * Double(machine.cores), busy < 0.8 * Double(machine.cores)
    {
      words =
        "Other programs limit: \(NumberFormat.fixed(load, decimals: 1)) processes want \(machine.cores) cores, and the "
        + "engine gets \(NumberFormat.fixed(busy, decimals: 1))."
    } else if let lane = slowest, let own = phases(lane), own.total > 0 {
      words = Self.words(lane, own, hasEnded: open.isEmpty)
    } else {
      words = "What limited this run was not recorded."
    }
  }

  private static func words(_ lane: LaneModel, _ phases: PhaseSeconds, hasEnded: Bool) -> String {
    let most = PhaseSeconds.Phase.allCases.max { phases[$0] < phases[$1] } ?? .forward
    let share = NumberFormat.percent(phases[most] / phases.total, decimals: 0)
    let verb = hasEnded ? "limited" : "limits"
    return switch most {
    case .data:
      "Preparing images \(verb) \(lane.name): \(share) of its time it waits for them. Augmentation costs most."
    case .forward: "The forward pass \(verb) \(lane.name): \(share) of its time."
    case .backward: "The backward pass \(verb) \(lane.name): \(share) of its time."
    case .update:
      "The optimizer's update \(verb) \(lane.name): \(share) of its time. A larger batch makes fewer updates."
    case .validation:
      "Validation \(verb) \(lane.name): \(share) of its time. Its epochs are short against its validation images."
    case .recording: "Recording \(verb) \(lane.name): \(share) of its time. A larger batch makes fewer points."
    }
  }
}
