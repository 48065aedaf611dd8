import EngineProtocol
import NeuralNetworks
import Yams

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
