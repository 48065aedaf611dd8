import Datasets
import NeuralNetworks
import RunStore
import Synchronization
import Tensors

/// What the lanes that others learn from have shown: their weights after each epoch. Written by teachers' threads, read by
/// students'.
///
/// In a recorded run the weights are files of its directory, so that a student that is resumed, rewound or forked finds
/// those it needs. Otherwise they stay in memory until every student is past them.
final class TeacherLedger: Sendable {
  /// What a student finds.
  enum Standing: Equatable {
    /// The weights after this epoch are to be used.
    case ready(epoch: Int)
    /// The teacher is not there yet.
    case notYet
    /// It will never be, for this reason.
    case never(String)
  }

  private struct Course {
    var epochs: Set<Int> = []
    var images: [Int: SafetensorsImage] = [:]
    var hasEnded = false
    // Students' mailboxes, with the epoch that each one has come to.
    var students: [(mailbox: LaneMailbox, epoch: Int)] = []
  }

  /// The plans of the teachers, by their names.
  let plans: [String: LanePlan]
  private let courses: Mutex<[String: Course]>
  private let archive: RunArchive?

  /// A ledger of the teachers in `lanes`, with what a run's directory has of them.
  /// - Parameter present: the lanes that train, or have trained; nil for all.
  init(_ lanes: [LanePlan], present: Set<String>? = nil, archive: RunArchive?) {
    let names = Set(lanes.compactMap { $0.distillation?.teacher }).intersection(present ?? Set(lanes.map(\.name)))
    plans = Dictionary(lanes.filter { names.contains($0.name) }.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    courses = Mutex(
      Dictionary(uniqueKeysWithValues: names.map { ($0, Course(epochs: archive?.teacherEpochs(of: $0) ?? [])) }))
    self.archive = archive
  }

  /// Whether others learn from a lane.
  func isTeacher(_ lane: String) -> Bool { plans[lane] != nil }

  /// Has a student's mailbox woken when its teacher has come further.
  func enrol(_ mailbox: LaneMailbox, with teacher: String) {
    courses.withLock { courses in
      if courses[teacher]?.students.contains(where: { $0.mailbox === mailbox }) == false {
        courses[teacher]?.students.append((mailbox, 0))
      }
    }
  }

  /// Lets a student go that trains no more.
  func leave(_ mailbox: LaneMailbox, _ teacher: String) {
    courses.withLock { $0[teacher]?.students.removeAll { $0.mailbox === mailbox } }
  }

  /// Takes note that a teacher trains, again perhaps.
  func begin(_ lane: String) { courses.withLock { $0[lane]?.hasEnded = false } }

  /// Takes note that a teacher trains no more.
  func end(_ lane: String) {
    let students = courses.withLock { courses in
      courses[lane]?.hasEnded = true
      return courses[lane]?.students ?? []
    }
    for student in students { student.mailbox.wake() }
  }

  /// Whether a teacher has shown its weights after an epoch: these stay as they are.
  func has(_ lane: String, epoch: Int) -> Bool { courses.withLock { $0[lane]?.epochs.contains(epoch) ?? false } }

  /// Shows a teacher's weights after an epoch.
  /// - Returns: why they are in memory only; nil where all is well.
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

  // Writes what a full disk has left in memory.
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

  /// Takes note that a student has come to where it needs a teacher's weights after `epoch` epochs, or would if they counted.
  func note(_ mailbox: LaneMailbox, at epoch: Int, of lane: String) {
    courses.withLock { courses in
      guard var course = courses.removeValue(forKey: lane) else { return }
      defer { courses[lane] = course }
      for index in course.students.indices where course.students[index].mailbox === mailbox {
        course.students[index].epoch = epoch
      }
      // Without a directory nothing goes back to what all have left behind.
      if archive == nil, let first = course.students.map(\.epoch).min() {
        course.images = course.images.filter { $0.key >= first }
      }
    }
  }

  /// What a student finds that wants to learn from a teacher as it was after `epoch` epochs.
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

  /// A teacher's weights after an epoch that stands ready.
  /// - Throws: `SafetensorsError` where the file can't be read.
  func weights(of lane: String, epoch: Int, for mailbox: LaneMailbox) throws -> SafetensorsImage {
    note(mailbox, at: epoch, of: lane)
    if let image = courses.withLock({ $0[lane]?.images[epoch] }) { return image }
    guard let archive else {
      throw SafetensorsError(message: "lane \(lane): expected its weights after epoch \(epoch)")
    }
    return try SafetensorsImage.read(archive.teacherFile(of: lane, epoch: epoch), sha256: nil)
  }
}

/// A student's own copy of its teacher's network, for inference.
final class Teacher {
  /// The epochs after which the weights are the teacher's; 0 for none yet.
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

  /// What a lane shows its students: parameters and running statistics, and whether its weights are float still.
  static func image(of network: Network, usesFloatWeights: Bool) throws -> SafetensorsImage {
    try SafetensorsImage(
      network.namedState.map { ($0.name, .tensor($0.tensor)) },
      metadata: [weightsPart: usesFloatWeights ? floatWord : "binary", "format": "signflip teacher 1"])
  }

  private static let weightsPart = "latent weights are used as"
  private static let floatWord = "float"

  /// Takes the weights over that the teacher had after an epoch.
  /// - Throws: `SafetensorsError` where they are of another network.
  func take(_ image: SafetensorsImage, epoch: Int) throws {
    for (name, tensor) in network.namedState { try image.copy(name, into: tensor) }
    network.prepareOperands(image.metadata[Teacher.weightsPart] == Teacher.floatWord ? .values : .signs, compute)
    self.epoch = epoch
  }

  /// The teacher's logits of a batch, shape `[batch, classes]`; they hold until the next call.
  func logits(of images: Tensor) -> Tensor {
    // A copy: a layer may take the place of its input, which the student reads too.
    input.copy(from: images)
    return network.forward(input, PassContext(compute: compute, isTraining: false, workspace: workspace))
  }
}
