import Datasets
import NeuralNetworks
import RunStore
import Synchronization
import Tensors

/// The weights that teachers publish after each epoch, written by teachers' threads and read by students' threads.
///
/// In a recorded run the weights are files in the run's directory, so that a student that is resumed, rewound or forked
/// finds them. Otherwise they stay in memory until no student needs them any more.
final class TeacherLedger: Sendable {
  /// The availability of a teacher's weights.
  enum Standing: Equatable {
    /// The weights after this epoch are available.
    case ready(epoch: Int)
    /// Not available yet.
    case notYet
    /// Never available, with the reason.
    case never(String)
  }

  private struct Course {
    var epochs: Set<Int> = []
    var images: [Int: SafetensorsImage] = [:]
    var hasEnded = false
    // Students' mailboxes, each with the epoch that the student has reached.
    var students: [(mailbox: LaneMailbox, epoch: Int)] = []
  }

  /// The plans of the teachers by name.
  let plans: [String: LanePlan]
  private let courses: Mutex<[String: Course]>
  private let archive: RunArchive?

  /// A ledger of the teachers in `lanes`, with the weights in a run's directory.
  /// - Parameter present: the lanes that train or have trained; nil for all.
  init(_ lanes: [LanePlan], present: Set<String>? = nil, archive: RunArchive?) {
    let names = Set(lanes.compactMap { $0.distillation?.teacher }).intersection(present ?? Set(lanes.map(\.name)))
    plans = Dictionary(lanes.filter { names.contains($0.name) }.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    courses = Mutex(
      Dictionary(uniqueKeysWithValues: names.map { ($0, Course(epochs: archive?.teacherEpochs(of: $0) ?? [])) }))
    self.archive = archive
  }

  /// Returns whether other lanes learn from a lane.
  func isTeacher(_ lane: String) -> Bool { plans[lane] != nil }

  /// Registers a student's mailbox, to be woken when its teacher publishes weights.
  func enrol(_ mailbox: LaneMailbox, with teacher: String) {
    courses.withLock { courses in
      if courses[teacher]?.students.contains(where: { $0.mailbox === mailbox }) == false {
        courses[teacher]?.students.append((mailbox, 0))
      }
    }
  }

  /// Removes a student that trains no more.
  func leave(_ mailbox: LaneMailbox, _ teacher: String) {
    courses.withLock { $0[teacher]?.students.removeAll { $0.mailbox === mailbox } }
  }

  /// Marks a teacher as training, possibly again.
  func begin(_ lane: String) { courses.withLock { $0[lane]?.hasEnded = false } }

  /// Marks a teacher as ended.
  func end(_ lane: String) {
    let students = courses.withLock { courses in
      courses[lane]?.hasEnded = true
      return courses[lane]?.students ?? []
    }
    for student in students { student.mailbox.wake() }
  }

  /// Returns whether a teacher has published its weights after an epoch, which then never change.
  func has(_ lane: String, epoch: Int) -> Bool { courses.withLock { $0[lane]?.epochs.contains(epoch) ?? false } }

  /// Publishes a teacher's weights after an epoch.
  /// - Returns: why they are in memory only; nil if they were written.
  func publish(_ image: SafetensorsImage, of lane: String, epoch: Int) -> String? {
    var problem: String?
    do {
      try archive?.saveTeacher(lane, epoch: epoch) { _ = try image.write(to: $0) }
    } catch {
      problem = "\(error)"
    }
    if problem == nil { writeLate(lane) }
    let students = courses.withLock { courses in
      let students = courses[lane]?.students ?? []
      if problem != nil || archive == nil && !students.isEmpty { courses[lane]?.images[epoch] = image }
      courses[lane]?.epochs.insert(epoch)
      return students
    }
    for student in students { student.mailbox.wake() }
    return problem
  }

  // Writes weights that a full disk has kept in memory.
  private func writeLate(_ lane: String) {
    guard let archive else { return }
    let images = courses.withLock { $0[lane]?.images ?? [:] }
    for (epoch, image) in images {
      guard (try? archive.saveTeacher(lane, epoch: epoch, write: { _ = try image.write(to: $0) })) != nil else {
        return
      }
      courses.withLock { _ = $0[lane]?.images.removeValue(forKey: epoch) }
    }
  }

  /// Records that a student needs a teacher's weights after `epoch` epochs, or would need them if distillation had an
  /// effect.
  func note(_ mailbox: LaneMailbox, at epoch: Int, of lane: String) {
    courses.withLock { courses in
      guard var course = courses.removeValue(forKey: lane) else { return }
      defer { courses[lane] = course }
      for index in course.students.indices where course.students[index].mailbox === mailbox {
        course.students[index].epoch = epoch
      }
      // Without a directory no lane can go back, so weights that all students have passed are discarded.
      if archive == nil, let first = course.students.map(\.epoch).min() {
        course.images = course.images.filter { $0.key >= first }
      }
    }
  }

  /// Returns the availability of a teacher's weights after `epoch` epochs.
  func standing(of lane: String, after epoch: Int) -> Standing {
    courses.withLock { courses in
      guard let course = courses[lane] else { return .never("lane \(lane) is not trained here") }
      if course.epochs.contains(epoch) { return .ready(epoch: epoch) }
      guard course.hasEnded else { return .notYet }
      guard let last = course.epochs.filter({ $0 < epoch }).max() else {
        return .never("lane \(lane) ended before its first epoch was done")
      }
      return .ready(epoch: last)
    }
  }

  /// Returns a teacher's published weights after an epoch.
  /// - Throws: `SafetensorsError` if the file can't be read.
  func weights(of lane: String, epoch: Int, for mailbox: LaneMailbox) throws -> SafetensorsImage {
    note(mailbox, at: epoch, of: lane)
    if let image = courses.withLock({ $0[lane]?.images[epoch] }) { return image }
    guard let archive else {
      throw SafetensorsError(message: "lane \(lane): expected its weights after epoch \(epoch)")
    }
    return try SafetensorsImage.read(archive.teacherFile(of: lane, epoch: epoch), sha256: nil)
  }
}

/// A student's copy of its teacher's network, for inference.
final class Teacher {
  /// The epoch of the weights; 0 for none yet.
  private(set) var epoch = 0

