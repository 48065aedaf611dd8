/// The colours and dashes of lanes, and the rest of the page's style sheet.
enum SVGStyle {
  /// The number of distinguishable lanes; further lanes reuse the styles.
  static let count = colours.count

  // After Okabe and Ito, suitable for colour-blind readers. The second colour is for dark mode.
  private static let colours = [
    ("#0072B2", "#56B4E9"), ("#D55E00", "#F28E4B"), ("#008F68", "#3CCBA0"), ("#B0568A", "#E29CC4"),
    ("#8A6D00", "#E8C64A"), ("#555B66", "#B4BBC7"), ("#4B4FC4", "#9EA2F5"), ("#A3262A", "#F08A8D"),
  ]
  private static let dashes = ["none", "7 3", "2 2.5", "9 3 2 3", "4 2", "12 4", "1 2 5 2", "6 2 1 2 1 2"]

  /// The style sheet, light and dark.
  static var sheet: String {
    let light = colours.enumerated().map { "--c\($0):\($1.0);" }.joined()
    let dark = colours.enumerated().map { "--c\($0):\($1.1);" }.joined()
    let lanes = dashes.enumerated().map { ".c\($0){--c:var(--c\($0))}.s.c\($0){stroke-dasharray:\($1)}" }.joined()
    let night = "--paper:#14171c;--ink:#e6e8eb;--soft:#9aa3af;--rule:#2a3038;--card:#1a1e24;"
    return """
      :root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#626a75;--rule:#e3e6ea;--card:#fafbfc;\(light)}
      @media screen and (prefers-color-scheme:dark){:root{\(night)\(dark)}}
      \(lanes)
      \(base)
      """
  }

  private static let base = """
    *{box-sizing:border-box}
    body{margin:0 auto;padding:40px 24px 64px;max-width:1180px;background:var(--paper);color:var(--ink);
    font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}
    h1{font-size:28px;line-height:1.2;margin:0 0 6px;font-weight:650;overflow-wrap:anywhere}
    h2{font-size:17px;margin:44px 0 14px;font-weight:620}
    .facts{display:flex;flex-wrap:wrap;gap:2px 22px;margin:0;color:var(--soft)}
    .facts b{color:var(--ink);font-weight:500}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;font-size:14px;min-width:min(100%,640px)}
    th{text-align:left;font-weight:500;color:var(--soft);white-space:nowrap}
    th,td{padding:7px 28px 7px 0;border-bottom:1px solid var(--rule);vertical-align:top}
    th:last-child,td:last-child{padding-right:0}
    .wide table{width:100%}.wide th,.wide td{padding-right:18px}.wide td:last-child,.wide th:last-child{padding-right:0}
    .n{text-align:right;white-space:nowrap}
    .w{white-space:nowrap}
    code{font:12.5px/1.5 ui-monospace,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:18px}
    .small{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:14px}
    figure{margin:0;padding:14px 16px 10px;border:1px solid var(--rule);border-radius:8px;background:var(--card);
    break-inside:avoid;min-width:0}
    figcaption{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;font-weight:550;margin-bottom:4px}
    .small figcaption{font-size:13px}
    .key{font-weight:400;font-size:13px;color:var(--soft);white-space:nowrap}
    .key svg{width:26px;height:8px;margin-right:6px;vertical-align:middle}
    .note{color:var(--soft);font-size:13px;font-weight:400}
    p.note{margin:0 0 12px}
    svg{display:block;width:100%;height:auto}
    .key svg{display:inline-block}
    .a{font-size:11.5px;fill:var(--soft)}.ml{font-size:10px;fill:var(--soft)}
    .bars .a{font-size:10px}
    .g{stroke:var(--rule);fill:none}.t{stroke:var(--soft);fill:none;opacity:.6}
    .s{stroke:var(--c);fill:none;stroke-width:1.7;stroke-linejoin:round}
    .b{fill:var(--c);opacity:.16}.p,.h{fill:var(--c)}.h{opacity:.85}
    .m{stroke:var(--c);fill:none;stroke-dasharray:3 3;opacity:.75}
    .ghost{opacity:.45;stroke-width:1.2}
    @page{margin:14mm}
    @media print{body{padding:0;max-width:none;font-size:11px}table{font-size:10px}h2{break-after:avoid}
    .charts{grid-template-columns:1fr 1fr}.small{grid-template-columns:repeat(4,1fr)}tr{break-inside:avoid}}
    """
}
