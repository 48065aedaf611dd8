package import Tensors

/// A term of the loss that depends on latent weights only: a key that every method with latent weights has, and the
/// gradient that it adds. Each regularizer is one file; `all` lists them.
package struct Regularizer: Sendable {
  /// The key; the value 0 turns the term off.
  package let key: MethodKey
  /// Adds the term's gradient, given the key's value and the fraction of the training that is done.
  package let addGradient: @Sendable (Parameter, Double, Double, Compute) -> Void

  /// All regularizers. Add a new one here.
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
