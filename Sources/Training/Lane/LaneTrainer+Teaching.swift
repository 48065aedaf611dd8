import EngineProtocol
import Foundation

// Distillation between lanes at the ends of their epochs.

extension LaneTrainer {
  /// Publishes the weights after the epoch that has just ended.
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
          HealthReport(.error, "no weights of the teacher \(name): \(error)", time: Date().timeIntervalSince1970)))
    }
  }

  /// What the lane must wait for before its next update; nil if nothing.
  var missingTeacher: String? {
    guard let distillation = model.distillation, epoch < model.plan.epochs,
      ledger.standing(of: distillation.teacher, after: epoch + 1) == .notYet
    else { return nil }
    return "\(distillation.teacher)'s epoch \(epoch + 1)"
  }

  /// The state of a lane's teacher before an update.
  enum Lesson {
    /// The weights for the epoch are available, or none are needed.
    case ready
    /// The teacher was rewound meanwhile, and trains again.
    case notYet
    /// The weights will never be available, with the reason.
    case failed(String)
  }

  /// Loads the teacher's weights if the epoch needs other ones.
  func learnFromTeacher() -> Lesson {
    guard let distillation = model.distillation else {
      if let teacher = model.plan.distillation?.teacher, position == 0 {
        ledger.note(mailbox, at: epoch + 1, of: teacher)
      }
      return .ready
    }
    let name = distillation.teacher
    switch ledger.standing(of: name, after: epoch + 1) {
    case .never(let reason): return .failed("the teacher is not available: \(reason)")
    case .notYet: return .notYet
    case .ready(let place):
      guard model.teacherEpoch != place else { return .ready }
      do {
        let image = try ledger.weights(of: name, epoch: place, for: mailbox)
        try clock.measure { try model.takeTeacher(image, epoch: place) }
        return .ready
      } catch {
        return .failed("the weights of \(name) after epoch \(place) can't be used: \(error)")
      }
    }
  }
}
