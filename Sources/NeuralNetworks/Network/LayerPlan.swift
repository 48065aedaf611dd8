import Tensors

/// A layer of a list of layers, before its input is known.
///
/// Each kind of layer is one file in `Layers`; `LayerKinds` lists the kinds.
package struct LayerPlan: Hashable, Sendable {
  /// The layer.
  package let layer: any PlannedLayer

  /// A layer of a list.
  package init(_ layer: any PlannedLayer) { self.layer = layer }

  /// The padding of images.
  package enum Border: String, Codable, Sendable, CaseIterable {
    /// No padding.
    case valid
    /// Pads floats with 0 and signs with +1, so that the output is as large as the input, or `stride` times smaller.
    case same
    /// Pads with 0, also for signs: these positions contribute nothing.
    case sameZero
    /// Pads with +1, also for floats.
    case sameOne

    /// The padding of images of floats or of signs.
    func padding(ofSigns: Bool) -> Padding {
      switch self {
      case .valid: .valid
      case .same: ofSigns ? .sameOne : .same
      case .sameZero: .same
      case .sameOne: .sameOne
      }
    }
  }

  /// The layer, or all layers of a residual block, with nested blocks expanded.
  /// - Parameter shortcuts: whether to include layers of shortcuts.
  package func leaves(withShortcuts shortcuts: Bool = true) -> [LayerPlan] {
    guard let parts = layer.parts(withShortcuts: shortcuts) else { return [self] }
    return parts.flatMap { $0.leaves(withShortcuts: shortcuts) }
  }

  package static func == (a: LayerPlan, b: LayerPlan) -> Bool { AnyHashable(a.layer) == AnyHashable(b.layer) }

  package func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(layer)) }
}

/// In JSON, an object whose only key is the kind's name, with the layer's fields as value:
/// `{"linear":{"outputs":500}}`.
extension LayerPlan: Codable {
  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    func layer<Kind: PlannedLayer>(_ kind: Kind.Type, _ name: Name) throws -> any PlannedLayer {
      try container.decode(kind, forKey: name)
    }
    guard let name = container.allKeys.first, container.allKeys.count == 1,
      let kind = LayerKinds.planned.first(where: { $0.name == name.stringValue })
    else {
      let found = container.allKeys.map(\.stringValue).joined(separator: ", ")
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "expected a kind of layer, found “\(found)”"))
    }
    self.init(try layer(kind, name))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Name.self)
    try container.encode(layer, forKey: Name(stringValue: type(of: layer).name))
  }
}
