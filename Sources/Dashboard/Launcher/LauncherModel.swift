package import EngineProtocol

/// The launcher's choices. Pure: keys change it, the screen shows it, `request` says what to start.
package struct LauncherModel: Sendable {
  /// The side with the keys.
  package enum Side: Sendable { case experiments, form }

  /// What can be trained here; nil until the engine has told.
  package private(set) var catalog: Catalog?
  /// The experiment chosen: a preset's place, or the place after them for a YAML file.
  package private(set) var selected = 0
  /// The path of the YAML file; nil before one was named.
  package var file: String?
  /// The side with the keys.
  package var side = Side.experiments
  /// The field chosen in the form.
  package private(set) var fieldIndex = 0
  /// A folder to look for data sets in before all others.
  package let dataDirectory: String?

  /// Why the last download failed; nil where it did not.
  package var fault: Fault?

  /// A download that failed.
  package struct Fault: Hashable, Sendable {
    /// The data set.
    package var dataset: String
    /// Why.
    package var reason: String
  }

  // By the preset's name, nil for the YAML file, so that looking at another does not lose what was changed.
  private var forms: [String?: LauncherForm] = [:]

  /// A launcher that waits for the catalog.
  package init(dataDirectory: String? = nil) { self.dataDirectory = dataDirectory }

  /// Takes in what can be trained; what was chosen stays chosen.
  package mutating func update(_ catalog: Catalog) {
    // Their order follows the data sets that are there.
    let (name, wasFile) = (preset?.name, isFile)
    self.catalog = catalog
    selected = wasFile ? catalog.presets.count : catalog.presets.firstIndex { $0.name == name } ?? 0
  }

  /// The presets.
  package var presets: [Catalog.Preset] { catalog?.presets ?? [] }
  /// The chosen preset; nil where a YAML file is chosen.
  package var preset: Catalog.Preset? { presets.indices.contains(selected) ? presets[selected] : nil }
  /// Whether the row of the YAML file is chosen.
  package var isFile: Bool { catalog != nil && selected == presets.count }

  /// What was changed of the chosen experiment.
  package var form: LauncherForm {
    get { forms[preset?.name] ?? LauncherForm() }
    set { forms[preset?.name] = newValue }
  }

  /// The form's fields in order.
  package var fields: [LauncherField] {
    [.dataset, .epochs, .seed] + (preset.map { [.batchSize] + $0.lanes.map { .lane($0.name) } } ?? [])
  }

  /// The field chosen in the form.
  package var field: LauncherField { fields[min(fieldIndex, fields.count - 1)] }

  /// Chooses an experiment by its place.
  package mutating func select(_ index: Int) { selected = min(max(0, index), presets.count) }

  /// Chooses a field.
  package mutating func select(_ field: LauncherField) {
    guard let index = fields.firstIndex(of: field) else { return }
    side = .form
    fieldIndex = index
  }

  /// Chooses the experiment or field `distance` rows on.
  package mutating func move(by distance: Int) {
    switch side {
    case .experiments: select(selected + distance)
    case .form: fieldIndex = min(max(0, min(fieldIndex, fields.count - 1) + distance), fields.count - 1)
    }
  }

  /// Takes the file at `path` as the experiment.
  package mutating func open(_ path: String) {
    file = path
    selected = presets.count
  }

  // MARK: Values

  /// Whether a lane is chosen in the form.
  var isLaneChosen: Bool { if case .lane = field { side == .form } else { false } }

  /// The data set that would be trained on; nil where the YAML file says.
  package var dataset: String? { form.dataset ?? preset?.dataset }

  /// What is known of that data set; nil for a folder or what the file says.
  package var datasetEntry: Catalog.Dataset? { catalog?.datasets.first { $0.name == dataset } }

  /// The data set that would be trained on, where it is known and was not found.
  package var missing: Catalog.Dataset? { datasetEntry.flatMap { $0.location == nil ? $0 : nil } }

  /// Whether a data set is known and was not found here.
  func isMissing(_ dataset: String) -> Bool {
    catalog?.datasets.contains { $0.name == dataset && $0.location == nil } ?? false
  }

  /// The seed; nil where the YAML file says.
  package var seed: UInt64? { form.seed ?? preset?.seed }

  /// The value of a field on a hyperparameter's scale; nil for others, and where the YAML file says.
  package func value(of field: LauncherField) -> HyperparameterValue? {
    switch field {
    case .dataset: nil
    case .epochs: (form.epochs ?? preset?.epochs).map { .number(Double($0)) }
    case .seed: nil
    case .batchSize: form.batchSize ?? preset?.lanes.first.flatMap { Self.value(.batchSize, of: $0) }
    case .lane(let name):
      form.learningRates[name]
        ?? preset?.lanes.first { $0.name == name }.flatMap { Self.value(.learningRate, of: $0) }
    }
  }

  /// Whether the lane is to be trained.
  package func isOn(_ lane: String) -> Bool { !form.lanesLeftOut.contains(lane) }

  /// Trains the lane or leaves it out; the last one stays.
  /// - Returns: whether that was done.
  package mutating func toggle(_ lane: String) -> Bool {
    guard let preset, preset.lanes.contains(where: { $0.name == lane }) else { return false }
    if form.lanesLeftOut.contains(lane) {
      form.lanesLeftOut.remove(lane)
    } else {
      guard form.lanesLeftOut.count + 1 < preset.lanes.count else { return false }
      form.lanesLeftOut.insert(lane)
    }
    return true
  }

  /// Moves the chosen field's value a step.
  package mutating func step(direction: Int, size: StepSize) {
    let field = field
    switch field {
    case .dataset: stepDataset(direction)
    case .epochs:
      let old = value(of: field) ?? .number(10)
      if case .number(let epochs) = Hyperparameter.epochs.step(old, direction: direction, size: size) {
        form.epochs = Int(epochs)
      }
    case .seed:
      let distance: UInt64 = size == .fine ? 1 : 100
      let old = seed ?? 1
      form.seed = direction > 0 ? old &+ distance : old - min(old, distance)
    case .batchSize:
      guard let old = value(of: field) else { return }
      form.batchSize = Hyperparameter.batchSize.step(old, direction: direction, size: size)
    case .lane(let name):
      guard let old = value(of: field) else { return }
      form.learningRates[name] = Hyperparameter.learningRate.step(old, direction: direction, size: size)
    }
  }

  /// Takes in a typed value.
  /// - Throws: what is wrong with it, naming what was expected and found.
  package mutating func type(_ text: String, into field: LauncherField) throws {
    switch field {
    case .dataset: form.dataset = text.isEmpty ? nil : text
    case .epochs:
      if case .number(let epochs) = try Hyperparameter.epochs.parse(text) { form.epochs = Int(epochs) }
    case .seed:
      guard let seed = UInt64(text) else {
        throw CommandParser.Mistake(description: "seed: expected a whole number from 0, found “\(text)”")
      }
      form.seed = seed
    case .batchSize: form.batchSize = try Hyperparameter.batchSize.parse(text)
    case .lane(let name): form.learningRates[name] = try Hyperparameter.learningRate.parse(text)
    }
  }

  // MARK: Starting

  /// What to start.
  /// - Throws: what is missing.
  package func request() throws -> ExperimentRequest {
    let source: ExperimentRequest.Source
    if let preset {
      source = .preset(preset.name)
    } else if let file {
      source = .file(file)
    } else {
      throw CommandParser.Mistake(description: "no YAML file is named yet: o asks for its path")
    }
    if let entry = missing {
      throw CommandParser.Mistake(description: "\(entry.name) was not found here. \(entry.howToGet)")
    }
    let form = form
    var settings: [String] = []
    if let batchSize = form.batchSize { settings.append("\(Hyperparameter.batchSize.rawValue)=\(batchSize)") }
    for (lane, rate) in form.learningRates.sorted(by: { $0.key < $1.key }) where isOn(lane) {
      settings.append("\(lane).\(Hyperparameter.learningRate.rawValue)=\(rate)")
    }
    let lanes = preset.flatMap { preset -> [String]? in
      form.lanesLeftOut.isEmpty ? nil : preset.lanes.map(\.name).filter { !form.lanesLeftOut.contains($0) }
    }
    return ExperimentRequest(
      source: source, dataset: form.dataset, dataDirectory: dataDirectory, epochs: form.epochs, seed: form.seed,
      settings: settings, lanes: lanes)
  }

  private mutating func stepDataset(_ direction: Int) {
    guard let datasets = catalog?.datasets.map(\.name), !datasets.isEmpty else { return }
    let choices = datasets + (dataset.map { datasets.contains($0) ? [] : [$0] } ?? [])
    let place = dataset.flatMap { choices.firstIndex(of: $0) } ?? (direction > 0 ? -1 : 0)
    let next = choices[(place + direction + choices.count) % choices.count]
    form.dataset = next == preset?.dataset ? nil : next
  }

  private static func value(_ hyperparameter: Hyperparameter, of lane: Catalog.Lane) -> HyperparameterValue? {
    lane.hyperparameters.first { $0.hyperparameter == hyperparameter }?.value
  }
}

/// A field of the launcher's form.
package enum LauncherField: Hashable, Sendable {
  /// The data set.
  case dataset
  /// How many epochs each lane trains.
  case epochs
  /// The seed of every random draw.
  case seed
  /// Images a step, of every lane.
  case batchSize
  /// A lane: whether it trains, and its learning rate.
  case lane(String)
}

/// What was changed of an experiment before it starts; nil leaves it as the experiment says.
package struct LauncherForm: Hashable, Sendable {
  /// A data set by name, or a folder.
  package var dataset: String?
  /// How many epochs each lane trains.
  package var epochs: Int?
  /// The seed.
  package var seed: UInt64?
  /// Images a step, of every lane.
  package var batchSize: HyperparameterValue?
  /// Learning rates by lane.
  package var learningRates: [String: HyperparameterValue] = [:]
  /// The lanes left out.
  package var lanesLeftOut: Set<String> = []

  /// Nothing changed.
  package init() {}
}
