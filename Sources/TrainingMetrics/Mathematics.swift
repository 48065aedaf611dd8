#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

// The C library's functions, under names of our own so that one file imports it.

/// `baseᵉˣᵖᵒⁿᵉⁿᵗ`.
package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// The decimal logarithm.
package func decimalLogarithm(_ x: Double) -> Double { log10(x) }

/// `10ˣ`.
package func powerOfTen(_ x: Double) -> Double { pow(10, x) }
