import EngineProtocol
import NeuralNetworks
import Yams

/// How a lane learns from another one that trains beside it: `loss = (1-w)·loss + w·T²·KL(teacher/T ‖ student/T)`.
///
/// In its epoch e, counted from 0, the student learns from the teacher as that was after e + 1 epochs of its own; from one that has
/// ended before, as it was after its last whole one. The student waits until the teacher has come so far, so what it learns does
/// not depend on which of the two is faster. What a teacher has shown stays: a teacher that is rewound shows only later epochs
/// anew, and a student whose teacher was rewound is not replayed bit for bit.
/// - SeeAlso: Hinton et al. 2015, arXiv:1503.02531.
package struct Distillation: Hashable, Codable, Sendable {
  /// The lane to learn from.
  package var teacher: String
  /// w, 0...1: how much the teacher counts beside the labels.
  package var weight: Float
  /// T: how even both outputs are made before they are compared.
  package var temperature: Float

  /// Learning from `teacher`.
  package init(teacher: String, weight: Float = 0.5, temperature: Float = 4) {
    self.teacher = teacher
    self.weight = weight
    self.temperature = temperature
  }
}

extension Experiment {
  /// Checks that every lane that learns from another has it, and that none learns from itself by others.
  /// - Parameter reason: why lanes may be missing: “, which --lanes leaves out”.
  /// - Throws: `ExperimentError`, naming the lane.
  func checkTeachers(source: String, reason: String = "") throws {
    for lane in lanes {
      var way = [lane.name]
      var teacher = lane.distillation?.teacher
      while let name = teacher {
        func wrong(_ expected: String) -> ExperimentError {
          ExperimentError(
            code: .unknownLane,
            message:
              "\(source): lane \(way[way.count - 1]): distillation.from: expected \(expected), found “\(name)”\(reason)"
          )
        }
        if name == way[way.count - 1] { throw wrong("another lane") }
        guard let next = lanes.first(where: { $0.name == name }) else {
          throw wrong("a lane of \(lanes.map(\.name).joined(separator: ", "))")
        }
        if way.contains(name) { throw wrong("a lane that does not learn from \(way[way.count - 1]) itself") }
        way.append(name)
        teacher = next.distillation?.teacher
      }
    }
  }
}

extension LaneReader {
  /// The lane to learn from, and how much. The numbers may stand in the mapping, or beside it by the names that `--set` and
  /// the live screen have for them.
  /// - Throws: `ExperimentError`.
  func distillation(_ lane: YAMLSection) throws -> Distillation? {
    let numbers: [(Hyperparameter, short: String)] = [
      (.distillationWeight, "weight"), (.distillationTemperature, "temperature"),
    ]
    let own = try numbers.map { try number($0.0, lane) }
    guard let keys = try lane.section("distillation") else { return nil }
    guard let teacher = try keys.string("from") else {
      throw keys.wrong("from", expected: "the name of the lane to learn from")
    }
    // What stands in the defaults is for the others.
    if teacher == name, !section.hasOwn("distillation") { return nil }
    let values = try zip(numbers, own).map { key, own -> Float? in
      let value = try keys.number(key.short, in: key.0.specification.range)
      guard own == nil || value == nil || !section.hasOwn(key.0.rawValue) || !section.hasOwn("distillation") else {
        throw keys.wrong(key.short, expected: "no such key beside \(key.0.rawValue)", code: .unknownKey)
      }
      // The lane's own mapping goes before a number that stands in the defaults.
      let isDefault =
        !section.hasOwn(key.0.rawValue) && lane.owner(of: key.0.rawValue) === section.owner(of: key.0.rawValue)
      let isOwnMapping = section.hasOwn("distillation")
      return (isDefault && isOwnMapping ? value ?? own : own ?? value).map { Float($0) }
    }
    try keys.checkForUnknownKeys()
    var distillation = Distillation(teacher: teacher)
    distillation.weight = values[0] ?? distillation.weight
    distillation.temperature = values[1] ?? distillation.temperature
    return distillation
  }
}