  private let network: Network
  private let compute: Compute
  private let input: Tensor
  private let workspace = Workspace()

  /// The network of `plan`.
  init(_ plan: LanePlan, data: LaneData, _ compute: Compute) {
    self.compute = compute
    network = plan.fittedLayout(for: data.dataset).makeNetwork(
      plan.network, precision: plan.precision, seed: 0, compute)
    input = Tensor(rows: 0, columns: data.dataset.training.featureCount)
  }

  /// Returns what a teacher publishes: parameters and running statistics, and whether its weights are still float.
  static func image(of network: Network, usesFloatWeights: Bool) throws -> SafetensorsImage {
    try SafetensorsImage(
      network.namedState.map { ($0.name, .tensor($0.tensor)) },
      metadata: [weightsPart: usesFloatWeights ? floatWord : "binary", "format": "signflip teacher 1"])
  }

  private static let weightsPart = "latent weights are used as"
  private static let floatWord = "float"

  /// Loads the teacher's weights after an epoch.
  /// - Throws: `SafetensorsError` if they are of another network.
  func take(_ image: SafetensorsImage, epoch: Int) throws {
    for (name, tensor) in network.namedState { try image.copy(name, into: tensor) }
    network.prepareOperands(image.metadata[Teacher.weightsPart] == Teacher.floatWord ? .values : .signs, compute)
    self.epoch = epoch
  }

  /// Returns the teacher's logits of a batch, shape `[batch, classes]`, valid until the next call.
  func logits(of images: Tensor) -> Tensor {
    // A copy, because a layer may overwrite its input, which the student reads too.
    input.copy(from: images)
    return network.forward(input, PassContext(compute: compute, isTraining: false, workspace: workspace))
  }
}
