import Foundation
import Testing

/// Links in Markdown pages lead to files that exist.
@Suite struct DocumentationTests {
  private static let pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"]
  private static let folders = ["Sources", "Tests", "themes"]

  private static func files() -> [URL] {
    var files = pages.map { Manifest.root.appending(path: $0) }
    for folder in folders {
      let enumerator = FileManager.default.enumerator(
        at: Manifest.root.appending(path: folder), includingPropertiesForKeys: nil)
      while let file = enumerator?.nextObject() as? URL {
        if file.pathExtension == "md" { files.append(file) }
      }
    }
    return files
  }

  /// The paths that a page links to, without `#` fragments.
  private static func paths(in text: String) -> [String] {
    let targets = text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }
    return targets.filter { !$0.contains("://") && !$0.hasPrefix("#") }
      .map { String($0.prefix { $0 != "#" }) }
  }

  @Test func linksPointAtFilesThatExist() throws {
    var count = 0
    for page in Self.files() {
      for path in Self.paths(in: try String(contentsOf: page, encoding: .utf8)) {
        let file = page.deletingLastPathComponent().appending(path: path).standardizedFileURL
        #expect(FileManager.default.fileExists(atPath: file.path), "\(page.lastPathComponent): \(path)")
        count += 1
      }
    }
    #expect(count > 50)
  }

  @Test func everyPageOfTheCatalogIsReachedFromItsFirst() throws {
    let catalog = Manifest.root.appending(path: "Sources/signflip/signflip.docc")
    let names = try FileManager.default.contentsOfDirectory(atPath: catalog.path).filter { $0.hasSuffix(".md") }
    let first = try String(contentsOf: catalog.appending(path: "signflip.md"), encoding: .utf8)
    let linked = Set(Self.paths(in: first)).union(["signflip.md"])
    #expect(Set(names).subtracting(linked).isEmpty)
  }

  @Test func theNoticeNamesEveryTheme() throws {
    let notice = try String(contentsOf: Manifest.root.appending(path: "NOTICE"), encoding: .utf8)
    let names = Set(notice.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    let files = try FileManager.default.contentsOfDirectory(atPath: Manifest.root.appending(path: "themes").path)
    let themes = files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }
    #expect(!themes.isEmpty)
    for theme in themes { #expect(names.contains(theme), "\(theme)") }
  }

  @Test func linksAreRead() {
    let text = "[a](A.md), [b](../B.swift#L3) ([c](https://c.org/d.md)), [d](#here), ![e](e.png)"
    #expect(Self.paths(in: text) == ["A.md", "../B.swift", "e.png"])
  }
}
