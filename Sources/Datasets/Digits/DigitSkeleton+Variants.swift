extension DigitSkeleton {
  /// The ways to write each digit, from 0 to 9.
  static let variants: [[DigitSkeleton]] = [
    zeros, ones, twos, threes, fours, fives, sixes, sevens, eights, nines,
  ]

  private static let zeros = [
    // Closed, from the top leftwards.
    DigitSkeleton(
      weight: 5,
      Stroke([
        [0.52, 0.06], [0.30, 0.16], [0.18, 0.48], [0.28, 0.82], [0.50, 0.94], [0.74, 0.82], [0.82, 0.48], [0.70, 0.16],
        [0.50, 0.06],
      ])),
    // The ends cross at the top.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.66, 0.08], [0.40, 0.10], [0.20, 0.36], [0.22, 0.72], [0.46, 0.94], [0.74, 0.80], [0.80, 0.44], [0.66, 0.16],
        [0.42, 0.05],
      ])),
    // Left open at the top.
    DigitSkeleton(
      weight: 1,
      Stroke([
        [0.44, 0.07], [0.24, 0.26], [0.18, 0.58], [0.34, 0.90], [0.64, 0.90], [0.81, 0.58], [0.74, 0.24], [0.58, 0.10],
      ])),
  ]

  private static let ones = [
    DigitSkeleton(weight: 4, Stroke(straight: [[0.50, 0.05], [0.50, 0.95]])),
    DigitSkeleton(weight: 1, Stroke([[0.54, 0.05], [0.50, 0.50], [0.48, 0.95]])),
    // With a flag.
    DigitSkeleton(weight: 3, Stroke(straight: [[0.32, 0.25], [0.53, 0.05], [0.53, 0.95]])),
    // With a flag and a foot.
    DigitSkeleton(
      weight: 1, Stroke(straight: [[0.34, 0.22], [0.52, 0.06], [0.52, 0.93]]),
      Stroke(straight: [[0.30, 0.93], [0.74, 0.93]])),
  ]

  private static let twos = [
    // With a sharp foot.
    DigitSkeleton(
      weight: 4,
      Stroke(
        [
          [0.21, 0.27], [0.31, 0.11], [0.52, 0.05], [0.73, 0.14], [0.76, 0.34], [0.62, 0.57], [0.40, 0.77],
          [0.18, 0.94], [0.82, 0.93],
        ], corners: [7])),
    // With a loop at the foot.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.22, 0.22], [0.42, 0.06], [0.68, 0.12], [0.73, 0.34], [0.55, 0.64], [0.32, 0.88], [0.17, 0.88], [0.22, 0.74],
        [0.42, 0.78], [0.62, 0.93], [0.84, 0.88],
      ])),
    // Angular, like a Z with a round head.
    DigitSkeleton(
      weight: 1,
      Stroke([[0.20, 0.14], [0.48, 0.06], [0.76, 0.16], [0.70, 0.36], [0.20, 0.93], [0.82, 0.90]], corners: [4])),
  ]

  private static let threes = [
    DigitSkeleton(
      weight: 4,
      Stroke(
        [
          [0.22, 0.16], [0.46, 0.05], [0.71, 0.14], [0.71, 0.34], [0.42, 0.47], [0.71, 0.56], [0.79, 0.75],
          [0.56, 0.94], [0.20, 0.85],
        ], corners: [4])),
    // With a small loop in the middle.
    DigitSkeleton(
      weight: 1,
      Stroke([
        [0.24, 0.12], [0.52, 0.05], [0.72, 0.18], [0.62, 0.40], [0.42, 0.48], [0.46, 0.43], [0.70, 0.54], [0.76, 0.76],
        [0.52, 0.94], [0.21, 0.88],
      ])),
    // With a flat head.
    DigitSkeleton(
      weight: 1,
      Stroke(
        [
          [0.22, 0.07], [0.74, 0.07], [0.44, 0.40], [0.68, 0.48], [0.78, 0.70], [0.56, 0.93], [0.20, 0.86],
        ], corners: [1, 2])),
  ]

  private static let fours = [
    // Open at the top.
    DigitSkeleton(
      weight: 3, Stroke(straight: [[0.30, 0.06], [0.20, 0.57], [0.82, 0.57]]),
      Stroke(straight: [[0.66, 0.26], [0.64, 0.95]])),
    // Open and round.
    DigitSkeleton(
      weight: 2, Stroke([[0.27, 0.08], [0.22, 0.40], [0.36, 0.56], [0.68, 0.48]]),
      Stroke([[0.74, 0.07], [0.70, 0.50], [0.66, 0.95]])),
    // Closed.
    DigitSkeleton(
      weight: 2, Stroke(straight: [[0.64, 0.95], [0.64, 0.06], [0.16, 0.66], [0.86, 0.66]])),
  ]

  private static let fives = [
    // Body first, roof after.
    DigitSkeleton(
      weight: 4,
      Stroke(
        [[0.32, 0.08], [0.27, 0.44], [0.50, 0.37], [0.74, 0.50], [0.76, 0.74], [0.54, 0.94], [0.20, 0.86]],
        corners: [1]),
      Stroke(straight: [[0.31, 0.08], [0.80, 0.07]])),
    // In one stroke.
    DigitSkeleton(
      weight: 2,
      Stroke(
        [
          [0.78, 0.08], [0.36, 0.09], [0.29, 0.45], [0.56, 0.42], [0.75, 0.60], [0.68, 0.86], [0.42, 0.95],
          [0.20, 0.83],
        ], corners: [1, 2])),
    // Round, near an S.
    DigitSkeleton(
      weight: 1,
      Stroke([
        [0.76, 0.07], [0.42, 0.10], [0.30, 0.30], [0.46, 0.43], [0.70, 0.56], [0.74, 0.78], [0.50, 0.94], [0.22, 0.87],
      ])),
  ]

  private static let sixes = [
    DigitSkeleton(
      weight: 4,
      Stroke([
        [0.68, 0.06], [0.42, 0.22], [0.25, 0.52], [0.25, 0.78], [0.46, 0.94], [0.71, 0.84], [0.73, 0.64], [0.52, 0.53],
        [0.27, 0.68],
      ])),
    // With a straight back.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.46, 0.05], [0.30, 0.44], [0.24, 0.74], [0.42, 0.94], [0.68, 0.86], [0.74, 0.68], [0.56, 0.57], [0.30, 0.72],
      ])),
    // The loop curls inside.
    DigitSkeleton(
      weight: 1,
      Stroke([
        [0.62, 0.05], [0.36, 0.24], [0.22, 0.56], [0.30, 0.88], [0.58, 0.93], [0.74, 0.74], [0.60, 0.58], [0.42, 0.64],
        [0.40, 0.78],
      ])),
  ]

  private static let sevens = [
    DigitSkeleton(weight: 4, Stroke(straight: [[0.18, 0.09], [0.80, 0.08], [0.42, 0.95]])),
    // With a bent leg.
    DigitSkeleton(
      weight: 2, Stroke([[0.18, 0.10], [0.78, 0.08], [0.56, 0.42], [0.44, 0.95]], corners: [1])),
    // With a bar.
    DigitSkeleton(
      weight: 2, Stroke(straight: [[0.18, 0.09], [0.80, 0.08], [0.40, 0.95]]),
      Stroke(straight: [[0.34, 0.50], [0.74, 0.48]])),
    // With a serif at the start.
    DigitSkeleton(weight: 1, Stroke(straight: [[0.19, 0.25], [0.20, 0.09], [0.80, 0.08], [0.46, 0.95]])),
  ]

  private static let eights = [
    // In one stroke, from the upper right.
    DigitSkeleton(
      weight: 4,
      Stroke([
        [0.70, 0.17], [0.50, 0.05], [0.29, 0.17], [0.36, 0.38], [0.62, 0.55], [0.75, 0.76], [0.52, 0.95], [0.26, 0.78],
        [0.38, 0.56], [0.63, 0.38], [0.71, 0.18],
      ])),
    // Two circles.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.50, 0.06], [0.31, 0.16], [0.34, 0.40], [0.51, 0.47], [0.68, 0.39], [0.70, 0.17], [0.50, 0.06],
      ]),
      Stroke([
        [0.50, 0.47], [0.27, 0.60], [0.28, 0.84], [0.51, 0.95], [0.74, 0.84], [0.74, 0.60], [0.51, 0.47],
      ])),
    // The ends stay open at the top.
    DigitSkeleton(
      weight: 1,
      Stroke([
        [0.74, 0.08], [0.46, 0.07], [0.30, 0.24], [0.46, 0.44], [0.72, 0.66], [0.62, 0.92], [0.36, 0.90], [0.30, 0.68],
        [0.52, 0.44], [0.70, 0.20],
      ])),
  ]

  private static let nines = [
    // With a straight leg.
    DigitSkeleton(
      weight: 3,
      Stroke(
        [
          [0.73, 0.22], [0.56, 0.06], [0.33, 0.12], [0.25, 0.32], [0.40, 0.49], [0.62, 0.43], [0.74, 0.20],
          [0.68, 0.95],
        ], corners: [6])),
    // With a leg that curls to the left.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.72, 0.28], [0.62, 0.08], [0.38, 0.08], [0.25, 0.28], [0.38, 0.49], [0.62, 0.44], [0.75, 0.24], [0.76, 0.58],
        [0.64, 0.88], [0.40, 0.94], [0.25, 0.85],
      ])),
    // With a slanting leg.
    DigitSkeleton(
      weight: 2,
      Stroke([
        [0.74, 0.16], [0.48, 0.07], [0.28, 0.26], [0.38, 0.46], [0.60, 0.40], [0.76, 0.14], [0.68, 0.52], [0.50, 0.95],
      ])),
  ]
}
