package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let weights = Action("weights")
  package static let earlierWeights = Action("earlier-weights")
  package static let laterWeights = Action("later-weights")
  package static let weight = Action("weight")
  package static let weightLeft = Action("weight-left")
  package static let weightRight = Action("weight-right")
  package static let weightUp = Action("weight-up")
  package static let weightDown = Action("weight-down")
}

/// The weights of a lane, layer by layer: their histogram with what one update reaches, the same over the epochs, the
/// units as images of latent weights beside signs, and the course of a single weight.
package struct WeightsView: LiveView {
  package static let tab = ViewTab(
    .weights, key: .character("8"),
    help: "The weights of a lane: latent weights and signs, now and over the epochs, and single ones.",
    smallestWidth: 16, smallestHeight: 1)

  package static let actions = [
    ActionDefinition(
      .earlierWeights, title: "earlier", keys: [.character(";")],
      help: "Show the weights at the epoch before."),
    ActionDefinition(
      .laterWeights, title: "later", keys: [.character("'")],
      help: "Show the weights at the next epoch; after the last one, the current weights."),
    ActionDefinition(
      .weight, "[UNIT INPUT]", title: "weight", keys: [.character("*")], needsEngine: true, asksLanes: true,
      help: "Put a cursor on a weight: its value, its course and its flips; esc removes it."),
    ActionDefinition(
      .weightLeft, title: "weight ←", keys: [.character("(")], needsEngine: true, asksLanes: true,
      help: "Move the cursor to the weight of the input before."),
    ActionDefinition(
      .weightRight, title: "weight →", keys: [.character(")")], needsEngine: true, asksLanes: true,
      help: "Move the cursor to the weight of the next input."),
    ActionDefinition(
      .weightUp, title: "weight ↑", keys: [.character("^")], needsEngine: true, asksLanes: true,
      help: "Move the cursor one row up in the image."),
    ActionDefinition(
      .weightDown, title: "weight ↓", keys: [.character("_")], needsEngine: true, asksLanes: true,
      help: "Move the cursor one row down in the image."),
  ]

  /// The parts of the screen.
  enum Part: CaseIterable { case histogram, epochs, images, weight }

  /// The part that is shown alone; nil for all.
  private(set) var shownPart: Part?

  package var isMaximised: Bool {
    get { shownPart != nil }
    set { shownPart = newValue ? shownPart ?? .histogram : nil }
  }
  package mutating func maximise() {
    let next = shownPart.map { Part.allCases.firstIndex(of: $0).map { $0 + 1 } ?? 0 } ?? 0
    shownPart = next < Part.allCases.count ? Part.allCases[next] : nil
  }
  package var maximiseTitle: String? {
    switch shownPart {
    case nil: "histogram"
    case .histogram: "epochs"
    case .epochs: "images"
    case .images: "one weight"
    case .weight: "all panels"
    }
  }

  // What a lane's layers were at the end of an epoch.
  struct Epoch {
    let step: Int
    let names: [String]
    let histograms: [Histogram]
    let diagnostics: [LayerDiagnostics]

    /// The histogram of a layer.
    func histogram(_ layer: String) -> Histogram? {
      names.firstIndex(of: layer).flatMap { histograms.indices.contains($0) ? histograms[$0] : nil }
    }
  }

  // An image on the screen, for the mouse.
  struct Tile {
    let unit: Int
    let layout: PictureLayout
  }

  private static let keptEpochs = 500
  // Seconds of training between two requests, and after which an answer is no longer expected.
  private static let patience = 1.0
  private static let longestWait = 10.0

  private var courses: [String: [Epoch]] = [:]
  private var known: [String: LayerWeights] = [:]
  private var failures: [String: String] = [:]
  // The layer that was selected, by lane.
  private var selectedLayers: [String: String] = [:]
  // The epoch that was selected, by its step; nil for the current weights.
  private var selectedStep: Int?
  private var cursor: (unit: Int, input: Int)?
  private var firstUnit = 0
  // What was asked last, and what was answered last, each with the lane's step and the seconds of training.
  private var asked: (request: WeightsRequest, step: Int, seconds: Double)?
  private var answered: (request: WeightsRequest, step: Int, seconds: Double)?
  // What was drawn last.
  var tiles: [Tile] = []
  var unitCount = 24

  package init() {}

  // MARK: What is shown

  /// The newest answer about the lane that is shown.
  func weights(_ context: ViewContext) -> LayerWeights? { known[lane(context).name] }

  func lane(_ context: ViewContext) -> LaneModel { context.lanes[context.chosenLane] }

  /// Why the lane's weights can't be read; nil if they can.
  func failure(_ context: ViewContext) -> String? { failures[lane(context).name] }

  /// The names of the layers: all with weights, or if nothing was answered those that are recorded.
  func layers(_ context: ViewContext) -> [String] {
    weights(context)?.layers.map(\.name) ?? lane(context).description.binaryLayers
  }

  /// The layer that is shown; nil if there is none.
  func layer(_ context: ViewContext) -> String? {
    let layers = layers(context)
    if let chosen = selectedLayers[lane(context).name], layers.contains(chosen) { return chosen }
    return lane(context).description.binaryLayers.first ?? layers.first
  }

  /// The epochs in which the layer was recorded.
  func epochs(_ context: ViewContext) -> [Epoch] {
    guard let layer = layer(context) else { return [] }
    return (courses[lane(context).name] ?? []).filter { $0.histogram(layer) != nil }
  }

  /// The place of the selected epoch; nil for the current weights.
  func selectedEpoch(_ context: ViewContext) -> Int? {
    selectedStep.flatMap { step in epochs(context).firstIndex { $0.step == step } }
  }

  /// The answer about exactly what is selected; nil if there is none, or no checkpoint of the epoch.
  func exactWeights(_ context: ViewContext) -> LayerWeights? {
    guard let weights = weights(context), weights.layer.name == layer(context) else { return nil }
    guard selectedEpoch(context) != nil else { return weights.request.step == nil ? weights : nil }
    return weights.weights.step == selectedStep ? weights : nil
  }

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    switch event {
    case .started: self = WeightsView()
    case .weightsRead(_, let weights):
      guard let asked, weights.request == asked.request else { return }
      known[weights.request.lane] = weights
      failures[weights.request.lane] = nil
      (answered, self.asked) = (asked, nil)
    case .deploymentFailed(_, let failure):
      guard failure.work == .reading else { return }
      failures[failure.lane] = failure.reason
      if let asked, asked.request.lane == failure.lane { (answered, self.asked) = (asked, nil) }
    case .layers(let report):
      // A rewound lane has another course from there.
      let before = courses[report.lane, default: []].filter { $0.step < report.step }
      courses[report.lane] =
        before.suffix(Self.keptEpochs - 1) + [
          Epoch(
            step: report.step, names: report.flips.map(\.layer), histograms: report.latentWeights,
            diagnostics: report.diagnostics ?? [])
        ]
    default: break
    }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    guard context.canAsk, !context.lanes.isEmpty else { return [] }
    let lane = lane(context)
    let request = request(context)
    let (step, seconds) = (lane.step, context.model.snapshot.seconds)
    if let asked, asked.request == request, seconds - asked.seconds < Self.longestWait { return [] }
    if let answered, answered.request == request {
      if request.step != nil || answered.step == step { return [] }
      if lane.state == .training, seconds - answered.seconds < Self.patience { return [] }
    }
    asked = (request, step, seconds)
    return [.send(.readWeights(request))]
  }

  private func request(_ context: ViewContext) -> WeightsRequest {
    let lane = lane(context)
    let checkpoint = selectedEpoch(context) == nil ? nil : selectedStep.flatMap { lane.checkpoint(at: $0) }
    return WeightsRequest(
      lane: lane.name, layer: layer(context), branch: checkpoint?.branch, step: checkpoint?.step, firstUnit: firstUnit,
      unitCount: min(unitCount, WeightsRequest.mostUnits), unit: cursor?.unit, input: cursor?.input)
  }

  // MARK: Keys

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    guard !context.lanes.isEmpty else { return [.say("the lanes are not ready yet", .plain)] }
    switch invocation.action {
    case .earlierWeights: return moveEpoch(-1, context)
    case .laterWeights: return moveEpoch(1, context)
    case .weight: return chooseWeight(invocation.argument, context)
    case .weightLeft: return moveCursor(by: -1, context)
    case .weightRight: return moveCursor(by: 1, context)
    case .weightUp: return moveCursor(rows: -1, context)
    case .weightDown: return moveCursor(rows: 1, context)
    default: return []
    }
  }

  private mutating func moveEpoch(_ direction: Int, _ context: ViewContext) -> [ViewRequest] {
    let epochs = epochs(context)
    guard !epochs.isEmpty else { return [.say("no epoch of this layer is recorded yet", .plain)] }
    let place = (selectedEpoch(context) ?? epochs.count) + direction
    selectedStep = place >= epochs.count ? nil : epochs[max(0, place)].step
    return refresh(context)
  }

  // The cursor on the weight of a unit and an input; without an argument on or off.
  private mutating func chooseWeight(_ argument: String?, _ context: ViewContext) -> [ViewRequest] {
    guard let weights = weights(context), layer(context) == weights.layer.name else {
      return [.say("the weights were not read yet", .plain)]
    }
    guard let argument else {
      cursor = cursor == nil ? (weights.pictures.firstUnit, weights.layer.inputs / 2) : nil
      return refresh(context)
    }
    let numbers = argument.split(separator: " ").map { Int($0) }
    guard numbers.count == 2, let unit = numbers[0], let input = numbers[1],
      (0..<weights.layer.units).contains(unit), (0..<weights.layer.inputs).contains(input)
    else {
      return [
        .say(
          "weight: expected a unit from 0 to \(weights.layer.units - 1) and an input from 0 to "
            + "\(weights.layer.inputs - 1), found “\(argument)”", .warning)
      ]
    }
    return place(unit, input, context)
  }

  private mutating func place(_ unit: Int, _ input: Int, _ context: ViewContext) -> [ViewRequest] {
    cursor = (unit, input)
    if unit < firstUnit || unit >= firstUnit + max(1, unitCount) { firstUnit = unit }
    return refresh(context)
  }

  private mutating func moveCursor(by step: Int = 0, rows: Int = 0, _ context: ViewContext) -> [ViewRequest] {
    guard let cursor else { return chooseWeight(nil, context) }
    guard let weights = weights(context) else { return [] }
    let row = weights.pictures.width * weights.pictures.channels
    let input = cursor.input + step + rows * row
    guard (0..<weights.layer.inputs).contains(input) else { return [] }
    return place(cursor.unit, input, context)
  }

  package mutating func back(_ context: ViewContext) -> [ViewRequest]? {
    guard cursor != nil || selectedStep != nil else { return nil }
    if cursor != nil { cursor = nil } else { selectedStep = nil }
    return context.lanes.isEmpty ? [] : refresh(context)
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    guard !context.lanes.isEmpty, let layer = layer(context) else { return [] }
    switch move {
    case .up, .down, .first, .last:
      let layers = layers(context)
      let place = (layers.firstIndex(of: layer) ?? 0) + min(max(-layers.count, move.rows(page: 1)), layers.count)
      selectedLayers[lane(context).name] = layers[min(max(0, place), layers.count - 1)]
      (firstUnit, cursor) = (0, nil)
    case .pageUp, .pageDown:
      guard let units = weights(context)?.layer.units else { return [] }
      firstUnit = min(max(0, firstUnit + (move == .pageUp ? -1 : 1) * max(1, unitCount)), max(0, units - 1))
    }
    return refresh(context)
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    guard !context.lanes.isEmpty else { return [] }
    switch mouse.kind {
    case .wheelUp: return scroll(.pageUp, context)
    case .wheelDown: return scroll(.pageDown, context)
    case .press:
      guard let place else { return nil }
      let layers = layers(context)
      let epochs = epochs(context)
      if place < 0 {
        guard epochs.indices.contains(-1 - place) else { return [] }
        selectedStep = epochs[-1 - place].step
      } else if place < Self.firstTile {
        guard layers.indices.contains(place) else { return [] }
        selectedLayers[lane(context).name] = layers[place]
        (firstUnit, cursor) = (0, nil)
      } else {
        return choosePixel(mouse, place - Self.firstTile, context)
      }
      return refresh(context)
    case .drag, .release: return nil
    }
  }

  private mutating func choosePixel(_ mouse: MouseEvent, _ tile: Int, _ context: ViewContext) -> [ViewRequest] {
    guard tiles.indices.contains(tile), let weights = weights(context),
      let point = tiles[tile].layout.point(x: mouse.x, y: mouse.y)
    else { return [] }
    let pictures = weights.pictures
    let (x, y) = (Int(point.x.rounded()), Int(point.y.rounded()))
    let input = (y * pictures.width + x) * pictures.channels
    guard x >= 0, y >= 0, x < pictures.width, (0..<weights.layer.inputs).contains(input) else { return [] }
    return place(tiles[tile].unit, input, context)
  }

  /// The numbers of places for the mouse: layers from 0, images from here, epochs below 0.
  static let firstTile = 10_000

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    switch action {
    case .weight: context.canAsk
    case .weightLeft, .weightRight, .weightUp, .weightDown: context.canAsk && cursor != nil
    case .earlierWeights: !context.lanes.isEmpty && !epochs(context).isEmpty
    case .laterWeights: !context.lanes.isEmpty && selectedEpoch(context) != nil
    case .back: cursor != nil || selectedStep != nil
    default: nil
    }
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    if cursor != nil {
      list.add(.weightLeft, .weightRight, "weight")
      list.add(.weightDown, .weightUp, "row")
      list.add(.back, "no cursor")
    }
    list.add(.up, .down, "layer")
    list.add(.earlierWeights, .laterWeights, "epochs")
    if selectedStep == nil { list.add(.earlierWeights, "epochs") }
    if cursor == nil { list.add(.weight) }
    list.add(.pageUp, .pageDown, "units")
    list.add(.lane)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard !context.lanes.isEmpty, !painter.isChartsOnly else { return }
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    let panels = WeightPanels(view: self, context: context, cursor: cursor, firstUnit: firstUnit)
    let drawn = panels.draw(in: area, on: &painter)
    (tiles, unitCount) = (drawn.tiles, drawn.unitCount ?? unitCount)
  }
}
