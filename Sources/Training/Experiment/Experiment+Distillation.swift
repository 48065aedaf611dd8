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
