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
