package import Tensors

/// A term of the loss that latent weights alone decide: a key of every method with latent weights, and what its value adds
/// to their gradient. Each stands in a file of its own; `all` lists them.
package struct Regularizer: Sendable {
  /// The key, whose number is 0 where there is no such term.
  package let key: MethodKey
  /// Adds the term's gradient, given the key's number and the share of the training that is done.
  package let addGradient: @Sendable (Parameter, Double, Double, Compute) -> Void

  /// All regularizers. A new one is added here.
  package static let all: [Regularizer] = [.oscillationDampening]
}

extension Network {
  /// Adds the regularizers' gradients to those of latent weights, between the backward pass and the update.
  package func regularize(_ plan: NetworkPlan, progress: Double, _ compute: Compute) {
    for regularizer in Regularizer.all {
      guard let number = plan.options.number(regularizer.key), number > 0 else { continue }
      for parameter in parameters where parameter.isLatent && !(parameter.facts?.standsForFloats ?? false) {
        regularizer.addGradient(parameter, number, progress, compute)
      }
    }
  }
}
