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

  /// Takes the teacher's weights over where an epoch needs others.
  /// - Returns: why that can't be; nil where all is well.
  func learnFromTeacher() -> String? {
    guard let distillation = model.distillation else { return nil }
    let name = distillation.teacher
    switch ledger.standing(of: name, after: epoch + 1) {
    case .never(let reason): return "there is nobody to learn from: \(reason)"
    case .notYet: return "the weights of \(name) after epoch \(epoch + 1) are gone"
    case .ready(let place):
      guard model.teacherEpoch != place else { return nil }
      do {
        let image = try ledger.weights(of: name, epoch: place, for: mailbox)
        try clock.measure { try model.takeTeacher(image, epoch: place) }
        return nil
      } catch {
        return "the weights of \(name) after epoch \(place) can't be learned from: \(error)"
      }
    }
  }
}
