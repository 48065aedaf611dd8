private import CBinaryKernels

extension Float {
  /// AP2: the power of two nearest by logarithm, with the number's sign: `sign(x)·2^round(log₂|x|)`; 0 where `|x| < 2⁻¹²⁶`.
  ///
  /// A product with it is a shift.
  /// - SeeAlso: Courbariaux et al. 2016, arXiv:1602.02830, section 1.4.
  package var nearestPower: Float { signflip_ap2(self) }
}
