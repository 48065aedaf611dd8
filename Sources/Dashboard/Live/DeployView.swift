package import EngineProtocol
import Foundation
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let deploy = Action("deploy")
  package static let packNewest = Action("pack-newest")
  package static let packBest = Action("pack-best")
  package static let measure = Action("measure")
  package static let format = Action("format")
  package static let export = Action("export")
}

/// A lane's packed network: bytes by layer, accuracy beside the trainer's, speed on this machine, and its export.
package struct DeployView: LiveView {
  package static let tab = ViewTab(
    .deploy, key: .character("5"), help: "The packed network of a lane: bytes, accuracy, speed, export.",
    smallestWidth: 16, smallestHeight: 1)

  package static let actions = [
    ActionDefinition(
      .packNewest, title: "pack newest", keys: [.character("n")], needsEngine: true, asksLanes: true,
      help: "Pack the lane's newest weights, and compare them with the trainer's network."),
    ActionDefinition(
      .packBest, title: "pack best", keys: [.character("b")], needsEngine: true, asksLanes: true,
      help: "Pack the lane's weights with the best validation."),
    ActionDefinition(
      .measure, title: "measure", keys: [.character("m")], needsEngine: true,
      help: "Measure the packed network's speed; all lanes are held for some seconds."),
    ActionDefinition(
      .format, "[NAME]", title: "format", keys: [.character("t")],
      help: "Choose the format of exports: the next one, or the named one."),
    ActionDefinition(
      .export, "[PATH]", title: "export", keys: [.character("o")], needsEngine: true,
      help: "Write the packed lane to a file in the chosen format."),
  ]

  package var isMaximised = false
  package var maximiseTitle: String? { isMaximised ? "all parts" : "layers" }

  private var packings: [String: LanePacking] = [:]
  private var timings: [String: LaneTiming] = [:]
  private var exports: [String: LaneExport] = [:]
  private var failures: [String: DeploymentFailure] = [:]
  // The lanes that were packed without a key: once, when they are shown first.
  private var asked: Set<String> = []
  private var format = "packed"
  // The export that is requested, or whose path is being typed.
  private var request: ExportLaneRequest?
  // The request whose file exists, until the user was asked.
  private var question: ExportLaneRequest?
  private var position = ListPosition.start

  package init() {}

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    switch event {
    case .started: self = DeployView()
    case .lanePacked(_, let packing):
      packings[packing.weights.lane] = packing
      failures[packing.weights.lane] = nil
    case .laneTimed(_, let timing):
      timings[timing.weights.lane] = timing
      failures[timing.weights.lane] = nil
    case .laneExported(_, let export):
      exports[export.weights.lane] = export
      failures[export.weights.lane] = nil
    case .deploymentFailed(_, let failure):
      guard [.packing, .timing, .exporting].contains(failure.work) else { return }
      if let existing = failure.existing {
        // Another client's export is its own business.
        if existing == request { question = existing }
      } else {
        failures[failure.lane] = failure
      }
    default: break
    }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    if let existing = question {
      question = nil
      var replacing = existing
      replacing.replaces = true
      return [
        .ask("Replace \(existing.path)?", "There is a file of this name. Nothing was written.", .exportLane(replacing))
      ]
    }
    guard context.canAsk, !context.lanes.isEmpty else { return [] }
    let name = context.lanes[context.chosenLane].name
    guard packings[name] == nil, asked.insert(name).inserted else { return [] }
    return [.send(.packLane(name, nil))]
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    guard !context.lanes.isEmpty else { return [.say("the lanes are not ready yet", .plain)] }
    let name = context.lanes[context.chosenLane].name
    switch invocation.action {
    case .packNewest: return [.send(.packLane(name, .newest))]
    case .packBest: return [.send(.packLane(name, .best))]
    case .measure: return [.send(.timeLane(name))]
    case .format: return choose(invocation.argument, of: packings[name]?.formats ?? [])
    case .export:
      let file = packings[name]?.formats.first { $0.name == format }?.file ?? name
      let choice = packings[name]?.weights.choice
      request = ExportLaneRequest(lane: name, weights: choice, format: format, path: "")
      if let path = invocation.argument { return export(to: path) }
      let help = "the path of a new file, or of a folder for several; enter exports the \(Self.words(choice)) weights"
      return [.type(prompt: "\(format) of \(name) to ", text: file, help: help)]
    default: return []
    }
  }

  private static func words(_ choice: WeightsChoice?) -> String { choice == .best ? "best" : "newest" }

  private mutating func choose(_ name: String?, of formats: [LanePacking.Format]) -> [ViewRequest] {
    guard !formats.isEmpty else { return [.say("no lane is packed yet", .plain)] }
    if let name {
      guard formats.contains(where: { $0.name == name }) else {
        let names = formats.map(\.name).joined(separator: ", ")
        return [.say("format: expected \(names), found “\(name)”", .warning)]
      }
      format = name
    } else {
      let place = formats.firstIndex { $0.name == format } ?? -1
      format = formats[(place + 1) % formats.count].name
    }
    return []
  }

  package mutating func take(_ text: String, _ stage: TypingStage) -> [ViewRequest] {
    stage == .entered && !text.isEmpty ? export(to: text) : []
  }

  // The engine may run in another directory, so it gets an absolute path.
  private mutating func export(to path: String) -> [ViewRequest] {
    guard var request else { return [] }
    request.path = URL(filePath: LineEntry.expanded(path)).standardizedFileURL.path
    self.request = request
    return [.send(.exportLane(request))]
  }

  package mutating func back(_ context: ViewContext) -> [ViewRequest]? {
    context.model.snapshot.deployment != nil && context.canSteer ? [.send(.cancelDeployment)] : nil
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    position.scroll(move)
    return []
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    case .wheelUp, .wheelDown:
      position.scroll(mouse.kind == .wheelUp ? .up : .down)
      return []
    case .press, .drag, .release: return nil
    }
  }

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    let isPacked = !context.lanes.isEmpty && packings[context.lanes[context.chosenLane].name] != nil
    switch action {
    case .packNewest, .packBest: return context.canAsk
    case .measure, .export: return context.canSteer
    case .format: return isPacked
    case .back: return context.model.snapshot.deployment != nil
    default: return nil
    }
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    if context.model.snapshot.deployment != nil, context.canSteer { list.add(.back, "cancel") }
    list.add(.export)
    list.add(.format)
    list.add(.measure)
    list.add(.packNewest)
    list.add(.packBest)
    list.add(.lane)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard !context.lanes.isEmpty, !painter.isChartsOnly else { return }
    let index = context.chosenLane
    let name = context.lanes[index].name
    let card = DeployCard(
      lane: context.lanes[index], index: index, packing: packings[name], timing: timings[name], export: exports[name],
      failure: failures[name], format: format, context: context)
    var area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    if !isMaximised, context.lanes.count > 1, area.width >= 76, area.height >= context.lanes.count + 22 {
      let table = area.rows(0, context.lanes.count + 3)
      drawLanes(in: table, context, on: &painter)
      area = area.inset(top: table.height)
    }
    card.draw(in: area, isMaximised: isMaximised, &position, on: &painter)
  }

  // What is known of every lane, a row each.
  private func drawLanes(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    painter.frame.border(
      area, title: [painter.piece("lanes", .strong)], style: painter.style(.border), glyphs: painter.glyphs)
    let inner = area.inset(left: 2, top: 1, right: 2, bottom: 1)
    let columns = [
      TableColumn("lane", priority: 10, minimumWidth: 8), TableColumn("weights", priority: 4),
      TableColumn("float", alignment: .trailing, priority: 5), TableColumn("packed", alignment: .trailing, priority: 8),
      TableColumn("", priority: 9), TableColumn("trained", alignment: .trailing, priority: 6),
      TableColumn("packed", alignment: .trailing, priority: 7),
      TableColumn("equal predictions", alignment: .trailing, priority: 3),
      TableColumn("1 image", alignment: .trailing, priority: 2),
      TableColumn("img/s", alignment: .trailing, priority: 1),
    ]
    let chosen = context.chosenLane
    let rows = context.lanes.enumerated().map { index, lane -> [[StyledText]] in
      func cell(_ text: String?, _ role: ThemeRole = .text) -> [StyledText] {
        [painter.piece(text ?? Figure.unknown, text == nil ? .faint : role)]
      }
      let packing = packings[lane.name]
      let comparison = packing?.comparison
      let timing = timings[lane.name]
      return [
        [StyledText(lane.name, painter.style(lane: index, index == chosen ? [.bold, .underline] : .bold))],
        cell(packing.map { DeployCard.words($0.weights) }), cell(packing.map { NumberFormat.bytes($0.floatBytes) }),
        cell(packing.map { NumberFormat.bytes($0.bytes) }),
        cell(packing.map { Figure.ratio(Double($0.floatBytes), over: Double($0.bytes)) }, .good),
        cell(comparison.map { Figure.percent($0.trainedAccuracy) }),
        cell(comparison.map { Figure.percent($0.packedAccuracy) }, .strong),
        cell(
          comparison.map { "\(NumberFormat.grouped($0.equalCount)) of \(NumberFormat.grouped($0.count))" },
          comparison.map { $0.equalCount == $0.count } == true ? .good : .warning),
        cell(timing.map { NumberFormat.instant(seconds: $0.packed.latency) }),
        cell(timing.map { Figure.pace($0.packed.imagesPerSecond) }),
      ]
    }
    for row in rows.indices where row + 1 < inner.height {
      painter.hits.add(inner.row(row + 1), .action(Invocation(.lane, context.lanes[row].name)))
    }
    Table(columns: columns, rows: rows).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
  }
}
