import NeuralNetworks
import TrainingMetrics

/// Pairs the tensors of a file with those of a network.
struct TensorPairing {
  /// What fills a tensor of the network.
  enum Source {
    case tensor(ForeignTensors.Entry)
    case number(Float)
  }

  /// What fills each tensor of the network, by its name.
  private(set) var sources: [String: Source] = [:]
  /// Biases that the network does not have, with the running mean that takes them in.
  private(set) var foldedBiases: [(bias: ForeignTensors.Entry, mean: String)] = []
  /// Tensors of the file that are not used.
  private(set) var ignored: [String] = []
  /// What the user should know about the pairing.
  private(set) var remarks: [String] = []

  private let slots: [TensorSlot]
  private let file: ForeignTensors
  // The file's tensors that are not used yet.
  private var free: [String: ForeignTensors.Entry]

  init(_ slots: [TensorSlot], _ file: ForeignTensors) {
    self.slots = slots
    self.file = file
    free = Dictionary(file.entries.map { ($0.name, $0) }) { first, _ in first }
    // A counter of PyTorch's batch normalization, which only training with a cumulative mean reads.
    for name in free.keys.sorted(by: NaturalOrder.precedes) where name.hasSuffix("num_batches_tracked") { ignore(name) }
    // signflip's own files have the weights of products beside those that training keeps.
    if file.isOwn {
      for slot in slots where slot.role == "weights" {
        let latent = slot.layer + ".latentWeights"
        guard let entry = free[latent], slot.fits(entry.shape) else { continue }
        take(entry, for: slot)
        ignore(slot.name)
      }
    }
  }

  /// Pairs what a map names.
  /// - Throws: `WeightImportError` if it names what is not there, or shapes differ.
  mutating func apply(_ map: ImportMap?) throws {
    guard let map else { return }
    for name in map.ignored {
      guard free[name] != nil else { throw map.error("ignore", expected: "a tensor of \(file.path)", found: name) }
      ignore(name)
    }
    for (name, value) in map.entries {
      switch value {
      case .number(let number):
        guard slots.contains(where: { $0.name == name }) else { throw unknown(name, map) }
        sources[name] = .number(number)
      case .tensor(let foreign):
        guard let entry = free[foreign] else {
          throw map.error(name, expected: "a tensor of \(file.path) that is not used yet", found: foreign)
        }
        if let slot = slots.first(where: { $0.name == name }) {
          guard slot.fits(entry.shape) else {
            throw map.error(name, expected: "shape \(slot.foreignShape)", found: "\(foreign) of shape \(entry.shape)")
          }
          take(entry, for: slot)
        } else if let mean = meanBehindBias(name), mean.count == entry.count {
          fold(entry, into: mean)
        } else {
          throw unknown(name, map)
        }
      }
    }
  }

  private func unknown(_ name: String, _ map: ImportMap) -> WeightImportError {
    map.error(name, expected: "a tensor of the network", found: "none of this name")
  }

  /// Pairs tensors of equal names.
  mutating func pairEqualNames() {
    for slot in slots where sources[slot.name] == nil {
      if let entry = free[slot.name], slot.fits(entry.shape) { take(entry, for: slot) }
    }
  }

  /// Pairs the rest by kind and shape, equal shapes in the order of names.
  mutating func pairShapes() {
    pair(.product, key: "weights", foreign: ["weight", "weights", "kernel"])
    pair(.normalization, key: "runningMean", foreign: ["running_mean", "moving_mean"])
  }

  // Pairs layers of a kind. `key` is the tensor whose shape decides, `foreign` its names elsewhere.
  private mutating func pair(_ kind: TensorSlot.Kind, key: String, foreign: [String]) {
    let open = slots.filter { $0.kind == kind && $0.role == key && sources[$0.name] == nil }
    let groups = free.values.compactMap { entry -> (prefix: String, entry: ForeignTensors.Entry)? in
      guard foreign.contains(entry.role) else { return nil }
      // The weight of a batch normalization is a row of numbers.
      return key == "weights" && entry.shape.filter({ $0 != 1 }).count < 2 && entry.shape.count < 2
        ? nil : (entry.prefix, entry)
    }.sorted { NaturalOrder.precedes($0.prefix, $1.prefix) }
    for (shape, wanted) in Dictionary(grouping: open, by: \.foreignShape).sorted(by: { "\($0.key)" < "\($1.key)" }) {
      let found = groups.filter { free[$0.entry.name] != nil && wanted[0].fits($0.entry.shape) }
      guard found.count == wanted.count else { continue }
      if wanted.count > 1 {
        let names = found.map(\.prefix).joined(separator: ", ")
        remarks.append(
          "\(wanted.count) layers have \(key) of shape \(shape): paired in the order of names, \(names); check it, or "
            + "pass --map")
      }
      for (slot, group) in zip(wanted, found) {
        take(group.entry, for: slot)
        pairRest(of: slot, prefix: group.prefix)
      }
    }
  }

