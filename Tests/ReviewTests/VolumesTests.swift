// The volumes page: figures without anybody's words, links for those who may follow them, and no more.

import Cases
import Foundation
import Testing

@testable import Review

@Suite struct VolumesTests {
  @Test(arguments: ["anna", "olga", "mia"])
  func figuresWithoutWords(name: String) async throws {
    let live = try await LiveDesk.start()
    let person = try await live.signIn(name)
    for query in [
      "", "?period=day&by=category&from=2023-11-01&to=2023-12-31",
      "?period=hour&from=2023-11-14&to=2023-11-15",
    ] {
      let page = try await live.ask("GET", "/volumes" + query, cookie: person.cookie)
      #expect(page.status == 200 && page.body.contains("<svg class=\"chart\""), "\(query)")
      #expect(!page.body.contains("ada@example.org") && !page.body.contains("onerror"), "\(name) \(query)")
      // Operations see numbers only; others can follow them.
      #expect(page.body.contains("/cases?view=figure") == (name != "olga"), "\(name) \(query)")
    }
    let csv = try await live.ask("GET", "/volumes.csv?from=2023-11-01&to=2023-12-31", cookie: person.cookie)
    #expect(csv.status == 200 && csv.body.hasPrefix("table,row,column,value\r\n"))
  }

  @Test func aFigureLeadsToItsCases() async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    let whole = "&from=2023-11-01&to=2023-12-31"
    for (kind, count) in [("cases", live.ids.count), ("dismissed", 0), ("unreviewed", live.ids.count)] {
      let list = try await live.ask("GET", "/cases?view=figure&figure=\(kind)\(whole)", cookie: anna.cookie)
      #expect(list.body.components(separatedBy: "name=\"case\"").count - 1 == count, "\(kind)")
    }
    let other = try await live.ask(
      "GET", "/cases?view=figure&figure=cases&mailbox=none\(whole)", cookie: anna.cookie)
    #expect(!other.body.contains("name=\"case\""))
    // Somebody of one mailbox follows the same link and sees that mailbox's.
    let mia = try await live.signIn("mia")
    let part = try await live.ask("GET", "/cases?view=figure&figure=cases\(whole)", cookie: mia.cookie)
    let count = part.body.components(separatedBy: "name=\"case\"").count - 1
    #expect(count > 0 && count < live.ids.count)
  }

  @Test(arguments: [
    "?from=x", "?from=2026-13-01", "?from=1700-01-01", "?period=hour&from=2000-01-01&to=2026-01-01",
    "?by=%3Cscript%3E&category=%22%3E%3Cscript%3E", "?from=2026-02-01&to=2026-01-01", "?period=eon",
  ])
  func oddAddresses(query: String) async throws {
    let live = try await LiveDesk.start()
    let anna = try await live.signIn("anna")
    let page = try await live.ask("GET", "/volumes" + query, cookie: anna.cookie)
    #expect(page.status == 200 && !page.body.contains("<script>"), "\(query)")
  }

  @Test func returnsAreOfTheWhole() async throws {
    let live = try await LiveDesk.start()
    for (name, path, status) in [
      ("anna", "/reports/0", 200), ("olga", "/reports/0?from=2023-11-01&to=2023-12-31", 200),
      ("anna", "/reports/none", 404), ("mia", "/reports/0", 403), ("anna", "/reports/0?from=b&to=a", 200),
    ] {
      let person = try await live.signIn(name)
      #expect(try await live.ask("GET", path, cookie: person.cookie).status == status, "\(name) \(path)")
    }
  }
}
