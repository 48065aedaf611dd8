import EngineProtocol
import NeuralNetworks
import Tensors

// Checkpoints contain plans, including those written by older versions.

extension LanePlan {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(String.self, forKey: .name)
    drawName = try container.decode(String.self, forKey: .drawName)
    activations = try container.decodeIfPresent(Binarization.self, forKey: .activations)
    binaryWeightsFrom = try container.decodeIfPresent(Int.self, forKey: .binaryWeightsFrom)
    network = try container.decode(NetworkPlan.self, forKey: .network)
    loss = try container.decode(Loss.self, forKey: .loss)
    labelSmoothing = try container.decodeIfPresent(Float.self, forKey: .labelSmoothing)
    distillation = try container.decodeIfPresent(Distillation.self, forKey: .distillation)
    optimizer = try container.decode(Optimizer.self, forKey: .optimizer)
    schedule = try container.decode(Schedule.self, forKey: .schedule)
    batchSize = try container.decode(Int.self, forKey: .batchSize)
    epochs = try container.decode(Int.self, forKey: .epochs)
    precision = try container.decode(Precision.self, forKey: .precision)
    if let old = try? EarlierPlan(from: decoder) {
      network.method = old.method
      network.options = old.options
    }
  }
}

/// The keys of a method before plans had `MethodOptions`.
private struct EarlierPlan: Decodable {
  var method: Method
  var binarization: String
  var network: Network

  struct Network: Decodable {
    var activation: String
    var scaledGradient: String?
    var scalesInputs: Bool?
    var scalesWeights: Bool?
    var quantization: Quantization?
    var activationBits: Int?
  }

  struct Quantization: Decodable {
    var ternary: Ternary?
    var doReFa: DoReFa?

    struct Ternary: Decodable {
      var threshold: Threshold
      var isScaled: Bool
      enum CodingKeys: String, CodingKey { case threshold = "_0", isScaled }
    }

    struct Threshold: Decodable {
      var fixed: Fixed?
      struct Fixed: Decodable {
        var value: Float
        enum CodingKeys: String, CodingKey { case value = "_0" }
      }
    }

    struct DoReFa: Decodable { var bits: Int }
  }

  var options: MethodOptions {
    let ternary = network.quantization?.ternary
    func word(_ isOn: Bool) -> HyperparameterValue { .word("\(isOn)") }
    let values: [(MethodKey, HyperparameterValue?)] = [
      (.binarization, .word(binarization)), (.scaleGradient, network.scaledGradient.map { .word($0) }),
      (.inputScale, network.scalesInputs.map(word)),
      (.weightScale, (ternary?.isScaled ?? network.scalesWeights).map { .word($0 ? "mean" : "none") }),
      (.ternaryThreshold, ternary?.threshold.fixed.map { .float($0.value) }),
      (.ternaryActivation, .word(network.activation)),
      (.weightBits, network.quantization?.doReFa.map { .number(Double($0.bits)) }),
      (.activationBits, network.activationBits.map { .number(Double($0)) }),
    ]
    var options = MethodOptions()
    for key in method.keys {
      options[key] = values.first { $0.0.name == key.name }?.1 ?? key.standard
    }
    return options
  }
}
