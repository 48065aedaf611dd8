import EngineProtocol
import Foundation

// What lanes that learn from each other do at the ends of their epochs.

extension LaneTrainer {
  /// Shows students the weights after the epoch that was just done.
  func teach() {
    let name = model.plan.name
    guard ledger.isTeacher(name), epoch > 0, !ledger.has(name, epoch: epoch) else { return }
    do {
      let image = try clock.measure {
        try Teacher.image(of: model.network, usesFloatWeights: model.usesFloatWeights)
      }
      guard let problem = ledger.publish(image, of: name, epoch: epoch) else { return }
      report(.health(HealthReport(.warning, problem, time: Date().timeIntervalSince1970)))
    } catch {
      report(
        .health(
          HealthReport(.error, "no weights of \(name) to learn from: \(error)", time: Date().timeIntervalSince1970)))
    }
  }

  /// What the lane waits for before its next update; nil where it does not.
  var missingTeacher: String? {
    guard let distillation = model.distillation, epoch < model.plan.epochs,
      ledger.standing(of: distillation.teacher, after: epoch + 1) == .notYet
    else { return nil }
    return "\(distillation.teacher)'s epoch \(epoch + 1)"
  }

  /// What a lane has of its teacher before an update.
  enum Lesson {
    /// The weights that the epoch needs, or no need of any.
    case ready
    /// A teacher that was rewound meanwhile, and trains again.
    case notYet
    /// None, for this reason.
    case failed(String)
  }

  /// Takes the teacher's weights over where an epoch needs others.
  func learnFromTeacher() -> Lesson {
    guard let distillation = model.distillation else {
      if let teacher = model.plan.distillation?.teacher, position == 0 {
        ledger.note(mailbox, at: epoch + 1, of: teacher)
      }
      return .ready
    }
    let name = distillation.teacher
    switch ledger.standing(of: name, after: epoch + 1) {
    case .never(let reason): return .failed("there is nobody to learn from: \(reason)")
    case .notYet: return .notYet
    case .ready(let place):
      guard model.teacherEpoch != place else { return .ready }
      do {
        let image = try ledger.weights(of: name, epoch: place, for: mailbox)
        try clock.measure { try model.takeTeacher(image, epoch: place) }
        return .ready
      } catch {
        return .failed("the weights of \(name) after epoch \(place) can't be learned from: \(error)")
      }
    }
  }
}
