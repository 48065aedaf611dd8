import EngineProtocol
import TrainingMetrics

/// The lessons of `signflip learn`.
package enum Lessons {
  /// Every lesson, in order.
  package static let all = [flips, latentWeights, learningRate, stochastic, bits]

  private static let name = "binary"

  private static func experiment(_ lanes: String) -> String {
    """
    name: lesson
    dataset: digits
    seed: 1
    defaults:
      hidden: [128, 128]
      batchNormalization: true
      outputNormalization: true
      loss: crossEntropy
      optimizer: adam
      schedule: constant
      learningRate: 1e-3
      batchSize: 128
      epochs: 1000
    lanes:
    \(lanes)
    """
  }

  private static let oneLane = experiment("  - {name: binary, method: binaryConnect}")

  private static func percent(_ share: Double?) -> String {
    share.map { NumberFormat.significant($0 * 100, digits: 2) + " %" } ?? Figure.unknown
  }

  // MARK: 1

  private static let flips = Lesson(
    name: "flips", title: "What a sign flip is", experiment: oneLane,
    tasks: [
      LessonTask(
        text: { _ in
          """
          This network learns to read handwritten digits. Each of its weights has one bit: it is −1 or +1. So training cannot make a weight a little \
          larger or smaller. It can only turn −1 into +1, or +1 into −1. That is a sign flip.
          """
        },
        request: { "Press \($0.key(.flips)) to open the screen flips." },
        isDone: { $0.screen == .flips && $0.lane(name) != nil },
        outcome: { scene in
          """
          There is a row for each layer. The curve shows which share of its weights flips in an update. An update is one step of training, after \
          a batch of 128 images. The bars count how often each weight has flipped so far.
          """
        }),
      LessonTask(
        text: { _ in
          "Thousands of updates are too many to follow. But you can make training wait, and do single updates."
        },
        request: { "Press \($0.key(.pause)) to pause. Then press \($0.key(.step)) three times; each does one update." },
        isDone: { ($0.memory.steps[name] ?? 0) >= 3 },
        outcome: { scene in
          guard let lane = scene.lane(name) else { return "" }
          let weights = FlipStatistics.total(lane.snapshot?.flips ?? []).weights
          let rates = lane.series(.flipRate).points.suffix(3).map { Double($0.value) }
          let counts = rates.map { NumberFormat.grouped(Int(($0 * Double(weights)).rounded())) }
          return """
            Of \(NumberFormat.grouped(weights)) weights, \(counts.joined(separator: ", then ")) have flipped. All the others kept their sign. \
            Such small changes are all the learning there is.
            """
        }),
      LessonTask(
        text: { _ in "When a network begins to learn, many signs are wrong, and many flip. Let us see how that goes on."
        },
        request: { "Press \($0.key(.resume)) to go on, and wait until two epochs have ended (about ten seconds)." },
        isDone: { $0.epochs(name) >= 2 && $0.lane(name)?.state != .paused },
        outcome: { scene in
          let lane = scene.lane(name)
          let first = lane?.reports.first { $0.epoch == 1 }?.flipRate
          let flips = FlipStatistics.total(lane?.snapshot?.flips ?? [])
          let never = flips.weights > 0 ? Double(flips.weightsByFlips.first ?? 0) / Double(flips.weights) : nil
          return """
            In the first epoch \(percent(first)) of the weights flipped in an update, now \(percent(lane?.recent(.flipRate, 100))). The accuracy \
            is \(scene.accuracy(name)). \(percent(never)) of the weights have never flipped. Few flips mean that the network has settled; \
            many flips without better accuracy mean that the same weights go to and fro.
            """
        }),
    ])

  // MARK: 2

  private static let latentWeights = Lesson(
    name: "latent-weights", title: "Why latent weights are floats", experiment: oneLane,
    tasks: [
      LessonTask(
        text: { _ in
          """
          Training asks for small changes, but a bit cannot change a little. So the trainer keeps a float for each weight, its latent weight. The \
          network computes with the sign of this float: −1 below zero, else +1. Each update moves the float a little. When it crosses \
          zero, the sign flips.
          """
        },
        request: { "Wait for the end of an epoch, then press \($0.key(.weights)) to open the screen weights." },
        isDone: { $0.screen == .weights && $0.epochs(name) >= 1 },
        outcome: { scene in
          let lane = scene.lane(name)
          let histogram = Histogram.sum(lane?.snapshot?.latentWeights ?? [])
          let counts = histogram?.counts ?? []
          let middle = counts.indices.filter {
            abs(Double($0) + 0.5 - Double(counts.count) / 2) <= Double(counts.count) / 20
          }
          let total = counts.reduce(0, +)
          let near = total > 0 ? Double(middle.reduce(0) { $0 + counts[$1] }) / Double(total) : nil
          return """
            The histogram shows the latent weights of a layer; they lie between −1 and +1. \(percent(near)) of all are nearer to zero than 0.1: these \
            can flip soon. One far from zero needs many steps in the same direction. The images show a unit's latent weights beside their signs.
            """
        }),
      LessonTask(
        text: { _ in
          """
          The learning rate is the size of a step; now it is 0.001. Make the steps a hundred times smaller. The floats still move. What do you \
          expect of the flips?
          """
        },
        request: {
          "Press \($0.key(.flips)) to watch the flips. Type \($0.key(.command))set learningRate 1e-5 and enter, then wait some seconds."
        },
        isDone: { scene in
          (scene.value(.learningRate, of: name) ?? 1) <= 1e-5
            && (scene.updates(name, sinceChangeOf: .learningRate) ?? 0) >= 200
        },
        outcome: { scene in
          """
          \(percent(scene.before(name)?.flipRate)) of the weights flipped in an update before, \
          \(percent(scene.lane(name)?.recent(.flipRate, 100))) now. A single step is far too small to flip a sign. The float adds up these steps; \
          after many in one direction the sign flips. With bits alone every small step would be lost.
          """
        }),
      LessonTask(
        text: { _ in "Now take the old steps again. Changes of values can be undone." },
        request: { "Press \($0.key(.undo)) to undo the change." },
        after: [HyperparameterSetting(.learningRate, .number(1e-5))],
        isDone: { scene in
          (scene.value(.learningRate, of: name) ?? 0) > 1e-4
            && (scene.updates(name, sinceChangeOf: .learningRate) ?? 0) >= 100
        },
        outcome: { scene in
          """
          The signs flip again: \(percent(scene.lane(name)?.recent(.flipRate, 50))) of the weights in an update. The floats are for training \
          only. What is exported at the end are the signs: one bit for each weight.
          """
        }),
    ])

  // MARK: 3

  private static let learningRate = Lesson(
    name: "learning-rate", title: "When the learning rate is too high", experiment: oneLane,
    tasks: [
      LessonTask(
        text: { _ in
          """
          The learning rate decides how far each update moves the latent weights. If it is too high, they jump over zero and back. Let us do that on \
          purpose, after the network has learned a little.
          """
        },
        request: { "Wait for the end of epoch 1. Then type \($0.key(.command))set learningRate 0.3 and enter." },
        isDone: { scene in
          (scene.value(.learningRate, of: name) ?? 0) >= 0.1
            && (scene.updates(name, sinceChangeOf: .learningRate) ?? 0) >= 100
        },
        outcome: { scene in
          let now = scene.lane(name)?.recent(.flipRate, 50)
          let ratio = now.flatMap { now in scene.before(name)?.flipRate.map { now / max($0, 1e-9) } }
          let times =
            ratio.map {
              $0 > 1.5 && $0 < 1e4 ? ", \(NumberFormat.significant($0, digits: 2)) times as many as before" : ""
            } ?? ""
          return """
            \(percent(now)) of the weights flip in an update\(times). A latent weight now moves by up to 0.3, so it crosses zero, and with the next \
            batch it comes back. Your change is marked in the charts.
            """
        }),
      LessonTask(
        text: { _ in
          "What does the network make of that? The journal lists the end of each epoch, your changes, and alarms of the health watch."
        },
        request: { "Press \($0.key(.journal)) to open the journal, and wait until an epoch has ended." },
        after: [HyperparameterSetting(.learningRate, .number(0.3))],
        isDone: { $0.screen == .journal && $0.epochs(name) >= 1 },
        outcome: { scene in
          let best = scene.lane(name)?.reports.map(\.validationAccuracy).max()
          return """
            The accuracy is \(scene.accuracy(name)); the best was \(best.map { NumberFormat.percent($0, decimals: 1) } ?? Figure.unknown). Many \
            flips and a worse network: that is a flip storm. If an alarm appears at the bottom, it names what it saw and offers a change.
            """
        }),
      LessonTask(
        text: { scene in
          """
          The rescue is simple: smaller steps. All latent weights are clipped to −1...+1, so none is far away. \(scene.key(.undo)) undoes your change; if the health \
          watch offers a lower rate, \(scene.key(.accept)) accepts it.
          """
        },
        request: { "Press \($0.key(.undo)), and wait until an epoch has ended." },
        after: [HyperparameterSetting(.learningRate, .number(0.3))],
        isDone: { scene in
          (scene.value(.learningRate, of: name) ?? 1) < 0.1 && scene.epochs(name, sinceChangeOf: .learningRate) >= 1
        },
        outcome: { scene in
          """
          \(percent(scene.lane(name)?.recent(.flipRate, 50))) of the weights flip now, and the accuracy is \(scene.accuracy(name)). So, if the \
          flip rate stays high and the accuracy does not rise, lower the learning rate. On a long run you can also rewind to a checkpoint \
          (\(scene.key(.checkpoints))).
          """
        }),
    ])

  // MARK: 4

  private static let stochastic = Lesson(
    name: "stochastic", title: "Stochastic against deterministic",
    experiment: experiment(
      """
        - {name: deterministic, method: binaryConnect}
        - {name: stochastic, method: binaryConnect, binarization: stochastic}
      """),
    tasks: [
      LessonTask(
        text: { _ in
          """
          Two lanes train side by side on the same batches. In the first, a weight is the sign of its latent weight. In the second, chance decides in \
          each batch: a latent weight of 0.8 becomes +1 with a probability of 90 %, one of 0 with 50 %, one of −0.8 with 10 %.
          """
        },
        request: { "Press \($0.key(.compare)) to see both lanes in one chart, and wait until an epoch has ended." },
        isDone: { $0.screen == .compare && $0.epochs("stochastic") >= 1 && $0.epochs("deterministic") >= 1 },
        outcome: { scene in
          func loss(_ name: String) -> String {
            scene.lane(name)?.recent(.trainLoss, 100).map { NumberFormat.significant($0, digits: 2) } ?? Figure.unknown
          }
          return """
            The loss measures the mistakes; lower is better. On the training images it is \(loss("deterministic")) for deterministic and \
            \(loss("stochastic")) for stochastic: chance makes training harder. It is a noise that keeps a network from learning its training \
            images by heart.
            """
        }),
      LessonTask(
        text: { _ in "Is it really the chance? You can take it away while the lane trains, and all else stays the same."
        },
        request: {
          "Type \($0.key(.command))set stochastic.binarization deterministic and enter, and wait until an epoch has ended."
        },
        isDone: { scene in
          scene.epochs("stochastic", sinceChangeOf: .binarization) >= 1
        },
        outcome: { scene in
          func figure(_ value: Double?) -> String {
            value.map { NumberFormat.significant($0, digits: 2) } ?? Figure.unknown
          }
          return """
            Its training loss was \(figure(scene.before("stochastic")?.loss)) and is \(figure(scene.lane("stochastic")?.recent(.trainLoss, 100))) \
            now; the change is marked in the chart. For exported bits take deterministic signs: there is no chance in them. Small networks do better without chance; large ones on few \
            images can gain from it.
            """
        }),
    ])

  // MARK: 5

  private static let bits = Lesson(
    name: "bits", title: "What bits save",
    experiment: experiment(
      """
        - {name: baseline, method: baseline}
        - {name: binary, method: binaryConnect}
      """),
    tasks: [
      LessonTask(
        text: { _ in
          """
          The lane baseline is an ordinary network with float weights of 32 bits. The lane binary needs one bit for each weight. Its floats are needed \
          only in training. Let us pack it as it would be put on a device.
          """
        },
        request: { "Wait for the end of an epoch, then press \($0.key(.deploy)) to pack the binary lane." },
        isDone: { $0.memory.packing != nil && $0.screen == .deploy },
        outcome: { scene in
          guard let packing = scene.memory.packing else { return "" }
          let ratio = Double(packing.floatBytes) / Double(max(1, packing.bytes))
          let comparison = packing.comparison
          return """
            \(NumberFormat.bytes(packing.floatBytes)) of floats became \(NumberFormat.bytes(packing.bytes)): \
            \(NumberFormat.significant(ratio, digits: 2)) times smaller. Not 32 times, as a few numbers stay floats. The packed network gave the same \
            answer as the trainer for \(NumberFormat.grouped(comparison.equalCount)) of \(NumberFormat.grouped(comparison.count)) images.
            """
        }),
      LessonTask(
        text: { _ in
          """
          Bits save more than memory. A processor multiplies floats one by one, or a few at a time. Of bits it compares 64 and more at once. The measurement holds \
          training for some seconds.
          """
        },
        request: { "Press \($0.key(.measure)) to measure the packed network's speed." },
        isDone: { $0.memory.timing != nil },
        outcome: { scene in
          guard let timing = scene.memory.timing else { return "" }
          func speed(_ speed: LaneTiming.Speed) -> String { NumberFormat.abbreviated(speed.imagesPerSecond) }
          return """
            Packed: \(speed(timing.packed)) images per second; with floats: \(speed(timing.float)). This network is tiny; on large \
            layers the difference grows. The first layer of this network reads pixels, which are not bits.
            """
        }),
      LessonTask(
        text: { scene in
          """
          Does a network of bits read your handwriting? On the canvas draw with the mouse, or with the arrow keys after space has put the pen \
          down. Draw a large digit with a thick line.
          """
        },
        request: {
          "Press \($0.key(.predictions)), wait for the table, press \($0.key(.draw)), draw a digit; after the answers press esc."
        },
        isDone: { $0.memory.answers != nil && !$0.isDrawing },
        outcome: { scene in
          guard let answers = scene.memory.answers else { return "" }
          let words = answers.answers.compactMap { answer -> String? in
            guard
              let place = answer.probabilities.indices.max(by: { answer.probabilities[$0] < answer.probabilities[$1] }),
              answers.classes.indices.contains(place)
            else { return nil }
            return
              "\(answer.lane) takes it for a \(answers.classes[place]) (\(NumberFormat.percent(answer.probabilities[place], decimals: 0)))"
          }
          return """
            \(words.joined(separator: "; ")). The binary lane answered with its signs, the bits that you packed. These lessons are done: \
            try signflip train, or the launcher.
            """
        }),
    ])
}
