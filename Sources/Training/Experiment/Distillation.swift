import EngineProtocol
import NeuralNetworks
import Yams

/// Knowledge distillation from another lane of the experiment: `loss = (1-w)·loss + w·T²·KL(teacher/T ‖ student/T)`.
///
/// In epoch e, counted from 0, the student learns from the teacher's weights after e + 1 epochs or, if the teacher has
/// ended before, from its weights after its last complete epoch. The student waits until these weights exist, so the
/// result does not depend on the speed of the lanes. Published weights never change: a rewound teacher publishes later
/// epochs only, and a student whose teacher was rewound cannot be replayed bit for bit.
/// - SeeAlso: Hinton et al. 2015, arXiv:1503.02531.
package struct Distillation: Hashable, Codable, Sendable {
  /// The teacher's lane.
  package var teacher: String
  /// w, 0...1: the weight of the teacher's outputs relative to the labels.
  package var weight: Float
  /// T: the temperature that divides both networks' logits.
  package var temperature: Float

  /// Distillation from `teacher`.
  package init(teacher: String, weight: Float = 0.5, temperature: Float = 4) {
    self.teacher = teacher
    self.weight = weight
    self.temperature = temperature
  }
}

extension Experiment {
  /// Checks that every teacher exists, and that no lane learns from itself through others.
  /// - Parameter reason: why lanes may be missing: “, which --lanes leaves out”.
  /// - Throws: `ExperimentError` with the lane's name.
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
  /// Reads the teacher and the settings of distillation. The numbers may be in the mapping, or beside it under the
  /// names that `--set` and the screen use.
  /// - Throws: `ExperimentError`.
  func distillation(_ lane: YAMLSection) throws -> Distillation? {
    let numbers: [(Hyperparameter, short: String)] = [
      (.distillationWeight, "weight"), (.distillationTemperature, "temperature"),
    ]
    let own = try numbers.map { try number($0.0, lane) }
    guard let keys = try lane.section("distillation") else { return nil }
    guard let teacher = try keys.string("from") else {
      throw keys.wrong("from", expected: "the name of the teacher's lane")
    }
    // A mapping in the defaults that names this lane is meant for the other lanes.
    if teacher == name, !section.hasOwn("distillation") { return nil }
    let values = try zip(numbers, own).map { key, own -> Float? in
      let value = try keys.number(key.short, in: key.0.specification.range)
      guard own == nil || value == nil || !section.hasOwn(key.0.rawValue) || !section.hasOwn("distillation") else {
        throw keys.wrong(key.short, expected: "no such key beside \(key.0.rawValue)", code: .unknownKey)
      }
      // The lane's own mapping takes precedence over a number in the defaults.
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