  // Pairs the other tensors of a layer whose main tensor is paired.
  private mutating func pairRest(of slot: TensorSlot, prefix: String) {
    for other in slots where other.layer == slot.layer && sources[other.name] == nil {
      let names = Self.foreignRoles[other.kind]?[other.role] ?? []
      for name in names {
        guard let entry = free[prefix.isEmpty ? name : "\(prefix).\(name)"], other.fits(entry.shape) else { continue }
        take(entry, for: other)
        break
      }
    }
    if slot.kind == .product, let bias = free[prefix.isEmpty ? "bias" : "\(prefix).bias"],
      let mean = meanBehindBias("\(slot.layer).bias"), mean.count == bias.count
    {
      fold(bias, into: mean)
    }
  }

  private static let foreignRoles: [TensorSlot.Kind: [String: [String]]] = [
    .product: ["bias": ["bias"]],
    .normalization: [
      "scale": ["weight", "gamma", "scale"], "shift": ["bias", "beta", "shift"],
      "runningVariance": ["running_var", "moving_variance"],
    ],
  ]

  // The running mean that takes in a bias which the network does not have; nil if it has it, or nothing normalizes it.
  private func meanBehindBias(_ name: String) -> TensorSlot? {
    guard name.hasSuffix(".bias"), !slots.contains(where: { $0.name == name }),
      let place = slots.lastIndex(where: { $0.layer == name.dropLast(".bias".count) && $0.kind == .product })
    else { return nil }
    let behind = slots[(place + 1)...].first { $0.kind != .normalization || $0.role == "runningMean" }
    return behind.flatMap { $0.kind == .normalization ? $0 : nil }
  }

  /// Checks that every tensor of the network is filled, and every tensor of the file is used.
  /// - Throws: `WeightImportError`, which lists the others.
  func check() throws {
    let missing = slots.filter { sources[$0.name] == nil }
    guard !missing.isEmpty || !free.isEmpty else { return }
    let unused = free.values.sorted { NaturalOrder.precedes($0.name, $1.name) }
    let parts = [
      missing.isEmpty
        ? nil : "no tensor was found for\n" + missing.map { "  \($0.name) \($0.foreignShape)" }.joined(separator: "\n"),
      unused.isEmpty
        ? nil
        : "the network has no place for\n"
          + unused.map { "  \($0.name.printableLine) \($0.shape)" }.joined(separator: "\n"),
    ]
    throw WeightImportError(
      "\(file.path): expected one tensor for each of the network's\n"
        + parts.compactMap { $0 }.joined(separator: "\n")
        + "\nA map (--map FILE) pairs them, one per line: `hidden1.weights: net.0.weight`. `ignore: [NAME]` leaves tensors out."
    )
  }

  private mutating func take(_ entry: ForeignTensors.Entry, for slot: TensorSlot) {
    sources[slot.name] = .tensor(entry)
    free[entry.name] = nil
  }

  private mutating func fold(_ bias: ForeignTensors.Entry, into mean: TensorSlot) {
    foldedBiases.append((bias, mean.name))
    free[bias.name] = nil
  }

  private mutating func ignore(_ name: String) {
    guard free.removeValue(forKey: name) != nil else { return }
    ignored.append(name)
  }
}

/// The order of names in which numbers count as numbers: `net.2` precedes `net.10`.
enum NaturalOrder {
  /// Returns whether `a` comes before `b`.
  static func precedes(_ a: String, _ b: String) -> Bool {
    let (left, right) = (parts(a), parts(b))
    for (one, other) in zip(left, right) where one != other {
      if let first = Int(one), let second = Int(other), first != second { return first < second }
      return one < other
    }
    return left.count < right.count
  }

  private static func parts(_ name: String) -> [String] {
    var parts: [String] = []
    var wasDigit: Bool?
    for letter in name {
      let isDigit = letter.isASCII && letter.isNumber
      if isDigit == wasDigit { parts[parts.count - 1].append(letter) } else { parts.append(String(letter)) }
      wasDigit = isDigit
    }
    return parts
  }
}
