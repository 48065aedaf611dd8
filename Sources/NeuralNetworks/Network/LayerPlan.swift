import Tensors

/// A layer as a person writes it, before anything is known of its input.
///
/// What a kind of layer is stands in one file of `Layers`; `LayerKinds` lists the kinds.
package struct LayerPlan: Hashable, Sendable {
  /// The layer.
  package let layer: any PlannedLayer

  /// A layer of a list.
  package init(_ layer: any PlannedLayer) { self.layer = layer }

  /// What stands outside of an image under a window.
  package enum Border: String, Codable, Sendable, CaseIterable {
    /// Nothing: no window reaches beyond the image.
    case valid
    /// 0 around real numbers, +1 around signs; the output is as large as the input, or `stride` times smaller.
    case same
    /// 0, also around signs: these places take no part.
    case sameZero
    /// +1, also around real numbers.
    case sameOne

    /// The padding of images of real numbers, or of signs.
    func padding(ofSigns: Bool) -> Padding {
      switch self {
      case .valid: .valid
      case .same: ofSigns ? .sameOne : .same
      case .sameZero: .same
      case .sameOne: .sameOne
      }
    }
  }

  /// The layer, or those of a residual block, whatever stands in what.
  /// - Parameter shortcuts: whether those of shortcuts are among them.
  package func leaves(withShortcuts shortcuts: Bool = true) -> [LayerPlan] {
    guard let parts = layer.parts(withShortcuts: shortcuts) else { return [self] }
    return parts.flatMap { $0.leaves(withShortcuts: shortcuts) }
  }

  package static func == (a: LayerPlan, b: LayerPlan) -> Bool { AnyHashable(a.layer) == AnyHashable(b.layer) }

  package func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(layer)) }
}

/// One key, the kind's name; its value has the layer's fields: `{"linear":{"outputs":500}}`.
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
