package import EngineProtocol

/// The state of the launcher: keys change it, the screen shows it, and `request` returns what to start.
package struct LauncherModel: Sendable {
  /// The side with the keyboard focus.
  package enum Side: Sendable { case experiments, form }

  /// What can be trained; nil until the engine has answered.
  package private(set) var catalog: Catalog?
  /// The selected experiment: a preset's index, or the index after them for a YAML file.
  package private(set) var selected = 0
  /// The path of the YAML file; nil if none was chosen.
  package var file: String?
  /// The side with the keyboard focus.
  package var side = Side.experiments
  /// The selected field of the form.
  package private(set) var fieldIndex = 0
  /// A directory to search for data sets before all others.
  package let dataDirectory: String?

  /// The last failed download; nil if there is none.
  package var fault: Fault?

  /// A download that failed.
  package struct Fault: Hashable, Sendable {
    /// The data set.
    package var dataset: String
    /// The reason.
    package var reason: String
  }

  // By preset name, nil for the YAML file, so that changes are kept when another experiment is selected.
  private var forms: [String?: LauncherForm] = [:]

  /// A launcher that waits for the catalog.
  package init(dataDirectory: String? = nil) { self.dataDirectory = dataDirectory }

  /// Updates the catalog. The selection is kept.
  package mutating func update(_ catalog: Catalog) {
    // The order of presets depends on the installed data sets.
    let (name, wasFile) = (preset?.name, isFile)
    self.catalog = catalog
    selected = wasFile ? catalog.presets.count : catalog.presets.firstIndex { $0.name == name } ?? 0
  }

  /// The presets.
  package var presets: [Catalog.Preset] { catalog?.presets ?? [] }
  /// The selected preset; nil if a YAML file is selected.
  package var preset: Catalog.Preset? { presets.indices.contains(selected) ? presets[selected] : nil }
  /// Whether the row of the YAML file is selected.
  package var isFile: Bool { catalog != nil && selected == presets.count }

  /// The changes of the selected experiment.
  package var form: LauncherForm {
    get { forms[preset?.name] ?? LauncherForm() }
    set { forms[preset?.name] = newValue }
  }

  /// The form's fields in order.
  package var fields: [LauncherField] {
    [.dataset, .epochs, .seed] + (preset.map { [.batchSize] + $0.lanes.map { .lane($0.name) } } ?? [])
  }

  /// The selected field of the form.
  package var field: LauncherField { fields[min(fieldIndex, fields.count - 1)] }

  /// Selects an experiment by index.
  package mutating func select(_ index: Int) { selected = min(max(0, index), presets.count) }

  /// Selects a field.
  package mutating func select(_ field: LauncherField) {
    guard let index = fields.firstIndex(of: field) else { return }
    side = .form
    fieldIndex = index
  }

  /// Moves the selection of experiments or fields by `distance` rows.
  package mutating func move(by distance: Int) {
    switch side {
    case .experiments: select(selected + distance)
    case .form: fieldIndex = min(max(0, min(fieldIndex, fields.count - 1) + distance), fields.count - 1)
    }
  }

  /// Uses the file at `path` as experiment.
  package mutating func open(_ path: String) {
    file = path
    selected = presets.count
  }

  // MARK: Values

  /// Whether a lane is selected in the form.
  var isLaneChosen: Bool { if case .lane = field { side == .form } else { false } }

  /// The data set to train on; nil if the YAML file determines it.
  package var dataset: String? { form.dataset ?? preset?.dataset }

  /// The catalog's entry of that data set; nil for a directory, or if the YAML file determines it.
  package var datasetEntry: Catalog.Dataset? { catalog?.datasets.first { $0.name == dataset } }

  /// The data set to train on, if it is known but not installed.
  package var missing: Catalog.Dataset? { datasetEntry.flatMap { $0.location == nil ? $0 : nil } }

  /// Returns whether a data set is known but not installed.
  func isMissing(_ dataset: String) -> Bool {
    catalog?.datasets.contains { $0.name == dataset && $0.location == nil } ?? false
  }

  /// The seed; nil if the YAML file determines it.
  package var seed: UInt64? { form.seed ?? preset?.seed }

  /// The value of a field with a hyperparameter's scale; nil for other fields, and if the YAML file determines it.
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

  /// Returns whether the lane is included.
  package func isOn(_ lane: String) -> Bool { !form.lanesLeftOut.contains(lane) }

  /// Includes or excludes the lane. The last included lane cannot be excluded.
  /// - Returns: whether it changed.
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

  /// Changes the selected field's value by one step.
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

  /// Sets a field to a typed value.
  /// - Throws: what was expected and found, if it is invalid.
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

  /// Returns what to start.
  /// - Throws: what is missing.
  package func request() throws -> ExperimentRequest {
    let source: ExperimentRequest.Source
    if let preset {
      source = .preset(preset.name)
    } else if let file {
      source = .file(file)
    } else {
      throw CommandParser.Mistake(description: "no YAML file was chosen yet: o asks for its path")
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
  /// Number of epochs of each lane.
  case epochs
  /// The seed of all random numbers.
  case seed
  /// Batch size of every lane.
  case batchSize
  /// A lane: whether it is included, and its learning rate.
  case lane(String)
}

/// Changes of an experiment before it starts; nil keeps the experiment's value.
package struct LauncherForm: Hashable, Sendable {
  /// The name or directory of a data set.
  package var dataset: String?
  /// Number of epochs of each lane.
  package var epochs: Int?
  /// The seed.
  package var seed: UInt64?
  /// Batch size of every lane.
  package var batchSize: HyperparameterValue?
  /// Learning rates by lane.
  package var learningRates: [String: HyperparameterValue] = [:]
  /// The excluded lanes.
  package var lanesLeftOut: Set<String> = []

  /// No changes.
  package init() {}
}
