// A regulator's return as a page that can be printed.

import Cases
import Deadlines
internal import HTTPTypes
import Monitoring

extension Pages {
  func report(_ visit: Visit) throws -> Page {
    let user = try visit.person()
    guard let definition = desk.returns[visit.parameters["name"] ?? ""] else { throw Refusal.notFound }
    // A return is of the whole organisation: half of it would be wrong.
    guard user.mailboxes == nil else { throw Refusal.role }
    let now = desk.now()
    var range = HalfYear.last(before: desk.reporting.date(now))
    var problem: String?
    if let from = visit.query["from"], let to = visit.query["to"] {
      if let first = CivilDate(from), let last = CivilDate(to), first <= last,
        (1990...2200).contains(first.year), (1990...2200).contains(last.year)
      {
        range = first...last
      } else {
        problem = "From and to are days, such as 2027-01-01, the earlier one first."
      }
    }
    let filled = try RegulatorReturn(
      definition, range: range, index: desk.index, causes: desk.causes, days: desk.reporting)
    return framed(
      "return",
      [
        "id": .text(definition.id), "from": .text("\(range.lowerBound)"), "to": .text("\(range.upperBound)"),
        "zone": .text(desk.reporting.zone.name), "calendar": .text(desk.reporting.calendar.title),
        "problem": .optional(problem), "source": .text(definition.source),
        "checkBy": .text("\(definition.checkBy)"),
        "counted": .text(desk.times.text(now, zone: desk.reporting.zone.name)),
        "incomplete": .optional(
          filled.withoutOutcome == 0
            ? nil
            : "Not complete: \(filled.withoutOutcome) cases were closed without an outcome."),
        "publish": .optional(
          filled.mustBePublished.map {
            "Opened: \(filled.opened). Results \($0 ? "must" : "need not") be published "
              + "(from \(definition.publishFrom ?? 0) on)."
          }),
        "table": .model([
          "title": .text(definition.title),
          "headings": .list((["Cause"] + definition.fields.map(\.title)).map { ["words": .text($0)] }),
          "rows": .list(
            filled.rows.map { row in
              [
                "name": .text(row.cause), "isTotal": .flag(row.cause == "all"),
                "cells": .list(row.values.map { ["words": .text($0.words)] }),
              ]
            }),
        ]),
      ], title: definition.title, visit: visit)
  }
}
