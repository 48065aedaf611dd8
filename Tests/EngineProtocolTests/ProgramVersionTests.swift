import EngineProtocol
import Foundation
import Testing

@Suite struct ProgramVersionTests {
  @Test func theNewestSectionOfTheChangelogIsOfThisVersion() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let file = folder.appending(path: "../../CHANGELOG.md").standardizedFileURL
    let text = try String(contentsOf: file, encoding: .utf8)
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("## ") }
    let versions = headings.map { $0.dropFirst(3).prefix { !$0.isWhitespace } }
    #expect(versions.first.map(String.init) == ProgramVersion.current)
    #expect(versions.allSatisfy { $0.wholeMatch(of: /\d+\.\d+\.\d+/) != nil }, "\(versions)")
  }
}
