package import EngineProtocol
package import TerminalUI
import TrainingMetrics

extension Action {
  package static let predictions = Action("predict")
  package static let classifyNewest = Action("classify-newest")
  package static let classifyBest = Action("classify-best")
  package static let percent = Action("percent")
  package static let image = Action("image")
  package static let draw = Action("draw")
}

/// What a lane predicts: the confusion matrix on the validation images, its most confident mistakes, single images with
/// the answers of all lanes, and a canvas to draw on.
package struct PredictionsView: LiveView {
  package static let tab = ViewTab(
    .predictions, key: .character("6"),
    help: "What a lane predicts: confusion matrix, mistakes, single images, drawings.", smallestWidth: 16,
    smallestHeight: 1)

  package static let actions = [
    ActionDefinition(
      .classifyNewest, title: "classify newest", keys: [.character("N")], needsEngine: true, asksLanes: true,
      help: "Classify the validation images with the lane's newest weights."),
    ActionDefinition(
      .classifyBest, title: "classify best", keys: [.character("B")], needsEngine: true, asksLanes: true,
      help: "Classify them with the lane's weights with the best validation."),
    ActionDefinition(
      .percent, title: "percent", keys: [.character("%")],
      help: "Show the confusion matrix in percent of each class, or in images."),
    ActionDefinition(
      .image, "[N]", title: "image", keys: [.character("I")], needsEngine: true, asksLanes: true,
      help: "Show a validation image with every lane's answer: the next one, or the one of this number."),
    ActionDefinition(
      .draw, title: "draw", keys: [.character("d")], needsEngine: true, asksLanes: true,
      help: "Draw an image with the mouse or the arrows, and watch every lane's answer."),
  ]

  package var isMaximised = false
  package var maximiseTitle: String? { isMaximised ? "matrix" : "mistakes" }

  private var known: [String: LanePredictions] = [:]
  private var failures: [String: DeploymentFailure] = [:]
  // The lanes that were classified without a key: once, when they are shown first.
  private var asked: Set<String> = []
  private var showsPercent = false
  // The selected mistake of the shown lane.
  private var selected = 0
  private var page = 1
  // Whether the image of the selected mistake is to be requested.
  private var showsMistake = false
  // The question that was sent last, and the newest answer.
  private var question: ImageQuestion?
  private var answers: ImageAnswers?

  package init() {}

  private func predictions(_ context: ViewContext) -> LanePredictions? { known[context.lanes[context.chosenLane].name] }

  // MARK: Events

  package mutating func take(_ event: EngineEvent) {
    switch event {
    case .started: self = PredictionsView()
    case .laneClassified(_, let predictions):
      known[predictions.weights.lane] = predictions
      failures[predictions.weights.lane] = nil
      (selected, showsMistake) = (0, true)
    case .epoch(let report):
      // What was classified in the first epoch says little of the lane.
      if let weights = known[report.lane]?.weights, weights.epoch < 1, weights.choice == .newest {
        asked.remove(report.lane)
      }
    case .imageAnswered(_, let answers): if answers.question == question { self.answers = answers }
    case .deploymentFailed(_, let failure): if failure.work == .classifying { failures[failure.lane] = failure }
    default: break
    }
  }

  package mutating func refresh(_ context: ViewContext) -> [ViewRequest] {
    guard context.canAsk, !context.lanes.isEmpty else { return [] }
    var requests: [ViewRequest] = []
    if showsMistake {
      showsMistake = false
      requests += select(selected, context)
    }
    if question == nil { requests += ask(.validation(0)) }
    let name = context.lanes[context.chosenLane].name
    if asked.insert(name).inserted { requests.append(.send(.classifyLane(name, nil))) }
    return requests
  }

  private mutating func ask(_ question: ImageQuestion) -> [ViewRequest] {
    self.question = question
    return [.send(.answerImage(question))]
  }

  // Shows the image of the selected mistake.
  private mutating func select(_ place: Int, _ context: ViewContext) -> [ViewRequest] {
    guard let mistakes = predictions(context)?.mistakes, !mistakes.isEmpty else { return [] }
    selected = min(max(0, place), mistakes.count - 1)
    return context.canAsk ? ask(.validation(mistakes[selected].image)) : []
  }

  package mutating func perform(_ invocation: Invocation, _ context: ViewContext) -> [ViewRequest] {
    guard !context.lanes.isEmpty else { return [.say("the lanes are not ready yet", .plain)] }
    let name = context.lanes[context.chosenLane].name
    switch invocation.action {
    case .classifyNewest: return [.send(.classifyLane(name, .newest))]
    case .classifyBest: return [.send(.classifyLane(name, .best))]
    case .percent:
      showsPercent.toggle()
      return []
    case .image: return showImage(invocation.argument)
    case .draw:
      guard let answers else { return [.say("the lanes have not answered yet", .plain)] }
      return [.openBoard(width: answers.width, height: answers.height)]
    default: return []
    }
  }

  private mutating func showImage(_ number: String?) -> [ViewRequest] {
    let count = answers?.imageCount ?? 1
    guard let number else {
      let current = if case .validation(let image)? = question { image } else { -1 }
      return ask(.validation((current + 1) % max(1, count)))
    }
    guard let image = Int(number), (0..<count).contains(image) else {
      return [.say("image: expected a number from 0 to \(count - 1), found “\(number)”", .warning)]
    }
    return ask(.validation(image))
  }

  package mutating func back(_ context: ViewContext) -> [ViewRequest]? {
    context.model.snapshot.deployment?.work == .classifying && context.canAsk ? [.send(.cancelDeployment)] : nil
  }

  package mutating func scroll(_ move: ListMove, _ context: ViewContext) -> [ViewRequest]? {
    guard let count = predictions(context)?.mistakes.count, count > 0 else { return [] }
    return select(selected + min(max(-count, move.rows(page: page)), count), context)
  }

  package mutating func take(_ mouse: MouseEvent, on place: Int?, _ context: ViewContext) -> [ViewRequest]? {
    switch mouse.kind {
    case .wheelUp: scroll(.up, context)
    case .wheelDown: scroll(.down, context)
    case .press: place.map { select($0, context) }
    case .drag, .release: nil
    }
  }

  package func isUseful(_ action: Action, _ context: ViewContext) -> Bool? {
    switch action {
    case .classifyNewest, .classifyBest, .image: context.canAsk
    case .draw: context.canAsk && answers != nil
    case .percent: !context.lanes.isEmpty && predictions(context) != nil
    case .back: context.model.snapshot.deployment?.work == .classifying
    default: nil
    }
  }

  package func addHints(to list: inout HintList, _ context: ViewContext) {
    if context.model.snapshot.deployment?.work == .classifying, context.canAsk { list.add(.back, "cancel") }
    list.add(.draw)
    list.add(.up, .down, "mistakes")
    list.add(.image)
    list.add(.percent)
    list.add(.classifyNewest)
    list.add(.classifyBest)
    list.add(.lane)
  }

  // MARK: Drawing

  package mutating func draw(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard !context.lanes.isEmpty, !painter.isChartsOnly else { return }
    let index = context.chosenLane
    let area = area.inset(left: area.width >= 36 ? 1 : 0, right: area.width >= 36 ? 1 : 0)
    guard let predictions = predictions(context) else { return drawWaiting(in: area, context, index, on: &painter) }
    let matrix = ConfusionTable(predictions: predictions, showsPercent: showsPercent)
    let imageWidth = answers.map { min($0.width, 40) } ?? 28
    if area.width >= 110, area.height >= 14 {
      // The matrix at the left, image and mistakes at the right.
      let width = min(matrix.width + 4, area.width - imageWidth - 16)
      let left = area.columns([.fixed(width), .weighted(1)], spacing: 1)
      let height = min(area.height, matrix.height + 3)
      drawMatrix(matrix, in: left[0].rows(0, height), context, index, on: &painter)
      let rest = left[0].inset(top: height)
      if rest.height >= 6, width >= matrix.width + 4 {
        let inner = box([painter.piece("classes", .strong)], "the worst first", in: rest, on: &painter)
        matrix.drawClasses(in: inner, on: &painter)
      }
      let parts = left[1].rows([.fixed(min(area.height, max(12, imageRows + 4))), .weighted(1)], spacing: 0)
      drawImage(in: parts[0], context, on: &painter)
      if parts[1].height >= 4 { drawMistakes(in: parts[1], predictions, context, index, on: &painter) }
    } else if isMaximised {
      if area.width >= 70, area.height >= 8 {
        let parts = area.columns([.weighted(1), .fixed(imageWidth + 4)], spacing: 1)
        drawMistakes(in: parts[0], predictions, context, index, on: &painter)
        drawImage(in: parts[1], context, on: &painter)
      } else {
        drawMistakes(in: area, predictions, context, index, on: &painter)
      }
    } else {
      let width = matrix.width + 4
      let below = area.inset(top: matrix.height + 3)
      if area.width >= width + 24, area.height >= 8 {
        let parts = area.columns([.fixed(width), .weighted(1)], spacing: 1)
        drawMatrix(matrix, in: parts[0], context, index, on: &painter)
        drawImage(in: parts[1], context, on: &painter)
      } else if area.width >= width, below.height >= 9 {
        drawMatrix(matrix, in: area.rows(0, matrix.height + 3), context, index, on: &painter)
        drawImage(in: below.rows(0, min(below.height, imageRows + 2)), context, on: &painter)
      } else {
        drawMatrix(matrix, in: area, context, index, on: &painter)
      }
    }
  }

  private var imageRows: Int { answers.map { min(20, ($0.height + 1) / 2) } ?? 14 }

  private func drawWaiting(in area: Rect, _ context: ViewContext, _ index: Int, on painter: inout Painter) {
    let lane = context.lanes[index]
    var lines: [[StyledText]] = []
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    if let work = workLine(context, index, width: area.width, painter) {
      lines.append([name])
      lines.append(work)
    } else if let failure = failures[lane.name] {
      lines.append([name, painter.piece(failure.wasCancelled ? " is not classified" : ": \(failure.reason)", .warning)])
    } else if !context.canAsk {
      lines.append([name, painter.piece(": there is no engine here that classifies images", .faint)])
    } else {
      lines.append([name, painter.piece(" is being classified", .faint)])
    }
    for (row, line) in lines.prefix(area.height).enumerated() {
      painter.frame.text(line, x: area.x, y: area.y + row, maxWidth: area.width)
    }
  }

  private func workLine(
    _ context: ViewContext, _ index: Int, width: Int, _ painter: Painter
  ) -> [StyledText]? {
    WorkLine(context).pieces(painter, width: width, .classifying, of: context.lanes[index].name)
  }

  // Draws a border if there is room for it. Returns the area inside.
  private func box(
    _ title: [StyledText], _ note: String, in area: Rect, on painter: inout Painter
  ) -> Rect {
    guard area.width >= 30, area.height >= 6 else { return area }
    painter.frame.border(
      area, title: title, trailing: note.isEmpty ? [] : [painter.piece(note, .faint)], style: painter.style(.border),
      glyphs: painter.glyphs)
    return area.inset(left: 2, top: 1, right: 2, bottom: 1)
  }

  private func drawMatrix(
    _ table: ConfusionTable, in area: Rect, _ context: ViewContext, _ index: Int, on painter: inout Painter
  ) {
    let lane = context.lanes[index]
    let name = StyledText(lane.name, painter.style(lane: index, .bold))
    let inner = box(
      [name, painter.piece(" confusion", .strong)], DeployCard.words(table.predictions.weights), in: area, on: &painter)
    var line = [
      painter.piece(Figure.percent(table.predictions.matrix.accuracy), .strong)
    ]
    if let latent = table.predictions.latentMatrix {
      line += [painter.piece("  latent weights ", .faint), painter.piece(Figure.percent(latent.accuracy))]
    }
    if let work = workLine(context, index, width: inner.width, painter) {
      line = work
    } else if lane.step > table.predictions.weights.step, table.predictions.weights.choice == .newest {
      line.append(painter.piece("  now step \(NumberFormat.grouped(lane.step))", .faint))
    }
    if inner == area { line.insert(contentsOf: [name, painter.piece(" ")], at: 0) }
    painter.frame.text(line, x: inner.x, y: inner.y, maxWidth: inner.width)
    table.draw(in: inner.inset(top: 1), on: &painter)
    // Beside a matrix that leaves room: what is confused most.
    let free = inner.inset(left: table.width + 3, top: 1)
    if free.width >= 12, inner.height > table.height { table.drawPairs(in: free, on: &painter) }
  }

  private func drawImage(in area: Rect, _ context: ViewContext, on painter: inout Painter) {
    guard let answers else { return }
    let number = if case .validation(let image) = answers.question { image } else { 0 }
    let label = answers.label.map { ": \(truncated(answers.classes[$0], width: 14))" } ?? ""
    let inner = box(
      [painter.piece("image \(NumberFormat.grouped(number))", .strong), painter.piece(label, .accent)],
      area.width >= 50 ? "of \(NumberFormat.grouped(answers.imageCount)) for validation" : "", in: area, on: &painter)
    let picture = Picture(
      width: answers.width, height: answers.height, channels: answers.channels, pixels: Array(answers.pixels))
    let list = AnswerList(answers: answers, lanes: context.lanes)
    let rows = min(context.lanes.count, max(1, inner.height / 3))
    // The answers stand beside the image where there is room, also if the image would be smaller above them.
    let isHigher = picture.layout(in: inner.inset(bottom: rows)).area.width < answers.width
    let beside = isHigher && inner.width >= answers.width + 18 ? 18 : 26
    if inner.width >= answers.width + beside {
      let place = picture.render(
        into: &painter.frame, area: inner.inset(right: beside), theme: painter.theme, glyphs: painter.glyphs)
      list.draw(in: inner.inset(left: place.area.width + 2), waiting: "", on: &painter)
    } else {
      picture.render(
        into: &painter.frame, area: inner.inset(bottom: rows), theme: painter.theme, glyphs: painter.glyphs)
      list.draw(in: inner.rows(inner.height - rows, rows), waiting: "", on: &painter)
    }
  }

  private mutating func drawMistakes(
    in area: Rect, _ predictions: LanePredictions, _ context: ViewContext, _ index: Int, on painter: inout Painter
  ) {
    let wrong = predictions.matrix.count - predictions.matrix.correct
    let name = StyledText(context.lanes[index].name, painter.style(lane: index, .bold))
    let inner = box(
      [name, painter.piece(" mistakes", .strong)],
      "\(NumberFormat.grouped(wrong)), most confident first",
      in: area, on: &painter)
    guard inner.height >= 2 else { return }
    func words(_ label: Int) -> String { truncated(predictions.classes[label], width: 14) }
    let rows = predictions.mistakes.map { mistake -> [[StyledText]] in
      [
        [painter.piece(NumberFormat.grouped(mistake.image), .faint)], [painter.piece(words(mistake.label))],
        [painter.piece(words(mistake.prediction), .bad)],
        [painter.piece(NumberFormat.percent(mistake.probability, decimals: 1))],
        mistake.latentPrediction.map {
          [painter.piece(words($0), $0 == mistake.label ? .good : .bad)]
        } ?? [],
      ]
    }
    let columns = [
      TableColumn("image", alignment: .trailing, priority: 3), TableColumn("is", priority: 5),
      TableColumn("taken for", priority: 4), TableColumn("prob.", alignment: .trailing, priority: 2),
      TableColumn(predictions.latentMatrix == nil ? "" : "latent", priority: 1),
    ]
    page = max(1, inner.height - 1)
    let first = ListView.offset(selected - page / 2, selection: selected, height: page, count: rows.count)
    Table(columns: columns, rows: rows, selection: rows.isEmpty ? nil : selected, offset: first).render(
      into: &painter.frame, area: inner, theme: painter.theme, glyphs: painter.glyphs)
    for row in 0..<max(0, min(page, rows.count - first)) { painter.hits.add(inner.row(row + 1), .place(first + row)) }
  }
}
